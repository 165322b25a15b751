// Sends all dead letters of a destination again, a thousand at a time, and shows how far they are.
import { Button, Group, Progress, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useLive } from '@/api/live';
import { type Schemas, api, data } from '@/api/client';
import { useAskAgain } from '@/api/query';
import { Confirm } from '@/shared/Confirm';
import { plural } from '@/shared/format';
import { usePermission } from '@/shared/permission';
import { What } from './What';
import classes from './Delivery.module.css';
import { type Progress as Going, afterwards, progressText } from './delivery';

type Destination = Schemas['DestinationView'];
type LiveDelivery = Schemas['LiveDelivery'];

interface ReplayAllProps {
  destinations: readonly Destination[];
  /** The destination of the filter; empty: all. */
  chosen: string;
}

/** Whose letters would be sent: the chosen one's, or the only one's that has any. */
function target(destinations: readonly Destination[], chosen: string): Destination | null {
  const having = destinations.filter((one) => one.dead > 0 && (chosen === '' || one.name === chosen));
  return having.length === 1 ? (having[0] ?? null) : null;
}

export function ReplayAll({ destinations, chosen }: ReplayAllProps) {
  const [asks, setAsks] = useState(false);
  const of = target(destinations, chosen);
  const permission = usePermission('operator');
  const { going, changes, run } = useReplay();
  const dead = destinations.reduce((all, one) => all + one.dead, 0);
  if (dead === 0 && going === null) return null;
  const why = permission.allowed ? (of === null ? 'Choose a destination first: letters are sent again by destination.' : '') : permission.why;
  return (
    <div>
      {dead > 0 && (
        <Group gap="xs">
          <Button
            leftSection={<IconRefresh size={16} aria-hidden />}
            disabled={why !== '' || (going !== null && !going.isDone)}
            aria-describedby={why === '' ? undefined : 'replay-all-why'}
            onClick={() => setAsks(true)}
          >
            {of === null ? 'Send all again' : `Send all of ${of.name} again`}
          </Button>
          <Text size="sm" c="dimmed" id="replay-all-why">
            {why}
          </Text>
        </Group>
      )}
      {of !== null && (
        <Confirm
          opened={asks}
          onClose={() => setAsks(false)}
          title={`Send ${plural(of.dead, 'dead letter')} of ${of.name} again?`}
          confirm="Send them again"
          onConfirm={() => run(of)}
        >
          <What destination={of.name} />
        </Confirm>
      )}
      {going !== null && <Bar going={going} changes={changes} />}
    </div>
  );
}

function Bar({ going, changes }: { going: Going; changes: ReadonlyMap<number, LiveDelivery> }) {
  const after = afterwards(changes);
  const done = going.replayed + going.superseded;
  return (
    <div className={classes.going} role="status">
      <Text size="sm">{progressText(going, after)}</Text>
      <Progress.Root mt={6}>
        <Progress.Section value={going.total === 0 ? 100 : (100 * done) / going.total} aria-label="Put back" />
      </Progress.Root>
    </div>
  );
}

function useReplay() {
  const again = useAskAgain();
  const [going, setGoing] = useState<Going | null>(null);
  const [changes, setChanges] = useState<ReadonlyMap<number, LiveDelivery>>(new Map());
  useLive('delivery', (told) => {
    if (going === null) return;
    const known = new Map(changes);
    for (const change of told) if (change.replays > 0) known.set(change.number, change);
    setChanges(known);
  });
  const run = async ({ name, dead }: Destination) => {
    setChanges(new Map());
    let now: Going = { replayed: 0, superseded: 0, total: dead, isDone: false };
    setGoing(now);
    try {
      let put = 0;
      do {
        // A thousand at a time; the next call takes what the one before left.
        // oxlint-disable-next-line no-await-in-loop
        const answer = await data(api.POST('/deliveries/replay', { body: { destination: name } }));
        put = answer.left > 0 ? answer.replayed + answer.superseded : 0;
        now = { ...now, replayed: now.replayed + answer.replayed, superseded: now.superseded + answer.superseded };
        // With each go later ones of the same problem, so there may be more than were counted.
        now.total = Math.max(now.total, now.replayed + now.superseded + answer.left);
        setGoing(now);
      } while (put > 0);
    } finally {
      setGoing({ ...now, isDone: true });
      await again(['/deliveries', '/deliveries/{number}', '/destinations']);
    }
  };
  return { going, changes, run };
}
