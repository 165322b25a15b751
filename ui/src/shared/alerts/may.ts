// What can be done with alerts, and why not. From: alerts and who is signed in. To: buttons and keys. Pure.
import type { Session } from '@/api/session';
import type { Schemas } from '@/api/client';
import { permission } from '../permission';

type AlertView = Schemas['AlertView'];

export const ACTIONS = ['acknowledge', 'take', 'silence', 'close', 'comment'] as const;
export type Action = (typeof ACTIONS)[number];

export function isOver(alert: Pick<AlertView, 'state'>): boolean {
  return alert.state === 'cleared' || alert.state === 'closed';
}

/** The alerts of these that the action changes anything of. */
export function concerned(action: Action, alerts: readonly AlertView[]): readonly AlertView[] {
  if (action === 'acknowledge') return alerts.filter((alert) => alert.state === 'open');
  return action === 'take' || action === 'close' ? alerts.filter((alert) => !isOver(alert)) : alerts;
}

/** Why an action cannot be done; empty: it can. */
export function whyNot(action: Action, alerts: readonly AlertView[], session: Pick<Session, 'role' | 'teams'>): string {
  if (alerts.length === 0) return 'Choose an alert first: a click on its box, or j and k.';
  const teams = action === 'silence' ? [undefined] : [...new Set(alerts.map((alert) => alert.team))];
  for (const team of teams) {
    const { allowed, why } = permission(session, 'operator', team);
    if (!allowed) return why;
  }
  if (concerned(action, alerts).length > 0) return '';
  return action === 'acknowledge' ? 'It is acknowledged already, or over.' : 'It is over: it can only be commented.';
}
