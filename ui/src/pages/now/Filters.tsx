// What narrows the list of alerts. All of it stands in the URL.
import { Button, Group, Pill, Select, TextInput } from '@mantine/core';
import { IconFilterOff, IconSearch } from '@tabler/icons-react';
import { useRef } from 'react';
import { useShortcut } from '@/shared/shortcuts';
import { ALL, type AlertView, DEFAULTS, type Filter, hourOf } from './filter';
import { hourName } from './hours';

interface FiltersProps {
  alerts: readonly AlertView[];
  filter: Filter;
  onChange: (change: Partial<Filter>) => void;
}

const STATES = [
  { value: 'current', label: 'Not over' },
  { value: 'open', label: 'Open' },
  { value: 'acknowledged', label: 'Acknowledged' },
  { value: 'over', label: 'Over, last 24 h' },
  { value: 'all', label: 'All, last 24 h' },
];

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
  const isNarrowed = Object.keys(filter).some((name) => name !== 'sort' && filter[name as keyof Filter] !== DEFAULTS[name as keyof Filter]);
  return (
    <Group gap="xs" role="search" aria-label="Filter">
      <TextInput
        ref={search}
        aria-label="Find in device, summary, rule, message"
        placeholder="Find in device, summary, rule, message"
        leftSection={<IconSearch size={14} aria-hidden />}
        w={{ base: '100%', xs: 270 }}
        value={filter.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <Choice label="State" w={140} data={STATES} value={filter.state} onChange={(state) => onChange({ state })} />
      <Choice label="Which alerts" w={135} data={SHOWS} value={filter.show} onChange={(show) => onChange({ show })} />
      <Choice label="Team" w={125} data={teams} none="Every team" value={filter.team} onChange={(team) => onChange({ team })} />
      <Choice
        label="Environment"
        w={110}
        data={environments}
        none="Every env"
        value={filter.environment}
        onChange={(environment) => onChange({ environment })}
      />
      <Pills filter={filter} onChange={onChange} />
      {isNarrowed && (
        <Button variant="subtle" color="gray" leftSection={<IconFilterOff size={14} aria-hidden />} onClick={() => onChange(ALL)}>
          Show all
        </Button>
      )}
    </Group>
  );
}

interface ChoiceProps {
  label: string;
  w: number;
  data: { value: string; label: string }[] | string[];
  /** What is shown if nothing is chosen; without it something always is. */
  none?: string;
  value: string;
  onChange: (value: string) => void;
}

function Choice({ label, none, value, onChange, ...rest }: ChoiceProps) {
  return (
    <Select
      {...rest}
      aria-label={label}
      placeholder={none}
      clearable={none !== undefined}
      clearButtonProps={{ 'aria-label': `${label}: ${none ?? ''}` }}
      allowDeselect={none !== undefined}
      value={value === '' ? null : value}
      onChange={(chosen) => onChange(chosen ?? '')}
    />
  );
}

/** What other pages' links and the strip of hours narrow by. */
function Pills({ filter, onChange }: Pick<FiltersProps, 'filter' | 'onChange'>) {
  const hour_ms = hourOf(filter);
  const remove = (name: string) => ({ 'aria-label': `Take away ${name}`, 'aria-hidden': false, tabIndex: 0 });
  return (
    <>
      {hour_ms !== null && (
        <Pill withRemoveButton removeButtonProps={remove('the hour')} size="md" onRemove={() => onChange({ hour: '', state: DEFAULTS.state })}>
          began {hourName(hour_ms)} to {hourName(hour_ms + 3_600_000)}
        </Pill>
      )}
      {(['host', 'rule'] as const).map(
        (name) =>
          filter[name] !== '' && (
            <Pill key={name} withRemoveButton removeButtonProps={remove(`the ${name}`)} size="md" onRemove={() => onChange({ [name]: '' })}>
              {name} {filter[name]}
            </Pill>
          ),
      )}
    </>
  );
}
