// What narrows the list of rules. All of it stands in the URL.
import { Group, NativeSelect, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useRef } from 'react';
import { useShortcut } from '@/shared/shortcuts';
import type { Filter, Row } from './filter';
import { MODE_NAMES } from './model/mode';
import { MODES } from './model/rule';

interface FiltersProps {
  rows: readonly Row[];
  filter: Filter;
  onChange: (change: Partial<Filter>) => void;
}

const SHOWS = [
  { value: 'all', label: 'All' },
  { value: 'never', label: 'Never hit' },
  { value: 'unreachable', label: 'Unreachable' },
  { value: 'broken', label: 'Broken or warned' },
];

export function Filters({ rows, filter, onChange }: FiltersProps) {
  const search = useRef<HTMLInputElement>(null);
  useShortcut('/', 'Find in the list', () => search.current?.focus());
  const teams = [...new Set([...rows.map((row) => row.team), filter.team])].filter((team) => team !== '').toSorted();
  return (
    <Group gap="xs">
      <TextInput
        ref={search}
        aria-label="Find in rules"
        placeholder="Find in all of the rule"
        leftSection={<IconSearch size={14} aria-hidden />}
        w={{ base: '100%', xs: 240 }}
        value={filter.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <NativeSelect
        aria-label="Mode"
        data={[{ value: '', label: 'Every mode' }, ...MODES.map((mode) => ({ value: mode, label: MODE_NAMES[mode] }))]}
        value={filter.mode}
        onChange={(event) => onChange({ mode: event.currentTarget.value })}
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
      <NativeSelect
        aria-label="Which rules"
        data={SHOWS}
        value={filter.show}
        onChange={(event) => onChange({ show: event.currentTarget.value })}
      />
    </Group>
  );
}
