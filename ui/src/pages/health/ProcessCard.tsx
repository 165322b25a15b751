// One process: what it does, since when, its checks with what to do, its journal, its archive channels.
import { Collapse, Progress, Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { Check, Process } from '@/api/reports';
import { LightSign } from '@/shared/LightSign';
import { Panel } from '@/shared/Panel';
import { Sign } from '@/shared/Sign';
import { TimeAgo } from '@/shared/TimeAgo';
import { formatBytes, formatNumber, formatShare, plural } from '@/shared/format';
import classes from './Health.module.css';
import { type CheckState, adviceFor, checkState, isCertificate, processState, processWords, rolesText, sortChecks } from './health';

export function ProcessCard({ process }: { process: Process }) {
  const checks = sortChecks(process.checks);
  const wrong = checks.filter((check) => !check.ok);
  const well = checks.filter((check) => check.ok);
  return (
    <Panel title={process.name} actions={<LightSign state={processState(process)} text={process.stale ? 'silent' : process.ready ? undefined : 'not ready'} />}>
      <p className={classes.words}>{processWords(process)}</p>
      <dl className={classes.facts}>
        <dt>Role</dt>
        <dd>{rolesText(process)}</dd>
        <dt>Version</dt>
        <dd>{process.version}</dd>
        <dt>Running since</dt>
        <dd>
          <TimeAgo at={process.started} />
        </dd>
        <dt>Said this</dt>
        <dd>
          <TimeAgo at={process.reported} />
        </dd>
        <Channels channels={process.channels} />
      </dl>
      <Journal journal={process.journal} />
      {wrong.length > 0 && (
        <ul className={classes.checks} aria-label={`What is wrong with ${process.name}`}>
          {wrong.map((check) => (
            <CheckLine key={check.name} check={check} />
          ))}
        </ul>
      )}
      <Well checks={well} name={process.name} />
    </Panel>
  );
}

function Channels({ channels }: Pick<Process, 'channels'>) {
  return channels.map((channel) => (
    <div key={channel.name} className={classes.pair}>
      <dt className="mono">{channel.name}</dt>
      <dd>
        {channel.open ? 'open' : 'not open'}, {formatNumber(channel.sent)} sent, {formatNumber(channel.confirmed)} confirmed (
        {formatBytes(channel.confirmed_bytes)}){channel.errors > 0 && `, ${plural(channel.errors, 'error')}`}
      </dd>
    </div>
  ));
}

const USED_WARN = 0.7;
const USED_DOWN = 0.9;

function Journal({ journal }: Pick<Process, 'journal'>) {
  const { used, bytes, stuck } = journal;
  const tone = used >= USED_DOWN || stuck !== null ? 'critical' : used >= USED_WARN ? 'minor' : 'good';
  const losses = [
    journal.lost > 0 && `${formatNumber(journal.lost)} positions never held a readable message`,
    journal.damaged > 0 && `${formatNumber(journal.damaged)} messages found damaged`,
    journal.dropped > 0 && `${formatNumber(journal.dropped)} messages dropped unread by choice`,
  ].filter((one) => one !== false);
  return (
    <div className={classes.journal}>
      <Text size="sm">
        Journal: {formatShare(used, 1)} of its room is needed, {formatBytes(bytes)} stored
        {stuck !== null && <strong>; nothing is taken now: {stuck}</strong>}
      </Text>
      <Progress.Root mt={4}>
        <Progress.Section value={Math.min(100, used * 100)} color={`var(--tone-${tone})`} aria-label="Room of the journal that is needed" />
      </Progress.Root>
      {losses.map((text) => (
        <Text key={text} size="sm">
          {text}
        </Text>
      ))}
    </div>
  );
}

const SIGNS: Record<CheckState, { icon: typeof IconCircleX; tone: 'good' | 'minor' | 'critical' }> = {
  ok: { icon: IconCircleCheck, tone: 'good' },
  degraded: { icon: IconAlertTriangle, tone: 'minor' },
  failed: { icon: IconCircleX, tone: 'critical' },
};

function CheckLine({ check }: { check: Check }) {
  const state = checkState(check);
  const advice = check.ok ? null : adviceFor(check.name);
  return (
    <li>
      <div className={classes.check}>
        <span className="mono">{check.name}</span>
        <Sign {...SIGNS[state]} text={state} />
      </div>
      {check.wrong !== null && <div>{check.wrong}</div>}
      {check.note !== null && <div className={classes.quiet}>{check.note}</div>}
      {advice !== null && (
        <div className={classes.quiet}>
          {advice.text} More in <code>{advice.doc}</code>.
        </div>
      )}
    </li>
  );
}

/** What is well stands in one line, and opens to all of it. */
function Well({ checks, name }: { checks: readonly Check[]; name: string }) {
  const [shown, setShown] = useState(false);
  const id = useId();
  if (checks.length === 0) return null;
  const certificates = checks.filter(isCertificate).length;
  const text = `${plural(checks.length, 'check')} ok${certificates > 0 ? `, ${plural(certificates, 'certificate')} among them` : ''}`;
  return (
    <div>
      <UnstyledButton
        className={classes.more}
        aria-expanded={shown}
        aria-controls={id}
        aria-label={`${text}: ${shown ? 'hide' : 'show'} those of ${name}`}
        onClick={() => setShown(!shown)}
      >
        <IconCircleCheck size={15} color="var(--tone-good)" aria-hidden /> {text}
      </UnstyledButton>
      <div id={id}>
        <Collapse expanded={shown}>
          <ul className={classes.checks} aria-label={`What is well with ${name}`}>
            {checks.map((check) => (
              <CheckLine key={check.name} check={check} />
            ))}
          </ul>
        </Collapse>
      </div>
    </div>
  );
}
