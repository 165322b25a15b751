// Samples of what a draft would have done otherwise. From: a backtest's report. To: links to the messages.
import { Anchor, Group, Stack, Text } from '@mantine/core';
import { IconArrowsExchange, IconMinus, IconPlus } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { Sign } from '@/shared/Sign';
import { formatClock, formatNumber, plural } from '@/shared/format';
import { toMessage } from '@/shared/links';
import classes from './Editor.module.css';

type Report = Schemas['Report'];
type Sample = Schemas['Sample'];

const SIGNS: Record<Schemas['Difference'], { icon: typeof IconPlus; tone: 'good' | 'critical' | 'info'; text: string }> = {
  gained: { icon: IconPlus, tone: 'good', text: 'gained' },
  lost: { icon: IconMinus, tone: 'critical', text: 'lost' },
  changed: { icon: IconArrowsExchange, tone: 'info', text: 'changed' },
  clear_gained: { icon: IconPlus, tone: 'good', text: 'clear gained' },
  clear_lost: { icon: IconMinus, tone: 'critical', text: 'clear lost' },
};

const SHOWN_MAX = 8;

export function PastSamples({ report }: { report: Report }) {
  const { samples, alert_samples: alerts } = report;
  return (
    <>
      {alerts.length > 0 && (
        <Stack gap={2}>
          <Text size="sm" fw={600}>
            Alerts that differ
          </Text>
          <ul className={classes.rows}>
            {alerts.slice(0, SHOWN_MAX).map((one) => (
              <li key={one.signature}>
                <Group gap="xs">
                  <Sign {...SIGNS[one.draft_alerts + one.draft_pages > one.live_alerts + one.live_pages ? 'gained' : 'lost']} />
                  <Anchor component={Link} inherit to={toMessage(one.cause)}>{formatClock(one.time / 1_000)}</Anchor>
                  <span className="mono">{one.host}</span>
                  <span>
                    {one.live_alerts} → {plural(one.draft_alerts, 'alert')}, {one.live_pages} → {plural(one.draft_pages, 'page')}
                  </span>
                </Group>
                {one.summary}
              </li>
            ))}
          </ul>
          <More count={Math.max(0, alerts.length - SHOWN_MAX) + report.alerts_left_out} of="alert" />
        </Stack>
      )}
      {samples.length > 0 && (
        <Stack gap={2}>
          <Text size="sm" fw={600}>
            Messages that differ
          </Text>
          <ul className={classes.rows}>
            {samples.slice(0, SHOWN_MAX).map((sample, at) => (
              // One message can differ in several ways.
              // oxlint-disable-next-line react/no-array-index-key
              <li key={at}>
                <Message sample={sample} />
              </li>
            ))}
          </ul>
          <More count={Math.max(0, samples.length - SHOWN_MAX) + report.samples_left_out} of="message" />
        </Stack>
      )}
    </>
  );
}

function Message({ sample }: { sample: Sample }) {
  const id = 'message_id' in sample && typeof sample.message_id === 'string' ? sample.message_id : null;
  const { live, draft } = sample;
  const told = (one: typeof live) => (one == null ? 'nobody’s' : `${one.rule}${one.key === '' ? '' : ` (${one.key})`}, ${one.handling}`);
  return (
    <Group gap="xs">
      <Sign {...SIGNS[sample.difference]} />
      {id === null ? formatClock(sample.time / 1_000) : (
        <Anchor component={Link} to={toMessage(id)} size="sm">
          {formatClock(sample.time / 1_000)}
        </Anchor>
      )}
      <span className="mono">{sample.host}</span>
      <span>
        {told(live)} → {told(draft)}
      </span>
    </Group>
  );
}

function More({ count, of }: { count: number; of: string }) {
  if (count === 0) return null;
  return (
    <Text size="xs" c="dimmed">
      and {formatNumber(count)} more {count === 1 ? of : `${of}s`}
    </Text>
  );
}
