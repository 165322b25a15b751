// Each notice that was made, with its destination, how often it was tried, and the answer.
import { Anchor, Group, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { StateBadge } from '@/shared/StateBadge';
import { TimeAgo } from '@/shared/TimeAgo';
import { plural } from '@/shared/format';
import { toDestination } from '@/shared/links';
import classes from './Alert.module.css';

interface NoticesProps {
  deliveries: readonly Schemas['DeliveryView'][];
  quiet: readonly string[];
}

export function Notices({ deliveries, quiet }: NoticesProps) {
  if (deliveries.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {quiet.length > 0 ? `None, since it is quiet: ${quiet.join('; ')}.` : 'None was made.'}
      </Text>
    );
  }
  return deliveries.map((one) => (
    <div key={`${one.destination} ${one.notice_id}`} className={classes.notice}>
      <Group gap="xs" justify="space-between">
        <Text size="sm" component="span">
          <b>{one.kind}</b> to{' '}
          <Anchor component={Link} to={toDestination(one.destination)} inherit underline="always">
            {one.destination}
          </Anchor>
        </Text>
        <StateBadge state={one.state} />
      </Group>
      <Text size="xs" c="dimmed">
        made <TimeAgo at={one.made} />, {one.attempts === 0 ? 'not tried yet' : plural(one.attempts, 'attempt')}
      </Text>
      <Text size="xs" className="mono">
        {one.answer ?? (one.state === 'delivered' ? 'taken, without words' : 'no answer yet')}
      </Text>
    </div>
  ));
}
