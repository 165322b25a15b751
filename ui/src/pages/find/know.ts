// The search of messages and a message's way, until the client's types have them. From: GET /messages and
// GET /messages/{id}/way. To: the page.
import { API_BASE, signedIn } from '@/api/client';
import { problemOf } from '@/api/problem';

export interface FoundMessage {
  id: string;
  appended: string;
  received: string;
  kind: string;
  input: string;
  peer: string | null;
  host: string;
  severity: string | null;
  text: string;
  outcome: string;
  rule: string | null;
}

export interface FoundPage {
  items: FoundMessage[];
  looked_at: number;
  truncated: boolean;
  next: string | null;
}

export interface WayStep {
  step: string;
  name: string | null;
  state: 'done' | 'waiting' | 'failed' | 'nothing';
  at: string | null;
  words: string;
  alert_id: string | null;
  notice_id: string | null;
}

export interface MessageWay {
  id: string;
  host: string;
  steps: WayStep[];
}

async function get<T>(path: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(API_BASE + path, { signal });
  if (response.status === 401) signedIn.onLost();
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
}

export function findMessages(asked: Record<string, string>, after: string | undefined, signal: AbortSignal): Promise<FoundPage> {
  const query = new URLSearchParams(asked);
  if (after !== undefined) query.set('after', after);
  return get(`/messages?${query}`, signal);
}

export function messageWay(id: string, signal: AbortSignal): Promise<MessageWay> {
  return get(`/messages/${encodeURIComponent(id)}/way`, signal);
}
