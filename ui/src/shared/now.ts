// What time it is, roughly: one timer for all that shows a time, and none while nothing does.
import { useSyncExternalStore } from 'react';

const TICK_MS = 5_000;

let now_ms = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;
const watchers = new Set<() => void>();

function tick(): void {
  now_ms = Date.now();
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  if (timer === null) {
    now_ms = Date.now();
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** What `read` makes of the time; the component is only drawn again when that becomes another. */
export function useTimed<T extends string | number | boolean>(read: (now_ms: number) => T): T {
  return useSyncExternalStore(watch, () => read(now_ms));
}
