// What came of a decision over several alerts, in a sentence. Pure.
import type { Schemas } from '@/api/client';
import type { ProblemError } from '@/api/problem';
import { plural } from '../format';

export interface Outcome {
  alert: Schemas['AlertView'];
  /** accepted: written down, and done when the judge works again. */
  state: 'done' | 'accepted' | 'failed';
  problem?: ProblemError;
}

const DONE: Record<Schemas['Decision']['do'], string> = {
  acknowledge: 'acknowledged',
  take: 'taken',
  close: 'closed',
  comment: 'commented',
  ticket: 'given a ticket',
};

/** `3 alerts acknowledged`, `2 of 3 alerts closed; 1 failed`, `… will be done when the judge works`. */
export function said(what: Schemas['Decision']['do'], outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter((one) => one.state === 'failed').length;
  const accepted = outcomes.filter((one) => one.state === 'accepted').length;
  const good = outcomes.length - failed;
  const number = failed === 0 ? plural(good, 'alert') : `${good} of ${plural(outcomes.length, 'alert')}`;
  const parts = [`${number} ${DONE[what]}`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (accepted > 0) parts.push(`${accepted} written down, done as soon as MUTT judges again`);
  return parts.join('; ');
}
