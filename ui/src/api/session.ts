// Who is signed in. From: GET /session. To: the client's CSRF header, the frame, and usePermission.
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { API_BASE, type Schemas, api, data, signedIn } from './client';
import { ProblemError } from './problem';

export type Session = Schemas['SessionView'];
export type Role = Schemas['Role'];

const KEY = ['/session', {}] as const;

function keep(session: Session | null): Session | null {
  signedIn.csrf = session?.csrf ?? null;
  return session;
}

async function askSession(signal: AbortSignal): Promise<Session | null> {
  try {
    return keep(await data(api.GET('/session', { signal })));
  } catch (error) {
    if (error instanceof ProblemError && error.status === 401) return keep(null);
    throw error;
  }
}

/** The session; null: nobody is signed in. */
export function useSession() {
  return useQuery<Session | null, ProblemError>({
    queryKey: KEY,
    queryFn: ({ signal }) => askSession(signal),
    staleTime: 60_000,
  });
}

/** Whoever is signed in, on a page that only they get to. */
export function useMe(): Session {
  const { data: session } = useSession();
  if (session === undefined || session === null) throw new Error('nobody is signed in');
  return session;
}

/** A 401 anywhere says that the session is over: the frame then leads to the sign-in. */
export function watchSession(cache: QueryClient): void {
  signedIn.onLost = () => cache.setQueryData(KEY, keep(null));
}

export function useSessionChanges() {
  const cache = useQueryClient();
  const begin = (session: Session) => cache.setQueryData(KEY, keep(session));
  const end = () => {
    cache.setQueryData(KEY, keep(null));
    // What one person saw is not there for the next.
    cache.removeQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
  };
  return {
    signIn: async (name: string, password: string) => begin(await data(api.POST('/session', { body: { name, password } }))),
    setPassword: async (old: string, another: string) =>
      begin(await data(api.PUT('/session/password', { body: { old, new: another } }))),
    signOut: async (all: boolean) => {
      await api.DELETE('/session', { params: { query: { all } } });
      end();
    },
  };
}

/** Whether people may sign in at a provider of OpenID Connect: the path that begins it leads away then. */
export async function hasProvider(signal: AbortSignal): Promise<boolean> {
  const response = await fetch(`${API_BASE}/session/oidc`, { redirect: 'manual', signal });
  return response.type === 'opaqueredirect';
}

const WANTED = 'mutt-wanted';

/** Keeps where somebody wanted to go, over the way to a provider and back to `/`. */
export function keepWanted(to: string): void {
  sessionStorage.setItem(WANTED, to);
}

export function takeWanted(): string | null {
  const to = sessionStorage.getItem(WANTED);
  sessionStorage.removeItem(WANTED);
  return to === null ? null : localPath(to);
}

/** A path of these pages; anything else, as an address of another site, becomes `/`. */
export function localPath(to: string | null): string {
  return to !== null && /^\/(?![/\\])/.test(to) ? to : '/';
}
