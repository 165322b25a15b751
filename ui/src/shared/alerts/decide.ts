// What people do with alerts, one or many. From: pages' buttons and keys. To: POST /alerts/{id}/decisions,
// a few at a time, and one notice of what came of it.
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { type Schemas, api } from '@/api/client';
import { asProblem } from '@/api/problem';
import { useAskAgain } from '@/api/query';
import { plural } from '../format';
import { type Outcome, said } from './outcome';

export type Decision = Schemas['Decision'];
type AlertView = Schemas['AlertView'];

const AT_ONCE = 6;

async function send(alert: AlertView, decision: Decision): Promise<Outcome> {
  try {
    const { response } = await api.POST('/alerts/{id}/decisions', {
      params: { path: { id: alert.id } },
      body: decision,
    });
    return { alert, state: response.status === 202 ? 'accepted' : 'done' };
  } catch (error) {
    return { alert, state: 'failed', problem: asProblem(error) };
  }
}

async function sendAll(alerts: readonly AlertView[], decision: Decision): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...alerts];
  const work = async () => {
    for (let alert = waiting.shift(); alert !== undefined; alert = waiting.shift()) {
      // Each worker has one on its way at a time; there are AT_ONCE of them.
      // oxlint-disable-next-line no-await-in-loop
      outcomes.push(await send(alert, decision));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcomes;
}

/** `decide(alerts, {do: 'take'})`; resolves to whether all of it was done. */
export function useDecide() {
  const again = useAskAgain();
  const [isDeciding, setDeciding] = useState(false);
  const decide = async (alerts: readonly AlertView[], decision: Decision): Promise<boolean> => {
    if (alerts.length === 0) return false;
    setDeciding(true);
    const outcomes = await sendAll(alerts, decision);
    setDeciding(false);
    void again(['/alerts', '/alerts/{id}']);
    const failed = outcomes.filter((one) => one.state === 'failed');
    notifications.show({
      title: said(decision.do, outcomes),
      message: failed.length === 0 ? '' : failed[0]?.problem?.message,
      color: failed.length > 0 ? 'red' : undefined,
      autoClose: failed.length > 0 ? 12_000 : 4_000,
      closeButtonProps: { 'aria-label': 'Close the notice' },
    });
    return failed.length === 0;
  };
  return { decide, isDeciding };
}

/** `1 alert of core-1`, `3 alerts`: what a dialog or a button is about. */
export function namesOf(alerts: readonly AlertView[]): string {
  const [first] = alerts;
  return alerts.length === 1 && first !== undefined ? first.summary : plural(alerts.length, 'alert');
}
