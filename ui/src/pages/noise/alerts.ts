// Which alerts paged. Pure.
import type { Schemas } from '@/api/client';

export type AlertView = Schemas['AlertView'];

/** Its rule pages, and somebody was told. */
export function paged(alert: Pick<AlertView, 'handling' | 'notices'>): boolean {
  return alert.notices > 0 && (alert.handling === 'page_only' || alert.handling === 'page_and_ticket');
}
