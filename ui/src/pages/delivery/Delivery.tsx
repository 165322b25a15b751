// The ways out to who is told of alerts. From: GET /destinations. To: an operator who asks why nobody was told.
import { IconSend } from '@tabler/icons-react';
import type { Destination } from '@/api/shapes';
import { useUntyped, useUntypedRefresh } from '@/api/untyped';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { plural } from '@/shared/format';
import { DestinationCard } from './DestinationCard';
import classes from './Delivery.module.css';

const PATHS = ['/destinations'];

function subtitle(destinations: readonly Destination[]): string {
  const down = destinations.filter((one) => one.state === 'down').length;
  const sum = (of: (one: Destination) => number) => destinations.reduce((all, one) => all + of(one), 0);
  const dead = sum((one) => one.dead);
  const parts = [plural(destinations.length, 'destination'), down === 0 ? 'none is down' : `${down} down`];
  parts.push(`${plural(sum((one) => one.waiting), 'notice')} waiting`, plural(dead, 'dead letter'));
  return parts.join(', ');
}

export default function Delivery() {
  const { data, error, isPending, refetch } = useUntyped<{ destinations: Destination[] }>('/destinations');
  useUntypedRefresh('pulse', PATHS, 500);
  useUntypedRefresh('delivery', PATHS, 1_000);
  return (
    <>
      <PageHead
        title="Delivery"
        subtitle={data && subtitle(data.destinations)}
        calls={[{ method: 'GET', path: '/destinations' }]}
      />
      {error !== null && <Failed error={error} what="The destinations could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="destinations" lines={8} />}
      {data?.destinations.length === 0 && (
        <Empty title="There is no destination" icon={IconSend}>
          Nobody is told of alerts: they show under Now alone. Destinations stand in MUTT’s settings file, see docs/api.md and
          mutt.example.toml.
        </Empty>
      )}
      <div className={classes.cards}>
        {data?.destinations.map((one) => (
          <DestinationCard key={one.name} destination={one} />
        ))}
      </div>
    </>
  );
}
