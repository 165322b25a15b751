// What narrows the patterns, and what comes first. All of it stands in the URL.
import { Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useRef } from 'react';
import { useGet } from '@/api/query';
import { useShortcut } from '@/shared/shortcuts';
import { type Filter, ORDERS } from './filter';

interface FiltersProps {
  filter: Filter;
  onChange: (change: Partial<Filter>) => void;
}

const STATES = [
  { value: 'open', label: 'Open' },
  { value: 'handled', label: 'Handled' },
  { value: 'ignored', label: 'Ignored' },
  { value: 'all', label: 'All states' },
];

const VIEWS = [
  { value: 'list', label: 'List' },
  { value: 'hours', label: 'By hour' },
];

const SPANS = [
  { value: '24', label: 'Last 24 hours' },
  { value: '48', label: 'Last 48 hours' },
  { value: '168', label: 'Last 7 days' },
];

export function Filters({ filter, onChange }: FiltersProps) {
  const search = useRef<HTMLInputElement>(null);
  useShortcut('/', 'Find a pattern', () => search.current?.focus());
  const teams = useGet('/teams', { query: { limit: 1_000 } }).data?.items ?? [];
  const isList = filter.view === 'list';
  const names = new Set([...teams.map((one) => one.team.name), filter.team].filter((name) => name !== ''));
  return (
    <>
      <Group justify="space-between" gap="xs" align="flex-end">
        {isList ? (
          <SegmentedControl
            aria-label="What comes first"
            data={[...ORDERS]}
            value={filter.order}
            onChange={(order) => onChange({ order })}
          />
        ) : (
          <SegmentedControl
            aria-label="How far back"
            data={SPANS}
            value={filter.hours}
            onChange={(hours) => onChange({ hours })}
          />
        )}
        <SegmentedControl aria-label="View" data={VIEWS} value={filter.view} onChange={(view) => onChange({ view })} />
      </Group>
      <Group gap="xs">
        <TextInput
          ref={search}
          aria-label="Find in key, template, first message"
          placeholder="Find in key, template, message"
          leftSection={<IconSearch size={14} aria-hidden />}
          w={{ base: '100%', xs: 260 }}
          value={filter.text}
          onChange={(event) => onChange({ text: event.currentTarget.value })}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        />
        <TextInput
          aria-label="Key, whole"
          placeholder="Key, whole"
          w={150}
          value={filter.key}
          onChange={(event) => onChange({ key: event.currentTarget.value })}
        />
        {isList && (
          <>
            <TextInput
              aria-label="Host, whole"
              placeholder="Host, whole"
              w={140}
              value={filter.host}
              onChange={(event) => onChange({ host: event.currentTarget.value })}
            />
            <Select
              aria-label="Team"
              placeholder="Every team"
              clearable
              w={140}
              data={[...names]}
              nothingFoundMessage="No team is made yet"
              value={filter.team === '' ? null : filter.team}
              onChange={(team) => onChange({ team: team ?? '' })}
            />
          </>
        )}
        <Select
          aria-label="State"
          allowDeselect={false}
          w={120}
          data={STATES}
          value={filter.state}
          onChange={(state) => onChange({ state: state ?? 'open' })}
        />
      </Group>
    </>
  );
}
