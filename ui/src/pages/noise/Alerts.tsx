// The alerts behind the numbers of Noise filtered. From: GET /alerts, of a host, of a rule, since a time.
import { Anchor, Select, Text } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Link, useParams } from 'react-router';
import { usePages } from '@/api/query';
import { NotFound } from '@/pages/not-found/NotFound';
import { Count } from '@/shared/Count';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { Severity, severityRank } from '@/shared/Severity';
import { TimeAgo } from '@/shared/TimeAgo';
import { formatExact } from '@/shared/format';
import { DataTable } from '@/shared/table/DataTable';
import type { Column } from '@/shared/table/columns';
import { useUrlState } from '@/shared/urlState';
import { toAlert } from '@/shared/links';
import { type AlertView, paged } from './alerts';

const DEFAULTS = { host: '', rule: '', since: '', show: 'all', sort: '' };

const SHOWS = [
  { value: 'all', label: 'All alerts' },
  { value: 'paged', label: 'Those that paged' },
];

const COLUMNS: readonly Column<AlertView>[] = [
  { id: 'severity', head: 'Severity', width: '7.5rem', sort: (alert) => severityRank(alert.severity), cell: (alert) => <Severity severity={alert.severity} /> },
  { id: 'host', head: 'Device', width: 'minmax(7rem, 10rem)', sort: (alert) => alert.host, cell: (alert) => <span className="mono">{alert.host}</span> },
  {
    id: 'summary',
    head: 'What',
    width: 'minmax(16rem, 1fr)',
    narrow: 'whole',
    cell: (alert) => (
      <Anchor component={Link} to={toAlert(alert.id)} inherit>
        {alert.summary}
      </Anchor>
    ),
  },
  { id: 'rule', head: 'Rule', width: 'minmax(8rem, 12rem)', sort: (alert) => alert.rule, cell: (alert) => <span className="mono">{alert.rule}</span> },
  { id: 'handling', head: 'Handling', width: '8rem', sort: (alert) => alert.handling, cell: (alert) => alert.handling.replaceAll('_', ' ') },
  { id: 'state', head: 'State', width: '7rem', sort: (alert) => alert.state, cell: (alert) => alert.state },
  { id: 'notices', head: 'Notices', width: '5.5rem', align: 'end', startsDown: true, sort: (alert) => alert.notices, cell: (alert) => <Count value={alert.notices} /> },
  { id: 'began', head: 'Began', width: '6.5rem', align: 'end', startsDown: true, sort: (alert) => alert.first_seen, cell: (alert) => <TimeAgo at={alert.first_seen} /> },
];

export default function Alerts() {
  return useParams().list === 'alerts' ? <List /> : <NotFound />;
}

function List() {
  const [url, setUrl] = useUrlState(DEFAULTS);
  const query = useMemo(
    () => ({ host: url.host || undefined, rule: url.rule || undefined, since: url.since || undefined }),
    [url.host, url.rule, url.since],
  );
  const params = useMemo(() => ({ query }), [query]);
  const { items, isPending, error, refetch, onEnd } = usePages('/alerts', params);
  const shown = useMemo(() => (url.show === 'paged' ? items.filter(paged) : items), [items, url.show]);
  const of = [url.host !== '' && `of ${url.host}`, url.rule !== '' && `by ${url.rule}`, url.since !== '' && `since ${formatExact(url.since)}`];
  return (
    <>
      <PageHead
        title="Alerts behind the numbers"
        subtitle={
          <>
            {of.filter((one) => one !== false).join(', ')}. <Anchor component={Link} to="/noise" inherit underline="always">
              Back to Noise filtered
            </Anchor>
          </>
        }
        calls={[{ method: 'GET', path: '/alerts', query }]}
      />
      <Select
        aria-label="Which alerts"
        allowDeselect={false}
        w={180}
        data={SHOWS}
        value={url.show}
        onChange={(show) => setUrl({ show: show ?? 'all' })}
      />
      {url.show === 'paged' && (
        <Text size="sm" c="dimmed">
          An alert that came back or became worse paged more than once: there may be more pages than alerts here.
        </Text>
      )}
      {error !== null && <Failed error={error} what="The alerts could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="alerts" lines={8} />}
      {!isPending && error === null && (
        <DataTable
          label="Alerts behind the numbers"
          rows={shown}
          columns={COLUMNS}
          rowKey={(alert) => alert.id}
          sort={url.sort}
          onSort={(sort) => setUrl({ sort })}
          onEnd={onEnd}
          empty={
            <Empty title="No such alert is known" icon={IconInbox}>
              Alerts that are over are kept for a while only: numbers by the hour are kept longer.
            </Empty>
          }
        />
      )}
    </>
  );
}
