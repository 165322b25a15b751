// Where a host belongs, and from where that is known. From: GET /inventory/locate. To: who wonders why an alert
// went to this team, or why it was taken for development.
import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { Schemas } from '@/api/client';
import { useGet } from '@/api/query';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { Panel } from '@/shared/Panel';
import { useUrlState } from '@/shared/urlState';
import { toHostOfInventory } from '@/shared/links';
import classes from './Inventory.module.css';
import { Tabs } from './Tabs';

type Known = Schemas['Known'];

const DEFAULTS = { peer: '' };

interface Asked {
  host: string;
  peer: string;
}

export default function Locate() {
  const { host = '' } = useParams();
  const [{ peer }] = useUrlState(DEFAULTS);
  const navigate = useNavigate();
  const query = { host, peer: peer === '' ? undefined : peer };
  const { data, error, isFetching } = useGet('/inventory/locate', { query }, { enabled: host !== '', poll_ms: 0 });
  return (
    <>
      <PageHead
        title="Where a host belongs"
        subtitle="Its environment, site, team and labels, each with where it comes from"
        calls={[{ method: 'GET', path: '/inventory/locate', query: { host: host || 'core-1', peer } }]}
      />
      <Tabs />
      <Ask key={`${host} ${peer}`} host={host} peer={peer} onAsk={(asked) => void navigate(toHostOfInventory(asked.host, asked.peer))} />
      {host === '' && <Empty title="Name a host">As it stands in its messages; its address finds it by a network, too.</Empty>}
      {host !== '' && error !== null && <Failed error={error} what="It could not be looked up" />}
      {host !== '' && error === null && data === undefined && isFetching && <Loading what="what is known" />}
      {host !== '' && error === null && data !== undefined && <Shown host={host} known={data} />}
    </>
  );
}

function Ask({ host, peer, onAsk }: { host: string; peer: string; onAsk: (asked: Asked) => void }) {
  const [name, setName] = useState(host);
  const [address, setAddress] = useState(peer);
  const ask = (event: React.FormEvent) => {
    event.preventDefault();
    onAsk({ host: name.trim(), peer: address.trim() });
  };
  return (
    <form onSubmit={ask} role="search" aria-label="Look up a host">
      <Group gap="xs" align="flex-end">
        <TextInput label="Host" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput
          label="Address"
          placeholder="10.1.2.3"
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <Button type="submit">Look up</Button>
      </Group>
    </form>
  );
}

function Shown({ host, known }: { host: string; known: Known }) {
  const rows: [string, Schemas['Origin'] | null | undefined][] = [
    ['Environment', { value: known.environment, from: known.environment_from }],
    ['Site', known.site],
    ['Team', known.team],
    ...Object.entries(known.labels).map(([name, origin]) => [`labels.${name}`, origin] as [string, typeof origin]),
  ];
  return (
    <Panel
      title={
        <>
          What is known of <span className="mono">{host}</span>
        </>
      }
    >
      <table className={classes.known}>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">It is</th>
            <th scope="col">From where</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, origin]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{origin == null ? 'not known' : <strong>{origin.value}</strong>}</td>
              <td>{origin == null ? 'no entry says it' : origin.from}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        Development hosts by name are the setting <Link to="/settings">environment.development</Link>.
      </p>
    </Panel>
  );
}
