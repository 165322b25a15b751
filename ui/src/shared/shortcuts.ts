// Keys that do something, wherever the focus is but in a field: `n`, `?`, or one after another, `g n`.
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';

export interface Shortcut {
  keys: string;
  /** What it does; the help shows it. */
  what: string;
  group: string;
  run: () => void;
}

const SEQUENCE_MS = 1_000;

let known: readonly Shortcut[] = [];
let pressed = '';
let pressed_at = 0;
const watchers = new Set<() => void>();

function set(shortcuts: readonly Shortcut[]): void {
  known = shortcuts;
  for (const watcher of watchers) watcher();
}

/** Keys belong to whoever is typed into, and to an open dialog. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target as HTMLElement | null;
  if (target?.closest('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable="true"], [role="combobox"]') != null) return true;
  return document.querySelector('[role="dialog"][aria-modal="true"], [role="menu"]') !== null;
}

function onKeyDown(event: KeyboardEvent): void {
  if (isTaken(event) || event.key === 'Shift') return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const sequence = event.timeStamp - pressed_at < SEQUENCE_MS && pressed !== '' ? `${pressed} ${key}` : key;
  const found = known.findLast((one) => one.keys === sequence) ?? known.findLast((one) => one.keys === key);
  const begins = known.some((one) => one.keys.startsWith(`${key} `));
  pressed = found === undefined && begins ? key : '';
  pressed_at = event.timeStamp;
  if (found === undefined) return;
  event.preventDefault();
  found.run();
}

/** The frame calls it once. */
export function useShortcutKeys(): void {
  useEffect(() => {
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** A key of a page or component, as long as that is there; the latest of the same keys holds. */
export function useShortcut(keys: string, what: string, run: () => void, group = 'This page'): void {
  const latest = useEffectEvent(run);
  useEffect(() => {
    const one: Shortcut = { keys, what, group, run: () => latest() };
    set([...known, one]);
    return () => set(known.filter((other) => other !== one));
  }, [keys, what, group]);
}

export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    () => known,
  );
}
