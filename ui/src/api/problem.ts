// What went wrong, as an Error. From: an answer of the API (RFC 9457), or no answer. To: Failed and forms.
import type { components } from './schema';

export type Fault = components['schemas']['Fault'];

export class ProblemError extends Error {
  override name = 'ProblemError';

  constructor(
    /** 0: there was no answer. */
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: Fault[] = [],
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail === '' ? title : `${title}: ${detail}`);
  }
}

/** Reads an answer that is no success. Proxies answer with pages of their own: then the status has to do. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const wait = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const retryAfter = Number.isFinite(wait) ? wait : null;
  const title = response.statusText === '' ? `Status ${response.status}` : response.statusText;
  try {
    const body = (await response.json()) as Partial<components['schemas']['Problem']>;
    const errors = Array.isArray(body.errors) ? body.errors : [];
    return new ProblemError(response.status, body.title ?? title, body.detail ?? '', errors, retryAfter);
  } catch {
    const detail = 'The answer does not come from MUTT: something in between may be in its way.';
    return new ProblemError(response.status, title, detail, [], retryAfter);
  }
}

/** Whatever was thrown, as a problem that can be shown. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ProblemError(0, 'This page failed', text);
}
