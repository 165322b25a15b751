// The steps of a message from packet to page, each with its state, its time, and where it leads.
import { Anchor } from '@mantine/core';
import { type Icon, IconCheck, IconHourglass, IconMinus, IconX } from '@tabler/icons-react';
import type { CSSProperties } from 'react';
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { toAlert } from '@/shared/links';
import { formatDuration, formatExact } from '@/shared/format';
import type { Tone } from '@/shared/Sign';
import classes from './Find.module.css';

type WayStep = Schemas['WayStep'];

const SIGNS: Record<WayStep['state'], { icon: Icon; tone: Tone; text: string }> = {
  done: { icon: IconCheck, tone: 'good', text: 'done' },
  waiting: { icon: IconHourglass, tone: 'warning', text: 'waiting' },
  failed: { icon: IconX, tone: 'critical', text: 'failed' },
  nothing: { icon: IconMinus, tone: 'quiet', text: 'nothing to do' },
};

const NAMES: Record<string, string> = {
  received: 'Received',
  stored: 'Stored',
  archived: 'Archived in NetIM',
  judged: 'Judged by the rules',
  alert: 'Alert',
  told: 'Told',
};

export function Way({ steps }: { steps: readonly WayStep[] }) {
  const start_ms = steps.map((one) => Date.parse(one.at ?? '')).find((at) => !Number.isNaN(at));
  return (
    <ol className={classes.way}>
      {steps.map((step) => (
        <One key={`${step.step} ${step.name} ${step.notice_id} ${step.alert_id}`} step={step} start_ms={start_ms} />
      ))}
    </ol>
  );
}

function One({ step, start_ms }: { step: WayStep; start_ms: number | undefined }) {
  const { icon: Mark, tone, text } = SIGNS[step.state];
  return (
    <li className={classes.step}>
      <span className={classes.mark} style={{ '--tone': `var(--tone-${tone})` } as CSSProperties}>
        <Mark size={14} aria-hidden />
      </span>
      <div className={classes.stepBody}>
        <b>{NAMES[step.step] ?? step.step}</b>
        {step.name != null && <span className={classes.dim}> {step.name}</span>}
        <span className="sr-only">, {text}:</span> <span className={classes.said}>{step.words}</span>
        {step.alert_id != null && (
          <>
            {' '}
            <Anchor component={Link} to={toAlert(step.alert_id)} size="sm" underline="always">
              Open the alert
            </Anchor>
          </>
        )}
      </div>
      <div className={classes.time}>
        {step.at == null ? (step.state === 'done' ? 'when is not kept' : text) : <When at={step.at} start_ms={start_ms} />}
      </div>
    </li>
  );
}

function When({ at, start_ms }: { at: string; start_ms: number | undefined }) {
  const after_ms = start_ms === undefined ? 0 : Date.parse(at) - start_ms;
  return (
    <>
      <time dateTime={at}>{formatExact(at)}</time>
      {after_ms > 0 && ` (+${formatDuration(after_ms)})`}
    </>
  );
}
