// An API call as a line of curl, with the key where docs/api.md has it. Pure.
import { API_BASE } from '@/api/client';

export interface ApiCall {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As the OpenAPI document has it, with values in place: `/alerts/4f…`. */
  path: string;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  /** The call changes a state that is there: `"12"`, or `*`. */
  ifMatch?: string;
}

export function pathOf({ path, query }: ApiCall): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') asked.set(name, String(value));
  }
  const text = asked.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return text === '' ? `${API_BASE}${path}` : `${API_BASE}${path}?${text}`;
}

/** In single quotes a shell changes nothing; one in the text is put in between. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

export function curlLine(call: ApiCall): string {
  const parts = ['curl', '-H "X-API-KEY: $MUTT_API_KEY"'];
  if (call.method !== 'GET') parts.push(`-X ${call.method}`);
  if (call.ifMatch !== undefined) parts.push(`-H ${quoted(`If-Match: ${call.ifMatch}`)}`);
  if (call.body !== undefined) {
    parts.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(call.body))}`);
  }
  parts.push(`"$MUTT_URL"${quoted(pathOf(call))}`);
  return parts.join(' ');
}
