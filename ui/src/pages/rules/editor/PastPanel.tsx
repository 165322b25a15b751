// What the draft would have done in the recent past, while one types. From: useBacktest. To: numbers and samples that
// lead to the messages.
import { Alert, Anchor, Button, Group, Loader, NativeSelect, Progress, Stack, Switch, Text } from '@mantine/core';
import { IconHourglass, IconRefresh } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Failed } from '@/shared/Failed';
import { formatNumber, formatShare } from '@/shared/format';
import { toOwnRule } from '@/shared/links';
import { foundOf, sentence } from '../model/past';
import classes from './Editor.module.css';
import { PastSamples } from './PastSamples';
import type { Past } from './useBacktest';

const RANGES = [
  { value: '1', label: 'last hour' },
  { value: '6', label: 'last 6 hours' },
  { value: '24', label: 'last 24 hours' },
];

interface PastPanelProps {
  past: Past;
  id: string;
  hours: number;
  isOn: boolean;
  /** Why nothing is tried at the moment; empty: it is. */
  whyNot: string;
  onHours: (hours: number) => void;
  onToggle: (isOn: boolean) => void;
}

export function PastPanel({ past, id, hours, isOn, whyNot, onHours, onToggle }: PastPanelProps) {
  const { report, isOfNow } = past;
  const isBusy = past.phase === 'running' || past.phase === 'starting';
  return (
    <Stack gap="sm">
      <Group gap="sm" justify="space-between">
        <Group gap="sm">
          <NativeSelect aria-label="How far back" data={RANGES} value={String(hours)} onChange={(event) => onHours(Number(event.currentTarget.value))} />
          <Switch size="xs" label="Try while typing" checked={isOn} onChange={(event) => onToggle(event.currentTarget.checked)} />
        </Group>
        <Button variant="subtle" leftSection={<IconRefresh size={14} aria-hidden />} disabled={whyNot !== ''} onClick={past.again}>
          Try again
        </Button>
      </Group>
      <Status past={past} whyNot={whyNot} />
      {report !== null && (
        <div className={isOfNow && whyNot === '' ? undefined : classes.stale}>
          {!isOfNow && (
            <Text size="xs" c="dimmed">
              Of the draft before:
            </Text>
          )}
          <Result id={id} report={report} isRunning={isBusy} />
        </div>
      )}
      <Text size="xs" c="dimmed">
        The draft is tried as if it were live, beside all other rules, on the messages of this time. Nobody is told, and
        nothing is changed.
      </Text>
    </Stack>
  );
}

function Status({ past, whyNot }: { past: Past; whyNot: string }) {
  if (whyNot !== '') {
    return (
      <Text size="sm" c="dimmed" role="status">
        {whyNot}
      </Text>
    );
  }
  const { phase, progress, waits, problem } = past;
  if (phase === 'waiting') {
    return (
      <Alert role="status" variant="default" icon={<IconHourglass aria-hidden />} title="Another backtest runs: waiting for it">
        {waits}
      </Alert>
    );
  }
  if (phase === 'failed' && problem !== null) return <Failed error={problem} what="It could not be tried" onRetry={past.again} />;
  if (phase === 'starting' || phase === 'running') {
    return (
      <Group gap="xs" role="status" wrap="nowrap">
        <Loader size={14} />
        <Progress value={progress * 100} aria-label="Progress of the backtest" style={{ flex: 1 }} />
        <Text size="xs" className="tabular">
          {formatShare(progress, 1)}
        </Text>
      </Group>
    );
  }
  return null;
}

function Result({ id, report, isRunning }: { id: string; report: NonNullable<Past['report']>; isRunning: boolean }) {
  const found = foundOf(report, id);
  return (
    <Stack gap="sm">
      <Text size="sm" fw={600} aria-live="polite">
        {isRunning ? 'So far: ' : ''}
        {sentence(found)}
      </Text>
      <dl className={classes.tiles} aria-label="What the draft would have done">
        <Tile name="Messages gained" value={found.own.gained} />
        <Tile name="Messages lost" value={found.own.lost} />
        <Tile name="Messages changed" value={found.own.changed} />
        <Tile name="Messages same" value={found.own.same} />
        <Tile name="Alerts gained" value={found.alerts.gained} />
        <Tile name="Alerts lost" value={found.alerts.lost} />
        <Tile name="Pages gained" value={found.pages.gained} isBad />
        <Tile name="Pages lost" value={found.pages.lost} />
      </dl>
      <Text size="xs" c="dimmed">
        {formatNumber(report.events)} messages were judged.
      </Text>
      {found.others.length > 0 && (
        <Text size="sm">
          Other rules that it touches:{' '}
          {found.others.slice(0, 6).map((one, at) => (
            <span key={one.rule}>
              {at > 0 && ', '}
              <Anchor component={Link} to={toOwnRule(one.rule)} inherit>
                {one.rule}
              </Anchor>{' '}
              ({one.lost > 0 && `−${formatNumber(one.lost)}`}
              {one.gained > 0 && ` +${formatNumber(one.gained)}`}
              {one.changed > 0 && ` ${formatNumber(one.changed)} changed`})
            </span>
          ))}
          {found.others.length > 6 && ` and ${found.others.length - 6} more`}
        </Text>
      )}
      <PastSamples report={report} />
    </Stack>
  );
}

function Tile({ name, value, isBad = false }: { name: string; value: number; isBad?: boolean }) {
  return (
    <div className={classes.tile} data-weight={isBad && value > 0 ? 'bad' : undefined}>
      <dt>{name}</dt>
      <dd>{formatNumber(value)}</dd>
    </div>
  );
}
