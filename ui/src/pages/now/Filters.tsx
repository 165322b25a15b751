// What narrows the list of open alerts. All of it stands in the URL.
import { Group, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useRef } from 'react';
import { useShortcut } from '@/shared/shortcuts';
import type { AlertView, Filter } from './filter';

interface FiltersProps {
  alerts: readonly AlertView[];
  filter: Filter;
  onChange: (change: Partial<Filter>) => void;
}

const SHOWS = [
  { value: 'all', label: 'Told and quiet' },
  { value: 'told', label: 'Told only' },
  { value: 'quiet', label: 'Quiet only' },
  { value: 'free', label: 'Nobody has it' },
];

/** What there is in the alerts, and what is chosen even if no alert has it any more. */
function choices(values: readonly string[], chosen: string): string[] {
  return [...new Set([...values, chosen])].filter((value) => value !== '').toSorted();
}

export function Filters({ alerts, filter, onChange }: FiltersProps) {
  const search = useRef<HTMLInputElement>(null);
  useShortcut('/', 'Find in the list', () => search.current?.focus());
  const teams = choices(alerts.map((alert) => alert.team), filter.team);
  const environments = choices(alerts.map((alert) => alert.environment), filter.environment);
  return (
    <Group gap="xs">
      <TextInput
        ref={search}
        aria-label="Find in device, summary, rule, message"
        placeholder="Find in device, summary, rule, message"
        leftSection={<IconSearch size={14} aria-hidden />}
        w={{ base: '100%', xs: 290 }}
        value={filter.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <Select
        aria-label="Team"
        placeholder="Every team"
        clearable
        w={140}
        data={teams}
        value={filter.team === '' ? null : filter.team}
        onChange={(team) => onChange({ team: team ?? '' })}
      />
      <Select
        aria-label="Environment"
        placeholder="Every env"
        clearable
        w={120}
        data={environments}
        value={filter.environment === '' ? null : filter.environment}
        onChange={(environment) => onChange({ environment: environment ?? '' })}
      />
      <Select
        aria-label="Which alerts"
        allowDeselect={false}
        w={150}
        data={SHOWS}
        value={filter.show}
        onChange={(show) => onChange({ show: show ?? 'all' })}
      />
    </Group>
  );
}
