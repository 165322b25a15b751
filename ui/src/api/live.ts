// What changes while one looks. From: server-sent events of /api/v1/live, one connection for the whole
// app. To: handlers of pages, at most a batch for each animation frame; at each connection, and when the stream
// says that it left something out, everything is asked again, since what changed meanwhile is not told.
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { Batch } from './batch';
import { API_BASE, type Schemas } from './client';

/** What the stream tells, by the event's name. */
export interface LiveEvents {
  alert: Schemas['AlertView'];
  catalog: Schemas['LiveCatalog'];
  delivery: Schemas['LiveDelivery'];
  pulse: Schemas['Pulse'];
}

export type LiveName = keyof LiveEvents;

const NAMES: readonly LiveName[] = ['alert', 'catalog', 'delivery', 'pulse'];

/** How the stream is: `since` is when that began. */
export interface LiveState {
  state: 'off' | 'connecting' | 'live' | 'broken';
  since_ms: number;
}

type Handler = (changes: never[]) => void;

const FIRST_WAIT_MS = 1_000;
const WAIT_MS_MAX = 30_000;
/** Batches are at least so far apart: a large table is not sorted again in each frame of a storm. */
const BATCH_MS = 200;

/** The time to the next attempt: twice as long each time, with chance, so that not all come at once. */
export function backOff(failures: number, chance: number): number {
  const whole = Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** failures);
  return whole / 2 + (whole / 2) * chance;
}

/** What a change is of: of two changes of one thing, the later counts. null: each counts. */
export function idOf(name: LiveName, change: Record<string, unknown>): string | null {
  if (name === 'catalog' || name === 'pulse') return name;
  if (name === 'delivery') return typeof change.number === 'number' ? String(change.number) : null;
  return typeof change.id === 'string' ? change.id : null;
}

class Live {
  private source: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private frame = false;
  private handed_at = 0;
  private failures = 0;
  private now: LiveState = { state: 'off', since_ms: Date.now() };
  private watchers = new Set<() => void>();
  private handlers = new Map<LiveName, Set<Handler>>(NAMES.map((name) => [name, new Set()]));
  private batches = new Map<LiveName, Batch<unknown>>(NAMES.map((name) => [name, new Batch()]));
  private onMissed: () => void = () => {};
  private onEnd: () => void = () => {};

  watch = (watcher: () => void) => {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  };

  state = () => this.now;

  /**
   * Begins, until the returned function is called. `onMissed`: something may have changed untold. `onEnd`: MUTT
   * ended the stream, since the session is over or since MUTT stops; if nobody stops it, it begins again.
   */
  start(onMissed: () => void, onEnd: () => void): () => void {
    this.onMissed = onMissed;
    this.onEnd = onEnd;
    this.connect();
    return () => this.stop();
  }

  listen(name: LiveName, handler: Handler): () => void {
    this.handlers.get(name)?.add(handler);
    return () => void this.handlers.get(name)?.delete(handler);
  }

  private set(state: LiveState['state']): void {
    if (this.now.state === state) return;
    this.now = { state, since_ms: Date.now() };
    for (const watcher of this.watchers) watcher();
  }

  private connect(): void {
    this.timer = null;
    if (this.now.state === 'off') this.set('connecting');
    const source = new EventSource(`${API_BASE}/live`);
    this.source = source;
    source.addEventListener('open', () => {
      this.failures = 0;
      this.set('live');
      this.onMissed();
    });
    source.addEventListener('error', () => this.lost());
    source.addEventListener('again', () => this.onMissed());
    source.addEventListener('end', () => {
      this.lost();
      this.onEnd();
    });
    for (const name of NAMES) {
      source.addEventListener(name, (event) => this.take(name, (event as MessageEvent<string>).data));
    }
  }

  /** The browser's own repetition has no back-off: this is ours. */
  private lost(): void {
    this.source?.close();
    this.source = null;
    this.set('broken');
    if (this.timer !== null) return;
    this.timer = setTimeout(() => this.connect(), backOff(this.failures, Math.random()));
    this.failures += 1;
  }

  private stop(): void {
    this.source?.close();
    this.source = null;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.failures = 0;
    this.set('off');
  }

  private take(name: LiveName, text: string): void {
    let change: unknown;
    try {
      change = JSON.parse(text);
    } catch {
      return this.onMissed();
    }
    if (typeof change !== 'object' || change === null) return this.onMissed();
    this.batches.get(name)?.add(idOf(name, change as Record<string, unknown>), change);
    if (this.frame) return;
    this.frame = true;
    const wait = Math.max(0, this.handed_at + BATCH_MS - performance.now());
    setTimeout(() => {
      // A tab in the background has no frames.
      if (document.hidden) this.hand();
      else requestAnimationFrame(() => this.hand());
    }, wait);
  }

  private hand(): void {
    this.frame = false;
    this.handed_at = performance.now();
    for (const [name, batch] of this.batches) {
      if (batch.isEmpty) continue;
      const { changes, overflown } = batch.take();
      for (const handler of this.handlers.get(name) ?? []) handler(changes as never[]);
      if (overflown) this.onMissed();
    }
  }
}

export const live = new Live();

/** Hands each frame's changes of a name to the page, as long as it is there. */
export function useLive<Name extends LiveName>(name: Name, handler: (changes: LiveEvents[Name][]) => void): void {
  const latest = useEffectEvent(handler);
  useEffect(() => live.listen(name, (changes) => latest(changes as LiveEvents[Name][])), [name]);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(live.watch, live.state);
}

/** How often a question is asked again; not at all while changes come by themselves. */
export function usePollWhenNotLive(poll_ms = 15_000): number | false {
  const { state } = useLiveState();
  return state === 'live' || poll_ms === 0 ? false : poll_ms;
}
