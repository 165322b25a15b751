// The columns of users and of keys.
import { IconBan, IconCheck, IconHourglass, IconKeyOff } from '@tabler/icons-react';
import type { Schemas } from '@/api/client';
import { Action } from '@/shared/Action';
import { Sign } from '@/shared/Sign';
import { TimeAgo } from '@/shared/TimeAgo';
import { useTimed } from '@/shared/now';
import type { Column } from '@/shared/table/columns';

type UserView = Schemas['UserView'];
type KeyView = Schemas['KeyView'];

function teamsText(teams: readonly string[]): string {
  return teams.length === 0 ? 'all' : teams.join(', ');
}

export const USERS: readonly Column<UserView>[] = [
  {
    id: 'name',
    head: 'Name',
    width: 'minmax(8rem, 14rem)',
    narrow: 'whole',
    sort: (one) => one.name,
    cell: (one) => <strong>{one.name}</strong>,
  },
  { id: 'called', head: 'Called', width: 'minmax(8rem, 1fr)', sort: (one) => one.display_name, cell: (one) => one.display_name },
  { id: 'role', head: 'Role', width: '7rem', sort: (one) => one.role, cell: (one) => one.role },
  { id: 'teams', head: 'Teams', width: 'minmax(8rem, 1fr)', sort: (one) => one.teams.join(), cell: (one) => teamsText(one.teams) },
  { id: 'state', head: 'Sign-in', width: 'minmax(12rem, 1fr)', narrow: 'whole', cell: (one) => <SignIn user={one} /> },
];

function SignIn({ user }: { user: UserView }) {
  const { disabled, one_time_until: until } = user;
  const isOver = useTimed((now_ms) => until != null && Date.parse(until) < now_ms);
  if (disabled) return <Sign icon={IconBan} tone="critical" text="locked" />;
  if (until == null) return <Sign icon={IconCheck} tone="good" text="own password" />;
  if (isOver) return <Sign icon={IconHourglass} tone="major" text="one-time password is over" />;
  return (
    <>
      <Sign icon={IconHourglass} tone="warning" text="one-time password, ends" /> <TimeAgo at={until} />
    </>
  );
}

export function KEYS(onRevoke: (name: string) => void): readonly Column<KeyView>[] {
  return [
    {
      id: 'name',
      head: 'Name',
      width: 'minmax(8rem, 14rem)',
      narrow: 'whole',
      sort: (one) => one.name,
      cell: (one) => <strong>{one.name}</strong>,
    },
    { id: 'role', head: 'Role', width: '7rem', sort: (one) => one.role, cell: (one) => one.role },
    { id: 'teams', head: 'Teams', width: '9rem', cell: (one) => teamsText(one.teams) },
    {
      id: 'scope',
      head: 'Opens',
      width: 'minmax(8rem, 1fr)',
      narrow: 'whole',
      cell: (one) => (one.scope.length === 0 ? 'all that its role may' : one.scope.join(', ')),
    },
    { id: 'made', head: 'Made', width: '6.5rem', align: 'end', sort: (one) => one.made_at, cell: (one) => <TimeAgo at={one.made_at} /> },
    { id: 'ends', head: 'Ends', width: '7rem', align: 'end', sort: (one) => one.expires_at ?? null, cell: (one) => <Ends at={one.expires_at} /> },
    {
      id: 'revoke',
      head: 'Revoke',
      width: '7.5rem',
      align: 'end',
      cell: (one) => (
        <Action what="Revoke" label={`Revoke the key ${one.name}`} icon={IconKeyOff} onClick={() => onRevoke(one.name)} />
      ),
    },
  ];
}

function Ends({ at }: { at: string | null | undefined }) {
  const isOver = useTimed((now_ms) => at != null && Date.parse(at) < now_ms);
  if (at == null) return <>never</>;
  return isOver ? <Sign icon={IconBan} tone="critical" text="over" /> : <TimeAgo at={at} />;
}
