// One alert: what it is, why somebody was told, what to do, its life, and its device's last week. From:
// GET /alerts/{id}, as the stream changes it. To: whoever was paged.
import { Group } from '@mantine/core';
import { useMemo } from 'react';
import { useParams } from 'react-router';
import { useLive } from '@/api/live';
import { useAskAgain, useGet } from '@/api/query';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { Panel } from '@/shared/Panel';
import { Severity } from '@/shared/Severity';
import { StateBadge } from '@/shared/StateBadge';
import { TimeAgo } from '@/shared/TimeAgo';
import { AlertActions } from '@/shared/alerts/AlertActions';
import { plural } from '@/shared/format';
import classes from './Alert.module.css';
import { Facts } from './Facts';
import { NextStep } from './NextStep';
import { Notices } from './Notices';
import { RawJson } from './RawJson';
import { SameHost } from './SameHost';
import { TimeLine } from './TimeLine';
import { Why } from './Why';
import { told } from './moments';
import type { Schemas } from '@/api/client';

export default function Alert() {
  const { id = '' } = useParams();
  const again = useAskAgain();
  const { data, error, isPending, refetch } = useGet('/alerts/{id}', { path: { id } });
  useLive('alert', (changes) => {
    if (changes.some((change) => change.id === id)) void again(['/alerts/{id}']);
  });
  useLive('delivery', (changes) => {
    if (changes.some((change) => change.alert_id === id)) void again(['/alerts/{id}']);
  });
  if (error !== null && data === undefined) {
    return (
      <>
        <PageHead title="Alert" />
        <Failed error={error} what={error.status === 404 ? 'There is no such alert, or it is no longer kept' : undefined} onRetry={() => void refetch()} />
      </>
    );
  }
  if (isPending || data === undefined || data.alert.id !== id) return <Loading what="the alert" lines={10} />;
  return <Shown detail={data} />;
}

function Shown({ detail }: { detail: Schemas['AlertDetail'] }) {
  const { alert, moments, deliveries } = detail;
  const life = useMemo(() => moments.map(told), [moments]);
  const about = useMemo(() => [alert], [alert]);
  const calls = [
    { method: 'GET', path: `/alerts/${alert.id}` },
    { method: 'POST', path: `/alerts/${alert.id}/decisions`, body: { do: 'acknowledge' } },
    { method: 'GET', path: '/alerts', query: { host: alert.host } },
  ] as const;
  return (
    <>
      <PageHead title={alert.summary} subtitle={<Subtitle alert={alert} />} calls={calls} />
      <AlertActions alerts={about} />
      <div className={classes.columns}>
        <div className={classes.main}>
          <Panel title="Why it told, step by step">
            <Why detail={detail} />
          </Panel>
          <Panel title={`Its life: ${plural(moments.length, 'moment')}`}>
            <TimeLine moments={life} />
          </Panel>
        </div>
        <div className={classes.side}>
          <Panel title="Next step">
            <NextStep alert={alert} />
          </Panel>
          <Panel title="What it is">
            <Facts alert={alert} />
          </Panel>
          <Panel title={plural(deliveries.length, 'notice')}>
            <Notices deliveries={deliveries} quiet={alert.quiet} />
          </Panel>
          <Panel title="The same device, last 7 days">
            <SameHost host={alert.host} id={alert.id} />
          </Panel>
        </div>
      </div>
      <RawJson value={detail} />
    </>
  );
}

function Subtitle({ alert }: { alert: Schemas['AlertView'] }) {
  return (
    <Group gap="sm" mt={4}>
      <Severity severity={alert.severity} filled />
      <StateBadge state={alert.state} tone={alert.state === 'open' ? 'warning' : undefined} />
      {alert.flapping && <StateBadge state="flapping" />}
      <span className="mono">{alert.host}</span>
      <span>{alert.team}</span>
      <span>{alert.environment}</span>
      <span>
        began <TimeAgo at={alert.first_seen} />
        {alert.ended != null && (
          <>
            , ended <TimeAgo at={alert.ended} />
          </>
        )}
      </span>
    </Group>
  );
}
