// The typed way to the API. From: pages. To: /api/v1, under the session's cookie.
import createClient, { type Middleware } from 'openapi-fetch';
import { ProblemError, problemOf } from './problem';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

export const API_BASE = '/api/v1';

/** What the client has to know of the session; session.ts sets it. */
export const signedIn = { csrf: null as string | null, onLost: () => {} };

const session: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && signedIn.csrf !== null) {
      request.headers.set('X-MUTT-CSRF', signedIn.csrf);
    }
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return response;
    // A wrong password is a 401 too: that is told where it was typed.
    if (response.status === 401 && !schemaPath.startsWith('/session')) signedIn.onLost();
    throw await problemOf(response);
  },
  onError({ error }) {
    if (error instanceof ProblemError) return error;
    if (error instanceof Error && error.name === 'AbortError') return error;
    const detail = 'MUTT gave no answer: it may be restarting, or the network between is down.';
    return new ProblemError(0, 'No answer', detail);
  },
};

/** `api.GET('/alerts', …)`; every answer that is no success is thrown as a ProblemError. */
export const api = createClient<paths>({ baseUrl: API_BASE });
api.use(session);

/** What an answer holds, without the wrapping: `await data(api.GET('/teams'))`. */
export async function data<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

/** What an answer holds, with the ETag of its state for a later `ifMatch`. */
export async function tagged<T>(
  call: Promise<{ data?: T; response: Response }>,
): Promise<{ data: T; etag: string | null }> {
  const answer = await call;
  return { data: answer.data as T, etag: answer.response.headers.get('ETag') };
}

/** Changes only the state that was seen: the ETag, or an item's `revision`. */
export function ifMatch(state: string | number): { 'If-Match': string } {
  return { 'If-Match': typeof state === 'number' ? `"${state}"` : state };
}

/** Makes what must not be there yet. */
export const IF_NONE: { 'If-None-Match': string } = { 'If-None-Match': '*' };
