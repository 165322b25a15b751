// Teams, which rules and hosts name. From: GET /teams. To: an admin, who makes, changes or removes one.
import { Drawer, Group, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { IconPlus, IconTrash, IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { IF_NONE, type Schemas, api, ifMatch } from '@/api/client';
import { type GetPath, useAll, useChange } from '@/api/query';
import { Action } from '@/shared/Action';
import { Confirm } from '@/shared/Confirm';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { useProblemForm } from '@/shared/form';
import { usePermission } from '@/shared/permission';
import { DataTable } from '@/shared/table/DataTable';
import type { Column } from '@/shared/table/columns';
import { useUrlState } from '@/shared/urlState';
import { toAlerts } from '@/shared/links';
import { Tabs } from './Tabs';

type TeamView = Schemas['TeamView'];
type Team = Schemas['Team'];

const DEFAULTS = { sort: 'name' };
const NEW = '+';
const CHANGES: readonly GetPath[] = ['/teams', '/teams/{name}', '/revisions'];
const CALLS = [
  { method: 'GET', path: '/teams' },
  { method: 'PUT', path: '/teams/network', ifMatch: '*', body: { name: 'network', email: 'noc@example.net' } },
] as const;

const COLUMNS: readonly Column<TeamView>[] = [
  {
    id: 'name',
    head: 'Team',
    width: 'minmax(8rem, 14rem)',
    narrow: 'whole',
    sort: (one) => one.team.name,
    cell: (one) => <strong>{one.team.name}</strong>,
  },
  { id: 'about', head: 'Who they are', width: 'minmax(12rem, 1fr)', narrow: 'whole', cell: (one) => one.team.description },
  { id: 'email', head: 'Mail', width: 'minmax(10rem, 18rem)', cell: (one) => one.team.email },
  {
    id: 'lists',
    head: 'Theirs',
    width: '14rem',
    cell: ({ team }) => (
      <Group gap="sm">
        <Link to={toAlerts({ team: team.name })}>alerts</Link>
        <Link to={`/rules?team=${encodeURIComponent(team.name)}`}>rules</Link>
        <Link to={`/inventory?team=${encodeURIComponent(team.name)}`}>hosts</Link>
      </Group>
    ),
  },
];

export default function Teams() {
  const { name: edit = '' } = useParams();
  const navigate = useNavigate();
  const [state, setState] = useUrlState(DEFAULTS);
  const open = (name: string) => void navigate(`/teams/${encodeURIComponent(name)}`);
  const { why } = usePermission('admin');
  const { data, error, isPending, refetch } = useAll('/teams');
  const found = data?.items.find((one) => one.team.name === edit);
  const close = () => void navigate('/teams');
  return (
    <>
      <PageHead
        title="Teams"
        subtitle="Who is responsible. Without any team, rules and hosts may name whom they want; with one, only those in the list."
        calls={CALLS}
        actions={
          <Action what="New team" icon={IconPlus} variant="filled" why={why} onClick={() => open(NEW)} />
        }
      />
      <Tabs />
      {error !== null && <Failed error={error} what="The teams could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="teams" />}
      {data !== undefined && (
        <DataTable
          label="Teams"
          rows={data.items}
          columns={COLUMNS}
          rowKey={(one) => one.team.name}
          sort={state.sort}
          onSort={(sort) => setState({ sort })}
          onOpen={(one) => open(one.team.name)}
          openKey={edit}
          empty={
            <Empty title="No team is made" icon={IconUsersGroup}>
              Rules and hosts may name any team as long as there is none in this list.
            </Empty>
          }
        />
      )}
      <Drawer
        opened={edit !== ''}
        onClose={close}
        position="right"
        title={edit === NEW ? 'New team' : `Team ${edit}`}
      >
        {edit === NEW && <Form team={{ name: '' }} revision={null} onClose={close} />}
        {found !== undefined && <Form key={found.revision} team={found.team} revision={found.revision} onClose={close} />}
        {edit !== '' && edit !== NEW && found === undefined && <Empty title="There is no such team" />}
      </Drawer>
    </>
  );
}

interface FormProps {
  team: Team;
  revision: number | null;
  onClose: () => void;
}

function Form({ team, revision, onClose }: FormProps) {
  const { why } = usePermission('admin');
  const change = useChange({
    change: (body: Team) =>
      api.PUT('/teams/{name}', {
        params: { path: { name: body.name } },
        headers: revision === null ? IF_NONE : ifMatch(revision),
        body,
      }),
    changes: CHANGES,
    onDone: onClose,
  });
  const { form, onSubmit, isSending, problem } = useProblemForm({
    initialValues: { name: team.name, description: team.description ?? '', email: team.email ?? '' },
    validate: { name: (name) => (name.trim() === '' ? 'A name is needed' : null) },
    fieldOf: (fault) => (fault.kind === 'team' || fault.kind === 'request' ? fault.path : null),
    send: ({ name, description, email }) =>
      change.mutateAsync({
        name: name.trim(),
        ...(description.trim() === '' ? {} : { description: description.trim() }),
        ...(email.trim() === '' ? {} : { email: email.trim() }),
      }),
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <TextInput label="Name" required readOnly={revision !== null} {...form.getInputProps('name')} />
        <Textarea label="Who they are" autosize minRows={2} {...form.getInputProps('description')} />
        <TextInput type="email" label="Mail" {...form.getInputProps('email')} />
        {problem !== null && <Failed error={problem} />}
        <Group justify="space-between">
          <div>{revision !== null && <Remove name={team.name} revision={revision} why={why} onGone={onClose} />}</div>
          <Action what="Save" type="submit" variant="filled" loading={isSending} why={why} />
        </Group>
      </Stack>
    </form>
  );
}

function Remove({ name, revision, why, onGone }: { name: string; revision: number; why: string; onGone: () => void }) {
  const [asked, setAsked] = useState(false);
  const remove = useChange({
    change: (words: string) =>
      api.DELETE('/teams/{name}', {
        params: { path: { name }, query: { why: words || undefined } },
        headers: ifMatch(revision),
      }),
    changes: CHANGES,
    onDone: onGone,
  });
  return (
    <>
      <Action what="Remove" icon={IconTrash} color="red" variant="outline" why={why} onClick={() => setAsked(true)} />
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={`Remove the team ${name}?`}
        confirm="Remove it"
        isDanger
        asksWhy
        onConfirm={(words) => remove.mutateAsync(words)}
      >
        <Text size="sm">A team that a rule or a host names cannot be removed: it is told which.</Text>
      </Confirm>
    </>
  );
}
