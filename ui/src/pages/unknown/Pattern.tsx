// One pattern. From: GET /patterns/{id}. To: whoever decides: a rule, ignored with a reason, or handled.
import { Button, Text } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link, useParams } from 'react-router';
import type { Schemas } from '@/api/client';
import { useGet } from '@/api/query';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { Panel } from '@/shared/Panel';
import { StateBadge } from '@/shared/StateBadge';
import { TimeAgo } from '@/shared/TimeAgo';
import { formatNumber } from '@/shared/format';
import { useTimed } from '@/shared/now';
import { Decide } from './Decide';
import { Hours } from './Hours';
import { Samples } from './Samples';
import { Tally } from './Tally';
import { Template } from './Template';
import classes from './Unknown.module.css';
import { surge, surgeWords } from './surge';

type Detail = Schemas['PatternDetail'];

export default function Pattern() {
  const { id = '' } = useParams();
  const { data, error, isPending, refetch } = useGet('/patterns/{id}', { path: { id } }, { every_ms: 15_000 });
  const calls = [
    { method: 'GET', path: `/patterns/${id}` },
    { method: 'PUT', path: `/patterns/${id}/state`, body: { state: 'ignored', reason: 'chatter of the lab' } },
    { method: 'POST', path: `/patterns/${id}/rule` },
  ] as const;
  if (error !== null && data === undefined) {
    return (
      <>
        <PageHead title="Unknown pattern" calls={calls} />
        {error.status === 404 ? <Gone /> : <Failed error={error} onRetry={() => void refetch()} />}
      </>
    );
  }
  if (isPending || data === undefined) return <Loading what="the pattern" lines={10} />;
  const { pattern } = data;
  return (
    <>
      <PageHead
        title={pattern.key === '' ? 'Pattern without a key' : pattern.key}
        subtitle={<Link to="/unknown">All unknown messages</Link>}
        actions={<Decide detail={data} />}
        calls={calls}
      />
      <div className={classes.panel}>
        <Text size="md" component="div">
          <Template text={pattern.template} />
        </Text>
      </div>
      <Shown detail={data} />
    </>
  );
}

function Gone() {
  const action = (
    <Button component={Link} to="/unknown" variant="default" mt="xs" leftSection={<IconArrowLeft size={14} aria-hidden />}>
      All unknown messages
    </Button>
  );
  return (
    <Empty title="There is no such pattern" action={action}>
      It was not seen for long and is forgotten, or made room for others.
    </Empty>
  );
}

function Shown({ detail }: { detail: Detail }) {
  return (
    <div className={classes.columns}>
      <div className={classes.column}>
        <Panel title="Messages by the hour, last 7 days">
          <Hours hours={detail.hours} />
        </Panel>
        <Panel title="Samples">
          <Samples samples={detail.samples} />
        </Panel>
      </div>
      <div className={classes.column}>
        <Panel title="What is known">
          <Facts detail={detail} />
        </Panel>
        <Panel title="Hosts">
          <Tally tally={detail.hosts} to={(host) => `/unknown?host=${encodeURIComponent(host)}`} what="host" />
        </Panel>
      </div>
    </div>
  );
}

function Facts({ detail }: { detail: Detail }) {
  const { pattern, severities, teams, aliases } = detail;
  const words = useTimed((now_ms) => surgeWords(surge(pattern, now_ms)));
  const severity = Object.entries(severities).toSorted(([, a], [, b]) => b - a);
  const team = Object.entries(teams.names).toSorted(([, a], [, b]) => b - a);
  return (
    <dl className={classes.facts}>
      <dt>State</dt>
      <dd>
        <StateBadge state={pattern.state} tone={pattern.state === 'open' ? 'warning' : undefined} />
        {pattern.reason != null && ` ${pattern.reason}`}
      </dd>
      <dt>Messages</dt>
      <dd className="tabular">{formatNumber(pattern.count)}</dd>
      <dt>Last hour</dt>
      <dd className="tabular">
        {formatNumber(pattern.last_hour)}, {words}
      </dd>
      <dt>First</dt>
      <dd>
        <TimeAgo at={pattern.first_seen} />
      </dd>
      <dt>Last</dt>
      <dd>
        <TimeAgo at={pattern.last_seen} />
      </dd>
      <dt>Syslog severity</dt>
      <dd>{severity.map(([name, count]) => `${name} ${formatNumber(count)}`).join(', ') || 'none'}</dd>
      <dt>Team</dt>
      <dd>
        {team.map(([name, count]) => `${name} ${formatNumber(count)}`).join(', ') || (
          <>
            none known: <Link to="/inventory">the inventory</Link> says which hosts are whose
          </>
        )}
      </dd>
      {aliases.length > 0 && (
        <>
          <dt>Became one with</dt>
          <dd className="mono">{aliases.join(', ')}</dd>
        </>
      )}
    </dl>
  );
}
