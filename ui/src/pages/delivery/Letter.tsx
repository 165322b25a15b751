// One notice beside the list: why it is so, what its destination is sent, and the way to send it again.
import { Anchor, Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { type Schemas, api, data } from '@/api/client';
import { useAskAgain, useGet } from '@/api/query';
import { useLiveRefresh } from '@/api/refresh';
import { Confirm } from '@/shared/Confirm';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { Raw } from '@/shared/Raw';
import { StateBadge } from '@/shared/StateBadge';
import { TimeAgo } from '@/shared/TimeAgo';
import { formatNumber, plural } from '@/shared/format';
import { usePermission } from '@/shared/permission';
import { toAlert } from '@/shared/links';
import { What } from './What';
import classes from './Delivery.module.css';
import { adapterText } from './delivery';

type Delivery = Schemas['DeliveryView'];
type DeliveryDetail = Schemas['DeliveryDetail'];

const PATHS = ['/deliveries/{number}'] as const;

export function Letter({ number, onClose }: { number: number; onClose: () => void }) {
  return (
    <Drawer opened={number > 0} onClose={onClose} position="right" size="lg" title={`Notice ${number}`}>
      {number > 0 && <Loaded number={number} />}
    </Drawer>
  );
}

function Loaded({ number }: { number: number }) {
  const { data: detail, error, isPending } = useGet('/deliveries/{number}', { path: { number } });
  useLiveRefresh('delivery', PATHS, 500);
  if (isPending) return <Loading what="the notice" />;
  if (error !== null) return <Failed error={error} what="The notice could not be loaded" />;
  return <Shown detail={detail} />;
}

function Shown({ detail: { delivery, adapter, payload } }: { detail: DeliveryDetail }) {
  return (
    <Stack>
      <Group gap="xs">
        <StateBadge state={delivery.state} />
        <Text size="sm">
          {delivery.kind} to {delivery.destination}
        </Text>
      </Group>
      <Anchor component={Link} to={toAlert(delivery.alert_id)} fw={600}>
        {delivery.summary}
      </Anchor>
      <dl className={classes.facts}>
        <dt>Last answer</dt>
        <dd>{delivery.answer ?? 'none'}</dd>
        <dt>Device</dt>
        <dd className="mono">{delivery.host}</dd>
        <dt>Team</dt>
        <dd>{delivery.team}</dd>
        <dt>Made</dt>
        <dd>
          <TimeAgo at={delivery.made} />
        </dd>
        <dt>Tries</dt>
        <dd>{formatNumber(delivery.attempts)}</dd>
        <dt>Sent again</dt>
        <dd>{delivery.replays === 0 ? 'never' : plural(delivery.replays, 'time')}</dd>
      </dl>
      {delivery.state === 'dead' && <Replay delivery={delivery} />}
      <div>
        <Text size="sm" fw={600} mb={4}>
          What {delivery.destination} is sent ({adapterText(adapter)}), without the address and its secrets
        </Text>
        {payload === null || payload === undefined ? (
          <Text size="sm" c="dimmed">
            Not known: {delivery.destination} is in no settings of the process that serves these pages.
          </Text>
        ) : (
          <Raw text={JSON.stringify(payload, null, 2)} what="the payload" />
        )}
      </div>
    </Stack>
  );
}

function Replay({ delivery }: { delivery: Delivery }) {
  const [asks, setAsks] = useState(false);
  const { allowed, why } = usePermission('operator', delivery.team);
  const again = useAskAgain();
  const send = async () => {
    await data(api.POST('/deliveries/{number}/replay', { params: { path: { number: delivery.number } } }));
    await again(['/deliveries', '/deliveries/{number}', '/destinations']);
  };
  return (
    <div>
      <Button
        leftSection={<IconRefresh size={16} aria-hidden />}
        disabled={!allowed}
        aria-describedby={allowed ? undefined : 'replay-why'}
        onClick={() => setAsks(true)}
      >
        Send it again
      </Button>
      {!allowed && (
        <Text size="sm" c="dimmed" id="replay-why" mt={4}>
          {why}
        </Text>
      )}
      <Confirm opened={asks} onClose={() => setAsks(false)} title="Send this notice again?" confirm="Send it again" onConfirm={send}>
        <What destination={delivery.destination} />
      </Confirm>
    </div>
  );
}
