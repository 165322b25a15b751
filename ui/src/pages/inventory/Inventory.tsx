// What is known of hosts. From: GET /inventory. To: whoever looks where a host belongs; an admin, who changes
// one entry, or takes all as CSV and puts them back.
import { Group, NativeSelect, TextInput } from '@mantine/core';
import { IconFileSpreadsheet, IconPlus, IconSearch, IconServer } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import { useAll } from '@/api/query';
import { Action } from '@/shared/Action';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { plural } from '@/shared/format';
import { usePermission } from '@/shared/permission';
import { useShortcut } from '@/shared/shortcuts';
import { DataTable } from '@/shared/table/DataTable';
import { useUrlState } from '@/shared/urlState';
import { Csv } from './Csv';
import { EditHost } from './EditHost';
import { Tabs } from './Tabs';
import { COLUMNS } from './columns';
import { DEFAULTS, type Filter, type HostView, NEW, shows } from './hosts';

const HOSTS_MAX = 20_000;
const NONE: readonly HostView[] = [];
const CALLS = [
  { method: 'GET', path: '/inventory', query: { limit: 1_000 } },
  { method: 'PUT', path: '/inventory/hosts/core-1', ifMatch: '*', body: { host: 'core-1', site: 'fra1' } },
] as const;

export default function Inventory() {
  const [filter, setFilter] = useUrlState(DEFAULTS);
  const [showsCsv, setShowsCsv] = useState(false);
  const { why } = usePermission('admin');
  const { data, error, isPending, refetch } = useAll('/inventory', undefined, HOSTS_MAX);
  const hosts = data?.items ?? NONE;
  const shown = useMemo(() => hosts.filter((host) => shows(host, filter)), [hosts, filter]);
  const subtitle = `${plural(hosts.length, 'entry', 'entries')}: names, patterns and networks. The most exact one that fits says where a host belongs.`;
  return (
    <>
      <PageHead
        title="Inventory"
        subtitle={data && subtitle}
        calls={CALLS}
        actions={
          <>
            <Action what="New entry" icon={IconPlus} variant="filled" why={why} onClick={() => setFilter({ edit: NEW })} />
            <Action what="CSV" icon={IconFileSpreadsheet} onClick={() => setShowsCsv(true)} />
          </>
        }
      />
      <Tabs />
      <Filters hosts={hosts} filter={filter} onChange={setFilter} />
      {error !== null && <Failed error={error} what="The inventory could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="the inventory" lines={8} />}
      {data !== undefined && (
        <DataTable
          label="Entries of the inventory"
          rows={shown}
          columns={COLUMNS}
          rowKey={(one) => one.entry.host}
          sort={filter.sort}
          onSort={(sort) => setFilter({ sort })}
          onOpen={(one) => setFilter({ edit: one.entry.host }, { push: true })}
          openKey={filter.edit}
          empty={<Nothing isEmpty={hosts.length === 0} />}
        />
      )}
      <EditHost edit={filter.edit} hosts={hosts} onClose={() => setFilter({ edit: '' })} />
      <Csv opened={showsCsv} onClose={() => setShowsCsv(false)} />
    </>
  );
}

function Nothing({ isEmpty }: { isEmpty: boolean }) {
  if (!isEmpty) return <Empty title="No entry fits the filter" />;
  return (
    <Empty title="Nothing is known of any host yet" icon={IconServer}>
      Every host is production then, but those of the setting environment.development. Add an entry, or put a table in by
      CSV.
    </Empty>
  );
}

interface FiltersProps {
  hosts: readonly HostView[];
  filter: Filter;
  onChange: (change: Partial<Filter>) => void;
}

function Filters({ hosts, filter, onChange }: FiltersProps) {
  const search = useRef<HTMLInputElement>(null);
  useShortcut('/', 'Find an entry', () => search.current?.focus());
  const teams = [...new Set([...hosts.map((one) => one.entry.team ?? ''), filter.team])].filter((team) => team !== '');
  return (
    <Group gap="xs">
      <TextInput
        ref={search}
        aria-label="Find in host, site, labels"
        placeholder="Find in host, site, labels"
        leftSection={<IconSearch size={14} aria-hidden />}
        w={{ base: '100%', xs: 260 }}
        value={filter.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="Environment"
        data={[{ value: '', label: 'Every environment' }, 'prod', 'dev']}
        value={filter.environment}
        onChange={(event) => onChange({ environment: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="Team"
        data={[{ value: '', label: 'Every team' }, ...teams.toSorted()]}
        value={filter.team}
        onChange={(event) => onChange({ team: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="Kind of entry"
        data={[
          { value: '', label: 'Every kind' },
          { value: 'host', label: 'Names' },
          { value: 'pattern', label: 'Patterns' },
          { value: 'network', label: 'Networks' },
        ]}
        value={filter.kind}
        onChange={(event) => onChange({ kind: event.currentTarget.value })}
      />
    </Group>
  );
}
