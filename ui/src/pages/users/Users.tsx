// Who may do what: people and keys. From: GET /users, /keys. To: an admin.
import { Button, SegmentedControl } from '@mantine/core';
import { IconKey, IconUserPlus } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { ProblemError } from '@/api/problem';
import { useAll } from '@/api/query';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { plural } from '@/shared/format';
import { DataTable } from '@/shared/table/DataTable';
import { useUrlState } from '@/shared/urlState';
import { EditUser } from './EditUser';
import { MakeKey } from './MakeKey';
import { Once, type Secret } from './Once';
import { RevokeKey } from './RevokeKey';
import { KEYS, USERS } from './columns';

/** `edit`: a user's name, or NEW. */
const DEFAULTS = { show: 'people', edit: '', sort: '' };
const NEW = '+';
const SHOWS = [
  { value: 'people', label: 'People' },
  { value: 'keys', label: 'Keys' },
];
const CALLS = [
  { method: 'GET', path: '/users' },
  { method: 'POST', path: '/users', body: { name: 'ann', role: 'operator', teams: ['network'] } },
  { method: 'GET', path: '/keys' },
  { method: 'POST', path: '/keys', body: { name: 'grafana', role: 'viewer', scope: ['alerts'], expires_in_days: 90 } },
] as const;

export default function Users() {
  const [state, setState] = useUrlState(DEFAULTS);
  const users = useAll('/users');
  const keys = useAll('/keys');
  const [secret, setSecret] = useState<Secret | null>(null);
  const [revoked, setRevoked] = useState<string | null>(null);
  const isPeople = state.show === 'people';
  const subtitle =
    users.data && keys.data && `${plural(users.data.items.length, 'user')}, ${plural(keys.data.items.length, 'key')}`;
  const found = users.data?.items.find((one) => one.name === state.edit) ?? null;
  const close = () => setState({ edit: '' });
  return (
    <>
      <PageHead
        title="Users"
        subtitle={subtitle}
        calls={CALLS}
        actions={
          <Button
            leftSection={isPeople ? <IconUserPlus size={15} aria-hidden /> : <IconKey size={15} aria-hidden />}
            onClick={() => setState({ edit: NEW })}
          >
            {isPeople ? 'New user' : 'New key'}
          </Button>
        }
      />
      <SegmentedControl
        aria-label="What to show"
        data={SHOWS}
        value={state.show}
        onChange={(show) => setState({ show, edit: '', sort: '' })}
        style={{ alignSelf: 'start' }}
      />
      {isPeople ? (
        <Listed query={users} what="users">
          {(items) => (
            <DataTable
              label="Users"
              rows={items}
              columns={USERS}
              rowKey={(one) => one.name}
              sort={state.sort}
              onSort={(sort) => setState({ sort })}
              onOpen={(one) => setState({ edit: one.name }, { push: true })}
              openKey={state.edit}
            />
          )}
        </Listed>
      ) : (
        <Listed query={keys} what="keys">
          {(items) => (
            <DataTable
              label="Keys"
              rows={items}
              columns={KEYS(setRevoked)}
              rowKey={(one) => one.name}
              sort={state.sort}
              onSort={(sort) => setState({ sort })}
              empty={<NoKeys />}
            />
          )}
        </Listed>
      )}
      <EditUser
        opened={isPeople && state.edit !== ''}
        isNew={state.edit === NEW}
        user={found}
        onClose={close}
        onSecret={setSecret}
      />
      <MakeKey opened={!isPeople && state.edit === NEW} onClose={close} onSecret={setSecret} />
      <RevokeKey name={revoked} onClose={() => setRevoked(null)} />
      <Once secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

interface ListedProps<Item> {
  query: UseQueryResult<{ items: Item[] }, ProblemError>;
  what: string;
  children: (items: Item[]) => ReactNode;
}

function Listed<Item>({ query, what, children }: ListedProps<Item>) {
  if (query.data !== undefined) return children(query.data.items);
  if (query.error === null) return <Loading what={what} />;
  return <Failed error={query.error} what={`The ${what} could not be loaded`} onRetry={() => void query.refetch()} />;
}

function NoKeys() {
  return (
    <Empty title="No key is made" icon={IconKey}>
      A program asks the API with a key: a dashboard, a script, the command line.
    </Empty>
  );
}
