// The ways out to who is told of alerts. From: GET /destinations. To: an operator who asks why nobody was told.
import { IconSend } from '@tabler/icons-react';
import { useLocation } from 'react-router';
import type { Schemas } from '@/api/client';
import { useGet } from '@/api/query';
import { useLiveRefresh } from '@/api/refresh';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { plural } from '@/shared/format';
import { DestinationCard } from './DestinationCard';
import classes from './Delivery.module.css';

type Destination = Schemas['DestinationView'];

const PATHS = ['/destinations'] as const;

function subtitle(destinations: readonly Destination[]): string {
  const down = destinations.filter((one) => one.state === 'down').length;
  const sum = (of: (one: Destination) => number) => destinations.reduce((all, one) => all + of(one), 0);
  const dead = sum((one) => one.dead);
  const parts = [plural(destinations.length, 'destination'), down === 0 ? 'none is down' : `${down} down`];
  parts.push(`${plural(sum((one) => one.waiting), 'notice')} waiting`, plural(dead, 'dead letter'));
  return parts.join(', ');
}

/** After the shell has gone to the top of a new page. */
function show(card: HTMLElement | null): void {
  if (card !== null) requestAnimationFrame(() => card.scrollIntoView());
}

export default function Delivery() {
  const { hash } = useLocation();
  const { data, error, isPending, refetch } = useGet('/destinations');
  useLiveRefresh('pulse', PATHS, 500);
  useLiveRefresh('delivery', PATHS, 1_000);
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
          <div key={one.name} ref={`#${encodeURIComponent(one.name)}` === hash ? show : undefined}>
            <DestinationCard destination={one} />
          </div>
        ))}
      </div>
    </>
  );
}
