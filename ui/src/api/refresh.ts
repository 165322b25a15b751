// Which questions are asked again when the stream tells of a change. From: live.ts. To: react-query's cache.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { type LiveName, live, useLive } from './live';
import type { GetPath } from './query';

/** What a revision of the catalog may have changed. */
const CATALOG: readonly GetPath[] = [
  '/rules',
  '/rules/{id}',
  '/rules/usage',
  '/inventory',
  '/inventory/hosts/{host}',
  '/teams',
  '/teams/{name}',
  '/settings',
  '/settings/{name}',
  '/silences',
  '/silences/{name}',
  '/maintenance',
  '/maintenance/{name}',
  '/quiet',
  '/mibs',
  '/users',
  '/keys',
  '/revisions',
  '/status',
];

function invalidate(cache: QueryClient, paths: readonly GetPath[]): void {
  const named = new Set<unknown>(paths);
  void cache.invalidateQueries({ predicate: (query) => named.has(query.queryKey[0]) });
}

/** Opens the stream while somebody is signed in. */
export function useLiveStream(isSignedIn: boolean): void {
  const cache = useQueryClient();
  useEffect(() => {
    if (!isSignedIn) return;
    // Whether the session is over, GET /session says: the frame then leads to the sign-in, and the stream stops.
    return live.start(
      () => void cache.invalidateQueries(),
      () => invalidate(cache, ['/session']),
    );
  }, [cache, isSignedIn]);
  useLive('catalog', () => invalidate(cache, CATALOG));
}

/**
 * Asks `paths` again when the stream tells of `name`, at most once in `every_ms`: for numbers and lists
 * that cannot be brought up to date from the change alone.
 */
export function useLiveRefresh(name: LiveName, paths: readonly GetPath[], every_ms = 5_000): void {
  const cache = useQueryClient();
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  const refresh = () => {
    waiting.current = null;
    invalidate(cache, paths);
  };
  useLive(name, () => {
    waiting.current ??= setTimeout(refresh, every_ms);
  });
  useEffect(
    () => () => {
      if (waiting.current !== null) clearTimeout(waiting.current);
    },
    [],
  );
}
