// Role and teams: the same for people and keys.
import { MultiSelect, NativeSelect } from '@mantine/core';
import { useGet } from '@/api/query';
import { ROLES } from './scopes';

interface RightsFieldsProps {
  role: string;
  teams: string[];
  onRole: (role: string) => void;
  onTeams: (teams: string[]) => void;
  errors: Record<string, React.ReactNode>;
}

export function RightsFields({ role, teams, onRole, onTeams, errors }: RightsFieldsProps) {
  const known = useGet('/teams', { query: { limit: 1_000 } }).data?.items.map((one) => one.team.name) ?? [];
  return (
    <>
      <NativeSelect
        label="Role"
        data={ROLES}
        value={role}
        error={errors.role}
        onChange={(event) => onRole(event.currentTarget.value)}
      />
      <MultiSelect
        label="Teams"
        description={role === 'admin' ? 'An admin is of all teams' : 'Whose alerts, silences and rules may be changed; none: of all'}
        placeholder={teams.length === 0 ? 'All' : undefined}
        disabled={role === 'admin'}
        data={[...new Set([...known, ...teams])]}
        nothingFoundMessage="No team is made yet"
        value={role === 'admin' ? [] : teams}
        error={errors.teams}
        onChange={onTeams}
      />
    </>
  );
}
