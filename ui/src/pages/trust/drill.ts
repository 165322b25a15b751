// How far a drill is. Pure.
import type { Schemas } from '@/api/client';
import { formatDuration } from '@/shared/format';

type DrillView = Schemas['DrillView'];
type StepState = Schemas['StepState'];
type WayStep = Schemas['WayStep'];

const STEPS: Record<string, string> = {
  made: 'Made',
  received: 'Received',
  stored: 'Stored',
  archived: 'Archived',
  judged: 'Judged',
  alert: 'Alert opened',
  told: 'Told',
  closed: 'Closed',
};

/** `told` of `moogsoft` → `Told moogsoft`. */
export function stepName({ step, name }: Pick<WayStep, 'step' | 'name'>): string {
  const word = STEPS[step] ?? step;
  return name == null ? word : `${word}: ${name}`;
}

export const STEP_WORDS: Record<StepState, string> = {
  done: 'done',
  waiting: 'waiting',
  failed: 'failed',
  nothing: 'not needed',
};

/** `+ 1.2 s`: since the drill was made. */
export function sinceMade(at: string | null | undefined, made: string): string {
  if (at == null) return '';
  const passed = Date.parse(at) - Date.parse(made);
  if (!Number.isFinite(passed) || passed < 0) return '';
  return `+ ${passed < 60_000 ? `${(passed / 1_000).toFixed(1)} s` : formatDuration(passed)}`;
}

/** In a sentence, for the eye and for who listens. */
export function drillText(drill: DrillView, steps: readonly WayStep[]): string {
  if (drill.state === 'arrived') {
    return `The drill arrived everywhere${drill.arrived == null ? '' : `, ${sinceMade(drill.arrived, drill.made).slice(2)} after it was made`}.`;
  }
  if (drill.state === 'incomplete') return 'The drill did not arrive everywhere in its time: look at the first step that is not done.';
  const next = steps.find((step) => step.state === 'waiting');
  return next === undefined ? 'The drill is under way.' : `The drill is under way: ${stepName(next).toLowerCase()} is next.`;
}

export const DRILL_COMMAND = 'mutt drill';
