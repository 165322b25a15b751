// The draft against the recent past, while somebody types. From: the draft. To: Backtest.
import { useEffect, useState } from 'react';
import type { Schemas } from '@/api/client';
import { type RuleValue, asLive } from '../model/rule';
import { BacktestRun, IDLE, type RunState } from './backtestRun';

const WAIT_MS = 800;
const HOUR_MS = 3_600_000;

export interface Past extends RunState {
  /** The report is of the draft as it is now. */
  isOfNow: boolean;
  again: () => void;
}

/** What the report answers. */
interface Asked {
  body: string | null;
  hours: number;
  /** How often somebody wanted it anew. */
  round: number;
}

/** `rule`: null while there is nothing to try. */
export function useBacktest(rule: RuleValue | null, hours: number): Past {
  const body = rule === null ? null : JSON.stringify(asLive(rule));
  const [state, setState] = useState<RunState & Asked>({ ...IDLE, body: null, hours, round: 0 });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (body === null) return;
    const from = new Date(Date.now() - hours * HOUR_MS).toISOString();
    const wanted: Schemas['NewBacktest'] = { rules: [JSON.parse(body) as Schemas['Rule']], keep: true, from };
    const tell = (change: Partial<RunState>) =>
      setState((now) => ({ ...now, ...change, ...(change.report ? { body, hours, round } : {}) }));
    const run = new BacktestRun(wanted, tell);
    const timer = setTimeout(() => void run.start(), WAIT_MS);
    return () => {
      clearTimeout(timer);
      run.stop();
    };
  }, [body, hours, round]);
  const isOfNow = state.body === body && state.hours === hours && state.round === round;
  return { ...state, isOfNow, again: () => setRound(round + 1) };
}
