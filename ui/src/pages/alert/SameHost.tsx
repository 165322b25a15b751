// What else was wrong with the device in the last week: a small strip by the day's quarters, and a list.
import { Anchor, Text } from '@mantine/core';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { useAll } from '@/api/query';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { StateBadge } from '@/shared/StateBadge';
import { TimeAgo } from '@/shared/TimeAgo';
import { Strip } from '@/shared/charts/Strip';
import { plural } from '@/shared/format';
import { toAlert, toAlerts } from '@/shared/links';
import { useTimed } from '@/shared/now';
import classes from './Alert.module.css';
import { DAY_MS, byDay } from './week';

const SHOWN_MAX = 8;
const ASKED_MAX = 1_000;

export function SameHost({ host, id }: { host: string; id: string }) {
  const today_ms = useTimed((now_ms) => Math.floor(now_ms / DAY_MS) * DAY_MS);
  const since = new Date(today_ms - 6 * DAY_MS).toISOString();
  const { data, error } = useAll('/alerts', { query: { host, since } }, ASKED_MAX);
  const days = useMemo(() => byDay(data?.items ?? [], today_ms), [data, today_ms]);
  if (error !== null) return <Failed error={error} />;
  if (data === undefined) return <Loading what="other alerts of the device" lines={3} />;
  const others = data.items.filter((alert) => alert.id !== id);
  const label = `Alerts a day, last 7 days: ${days.map((day) => `${day.label} ${day.value}`).join(', ')}`;
  return (
    <>
      <Strip bars={days} label={label} width={224} height={32} />
      <Text size="sm" mt={4}>
        {others.length === 0 ? 'Nothing else.' : `${plural(others.length, 'other alert')}${data.more ? ', or more' : ''}.`}{' '}
        <Anchor component={Link} to={toAlerts({ host, state: 'all' })} inherit underline="always">
          All of the last day
        </Anchor>
      </Text>
      <ul className={classes.past}>
        {others.slice(0, SHOWN_MAX).map((alert) => (
          <li key={alert.id}>
            <Anchor component={Link} to={toAlert(alert.id)} title={alert.summary}>
              {alert.summary}
            </Anchor>
            <span className={classes.at}>
              <StateBadge state={alert.state} tone={alert.state === 'open' ? 'warning' : undefined} /> <TimeAgo at={alert.first_seen} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
