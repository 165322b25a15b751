// Questions to paths that the OpenAPI document of the pages does not have yet. From: pages with types of
// their own. To: the same hooks.
import type { UseQueryResult } from '@tanstack/react-query';
import type { ProblemError } from './problem';
import { ask, useAskAgain, useGet, usePages } from './query';
import { api } from './client';
import { useLiveRefresh } from './refresh';

interface Params {
  query?: Record<string, unknown>;
  path?: Record<string, unknown>;
}

export const useUntyped = useGet as unknown as <T>(
  path: string,
  params?: Params,
  options?: { enabled?: boolean; poll_ms?: number },
) => UseQueryResult<T, ProblemError>;

export const askUntyped = ask as unknown as <T>(path: string, params?: Params, signal?: AbortSignal) => Promise<T>;

export const useUntypedAgain = useAskAgain as unknown as () => (changed: readonly string[]) => Promise<void>;

export const useUntypedRefresh = useLiveRefresh as unknown as (
  name: 'alert' | 'catalog' | 'pattern' | 'delivery' | 'pulse',
  paths: readonly string[],
  every_ms?: number,
) => void;

export const postUntyped = api.POST as unknown as <T>(
  path: string,
  init: { params?: Params; body?: unknown },
) => Promise<{ data?: T }>;

export const useUntypedPages = usePages as unknown as <Item>(
  path: string,
  params?: Params,
  limit?: number,
) => {
  items: Item[];
  isPending: boolean;
  error: ProblemError | null;
  refetch: () => Promise<unknown>;
  onEnd: (() => void) | undefined;
};
