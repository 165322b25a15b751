// Calls that rules need and the typed client has no short form for: bodies in YAML, and files. From: pages of
// rules. To: the API.
import { API_BASE, type Schemas, api, data, ifMatch } from '@/api/client';
import { problemOf } from '@/api/problem';
import { type Format, MEDIA } from './model/text';

export type RuleView = Schemas['RuleView'];
export type Saved = Schemas['Saved'];
export type Change = Schemas['Change'];
export type Fault = Schemas['Fault'];

interface PutOptions {
  why?: string;
  dryRun?: boolean;
  /** The revision that is changed; null: there is none yet; `*`: any. */
  state: number | '*' | null;
  signal?: AbortSignal;
}

function stateHeader(state: PutOptions['state']): Record<string, string> {
  if (state === null) return { 'If-None-Match': '*' };
  return state === '*' ? { 'If-Match': '*' } : ifMatch(state);
}

/** One rule as text of its format. */
export function putRule(id: string, text: string, format: Format, options: PutOptions): Promise<Saved> {
  const { why, dryRun = false, state, signal } = options;
  const call = api.PUT('/rules/{id}', {
    params: { path: { id }, query: { dry_run: dryRun, why } },
    headers: { 'Content-Type': MEDIA[format], ...stateHeader(state) },
    body: text as never,
    bodySerializer: (body: unknown) => body as string,
    signal,
  });
  return data(call);
}

interface PutSetOptions extends PutOptions {
  /** Rules that the file does not name stay. */
  keep: boolean;
}

/** Many rules at once, as one revision: a file's text. */
export function putRules(text: string, media: string, options: PutSetOptions): Promise<Saved> {
  const { why, dryRun = false, state, keep, signal } = options;
  const call = api.PUT('/rules', {
    params: { query: { dry_run: dryRun, why, keep } },
    headers: { 'Content-Type': media, ...stateHeader(state) },
    body: text as never,
    bodySerializer: (body: unknown) => body as string,
    signal,
  });
  return data(call);
}

export function deleteRule(id: string, revision: number, why: string): Promise<Saved> {
  return data(api.DELETE('/rules/{id}', { params: { path: { id }, query: { why } }, headers: ifMatch(revision) }));
}

/** The whole set as a file. */
export async function exported(media: string): Promise<string> {
  const response = await fetch(`${API_BASE}/rules/export`, { headers: { Accept: media } });
  if (!response.ok) throw await problemOf(response);
  return response.text();
}
