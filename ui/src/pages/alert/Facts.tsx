// What an alert is, as pairs of name and value; what there is nothing of is left out.
import { Anchor, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { Copy } from '@/shared/Copy';
import { Count } from '@/shared/Count';
import { Severity } from '@/shared/Severity';
import { TimeAgo } from '@/shared/TimeAgo';
import { plural } from '@/shared/format';
import { toMessage } from '@/shared/links';
import classes from './Alert.module.css';

export function Facts({ alert }: { alert: Schemas['AlertView'] }) {
  const labels = Object.entries(alert.labels);
  return (
    <dl className={classes.facts}>
      <Fact name="Devices">{alert.hosts.length > 0 && <span className="mono">{alert.hosts.join(', ')}</span>}</Fact>
      <Fact name="Site">{alert.site}</Fact>
      <Fact name="Key">{alert.key !== '' && <span className="mono">{alert.key}</span>}</Fact>
      <Fact name="Labels">{labels.map(([name, value]) => `${name} ${value}`).join(', ')}</Fact>
      <Fact name="Worst">{alert.worst !== alert.severity && <Severity severity={alert.worst} />}</Fact>
      <Fact name="Count">
        <Count value={alert.count} />
      </Fact>
      <Fact name="Last event">
        <TimeAgo at={alert.last_seen} />
      </Fact>
      <Fact name="Came back">{alert.reopened > 0 && plural(alert.reopened, 'time')}</Fact>
      <Fact name="Taken by">{alert.taken_by}</Fact>
      <Fact name="Acknowledged">{alert.acknowledged_by}</Fact>
      <Fact name="Ticket">{alert.ticket}</Fact>
      <Fact name="Ended since">{alert.ended_since}</Fact>
      <Fact name="First message">
        <MessageId id={alert.correlation_id} what="the correlation id" />
      </Fact>
      <Fact name="Ended by">{alert.cleared_by != null && <MessageId id={alert.cleared_by} what="the id of the ending message" />}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === false || children === '') return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function MessageId({ id, what }: { id: string; what: string }) {
  return (
    <Group gap={2} wrap="nowrap">
      <Anchor component={Link} to={toMessage(id)} className="mono" inherit>
        {id}
      </Anchor>
      <Copy text={id} what={what} />
    </Group>
  );
}
