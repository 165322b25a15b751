// One alert beside the list: what it says, why it is there, the message that opened it.
import { Anchor, Drawer, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Copy } from '@/shared/Copy';
import { Raw } from '@/shared/Raw';
import { Severity } from '@/shared/Severity';
import { StateBadge } from '@/shared/StateBadge';
import { TimeAgo } from '@/shared/TimeAgo';
import { formatNumber, plural } from '@/shared/format';
import classes from './Now.module.css';
import type { AlertView } from './filter';

interface PeekProps {
  alert: AlertView | null;
  onClose: () => void;
}

export function Peek({ alert, onClose }: PeekProps) {
  return (
    <Drawer opened={alert !== null} onClose={onClose} position="right" size="lg" title="Alert">
      {alert !== null && <Shown alert={alert} />}
    </Drawer>
  );
}

function Shown({ alert }: { alert: AlertView }) {
  const { hosts, host, quiet, reopened } = alert;
  return (
    <Stack>
      <Text fw={600} size="md">
        {alert.summary}
      </Text>
      <Group gap="xs">
        <Severity severity={alert.severity} filled />
        <StateBadge state={alert.state} tone={alert.state === 'open' ? 'warning' : undefined} />
        {alert.flapping && <StateBadge state="flapping" />}
      </Group>
      <dl className={classes.facts}>
        <Fact name="Device">
          <span className="mono">{hosts.length > 0 ? hosts.join(', ') : host}</span>
        </Fact>
        <Fact name="Where">{[alert.environment, alert.site].filter(Boolean).join(', ')}</Fact>
        <Fact name="Team">{alert.team}</Fact>
        <Fact name="Why">{alert.reason}</Fact>
        <Fact name="Quiet">{quiet.length > 0 && quiet.join('; ')}</Fact>
        <Fact name="Told">{alert.told ? plural(alert.notices, 'notice') : 'no destination knows of it'}</Fact>
        <Fact name="Began">
          <TimeAgo at={alert.first_seen} />
        </Fact>
        <Fact name="Last event">
          <TimeAgo at={alert.last_seen} />
        </Fact>
        <Fact name="Events">{formatNumber(alert.count)}</Fact>
        <Fact name="Came back">{reopened > 0 && plural(reopened, 'time')}</Fact>
        <Fact name="Taken by">{alert.taken_by}</Fact>
        <Fact name="Acknowledged by">{alert.acknowledged_by}</Fact>
        <Fact name="Ticket">{alert.ticket}</Fact>
        <Fact name="Runbook">{alert.runbook != null && <Runbook text={alert.runbook} />}</Fact>
        <Fact name="Message">
          <Id text={alert.correlation_id} />
        </Fact>
      </dl>
      <Raw text={alert.text} what="the message that opened it" />
    </Stack>
  );
}

/** What there is nothing of is left out. */
function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === false || children === '') return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Id({ text }: { text: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <span className="mono">{text}</span>
      <Copy text={text} what="the id of the message" />
    </Group>
  );
}

/** Only an address of the web becomes a link: rules are written by people. */
function Runbook({ text }: { text: string }) {
  if (!/^https?:\/\//.test(text)) return text;
  return (
    <Anchor href={text} target="_blank" rel="noreferrer" inherit>
      {text}
    </Anchor>
  );
}
