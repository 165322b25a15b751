// Questions and changes as hooks. From: pages. To: the client, and the cache of react-query.
//
// A question's key is its path as the OpenAPI document has it, then its parameters: so a change says by
// paths what is to be asked again.
import {
  QueryClient,
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { api, data } from './client';
import { usePollWhenNotLive } from './live';
import { ProblemError } from './problem';
import type { paths } from './schema';

type JsonOf<Operation> = Operation extends { responses: { 200: { content: { 'application/json': infer Body } } } }
  ? Body
  : never;

/** The paths that can be asked for JSON. */
export type GetPath = {
  [P in keyof paths]: paths[P] extends { get: infer Get } ? ([JsonOf<Get>] extends [never] ? never : P) : never;
}[keyof paths];

/** What a path answers. */
export type Answer<P extends GetPath> = paths[P] extends { get: infer Get } ? JsonOf<Get> : never;

/** What a path may be asked with: `{query, path}`. */
export type Params<P extends GetPath> = paths[P] extends { get: { parameters: infer All } }
  ? Omit<All, 'header' | 'cookie'>
  : never;

export type Item<P extends GetPath> = Answer<P> extends { items: (infer I)[] } ? I : never;

type PagedPath = { [P in GetPath]: Answer<P> extends { items: unknown[]; next?: string | null } ? P : never }[GetPath];

function mayHelp(failures: number, error: Error): boolean {
  const passing = error instanceof ProblemError && (error.status === 0 || error.status >= 502);
  return passing && failures < 2;
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5_000, retry: mayHelp, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}

/** Asks one path, once. */
export function ask<P extends GetPath>(path: P, params?: Params<P>, signal?: AbortSignal): Promise<Answer<P>> {
  // The types of `path` and `params` belong together above; openapi-fetch cannot follow that for any path.
  const get = api.GET as unknown as (path: P, init: object) => Promise<{ data?: Answer<P> }>;
  return data(get(path, { params: params ?? {}, signal }));
}

interface AskOptions {
  /** Not asked while false. */
  enabled?: boolean;
  /** Asked again so often while no live changes come; default 15 s. 0: never. */
  poll_ms?: number;
  /** Asked again so often in any case: for numbers that live changes do not tell. */
  every_ms?: number;
}

/** Asks a path, keeps the answer, and shows the one before while parameters change. */
export function useGet<P extends GetPath>(path: P, params?: Params<P>, options: AskOptions = {}) {
  const poll_ms = usePollWhenNotLive(options.poll_ms);
  return useQuery<Answer<P>, ProblemError>({
    queryKey: [path, params ?? {}],
    queryFn: ({ signal }) => ask(path, params, signal),
    enabled: options.enabled ?? true,
    placeholderData: keepPreviousData,
    refetchInterval: options.every_ms ?? poll_ms,
  });
}

type Query = Record<string, unknown>;

function page<P extends PagedPath>(params: Params<P> | undefined, limit: number, after?: string): Params<P> {
  const asked = (params ?? {}) as { query?: Query };
  return { ...asked, query: { ...asked.query, limit, after } } as unknown as Params<P>;
}

/** All items of a list, page after page, at most `max`; `more`: there are more than that. */
export async function askAll<P extends PagedPath>(
  path: P,
  params?: Params<P>,
  max = 10_000,
  signal?: AbortSignal,
): Promise<{ items: Item<P>[]; more: boolean }> {
  const items: Item<P>[] = [];
  let after: string | undefined;
  do {
    const limit = Math.min(1_000, max - items.length);
    // Each page names the next: they cannot be asked side by side.
    // oxlint-disable-next-line no-await-in-loop
    const answer = (await ask(path, page(params, limit, after), signal)) as { items: Item<P>[]; next?: string | null };
    items.push(...answer.items);
    after = answer.next ?? undefined;
  } while (after !== undefined && items.length < max);
  return { items, more: after !== undefined };
}

/** All items of a list as a hook. */
export function useAll<P extends PagedPath>(path: P, params?: Params<P>, max = 10_000, options: AskOptions = {}) {
  const poll_ms = usePollWhenNotLive(options.poll_ms);
  return useQuery<{ items: Item<P>[]; more: boolean }, ProblemError>({
    queryKey: [path, params ?? {}, 'all', max],
    queryFn: ({ signal }) => askAll(path, params, max, signal),
    enabled: options.enabled ?? true,
    placeholderData: keepPreviousData,
    refetchInterval: options.every_ms ?? poll_ms,
  });
}

/** A long list that is read on at its end: `items`, and DataTable's `onEnd`. */
export function usePages<P extends PagedPath>(path: P, params?: Params<P>, limit = 200) {
  const query = useInfiniteQuery({
    queryKey: [path, params ?? {}, 'pages', limit],
    queryFn: ({ pageParam, signal }) =>
      ask(path, page(params, limit, pageParam), signal) as Promise<{ items: Item<P>[]; next?: string | null }>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  return {
    items: query.data?.pages.flatMap((one) => one.items) ?? [],
    isPending: query.isPending,
    error: query.error as ProblemError | null,
    refetch: query.refetch,
    onEnd: hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : undefined,
    isReadingOn: isFetchingNextPage,
  };
}

/** Has what these paths answered asked again: `again(['/silences', '/alerts'])`. */
export function useAskAgain(): (changed: readonly GetPath[]) => Promise<void> {
  const cache = useQueryClient();
  return async (changed) => {
    const named = new Set<unknown>(changed);
    await cache.invalidateQueries({ predicate: (query) => named.has(query.queryKey[0]) });
  };
}

interface ChangeOptions<Input, Output> {
  change: (input: Input) => Promise<Output>;
  /** The paths whose answers are others after it. */
  changes: readonly GetPath[];
  onDone?: (output: Output, input: Input) => void;
}

/** A change. Its problem is `error` of what it returns: show it by Failed, or by a form. */
export function useChange<Input, Output>({ change, changes, onDone }: ChangeOptions<Input, Output>) {
  const again = useAskAgain();
  return useMutation<Output, ProblemError, Input>({
    mutationFn: change,
    onSuccess: async (output, input) => {
      onDone?.(output, input);
      await again(changes);
    },
  });
}
