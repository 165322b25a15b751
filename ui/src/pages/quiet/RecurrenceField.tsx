// On which days a window is: the choices of RFC 5545 that people need; what else there is, as text.
import { Chip, Fieldset, Group, NativeSelect, NumberInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import classes from './Quiet.module.css';
import { DAYS, type Day, type Frequency, NTHS, type Recurrence, dayName, dayOf, toRule } from './recurrence';

interface RecurrenceFieldProps {
  value: Recurrence;
  /** When it begins first: the weekday is taken from it. */
  start: string;
  onChange: (value: Recurrence) => void;
  error?: React.ReactNode;
}

const FREQUENCIES: { value: Frequency; label: string }[] = [
  { value: 'ONCE', label: 'Once' },
  { value: 'DAILY', label: 'Daily' },
  { value: 'WEEKLY', label: 'Weekly' },
  { value: 'MONTHLY', label: 'Monthly' },
  { value: 'OTHER', label: 'RRULE' },
];

const UNITS: Record<string, string> = { DAILY: 'days', WEEKLY: 'weeks', MONTHLY: 'months' };

export function RecurrenceField({ value, start, onChange, error }: RecurrenceFieldProps) {
  const set = (change: Partial<Recurrence>) => onChange({ ...value, ...change });
  const choose = (frequency: Frequency) => {
    // What was chosen so far is where a text begins.
    const text = frequency === 'OTHER' ? (toRule(value, start) ?? 'FREQ=WEEKLY') : value.text;
    const monthDay = Number(start.slice(8, 10)) || 1;
    set({ frequency, text, ...(value.frequency === 'MONTHLY' ? {} : { monthDay, weekday: dayOf(start) }) });
  };
  const comesAgain = value.frequency !== 'ONCE' && value.frequency !== 'OTHER';
  return (
    <Fieldset legend="Comes again" className={classes.fields}>
      <Stack gap="xs">
        <SegmentedControl
          aria-label="How often"
          data={FREQUENCIES}
          value={value.frequency}
          onChange={(frequency) => choose(frequency as Frequency)}
        />
        {comesAgain && (
          <NumberInput
            size="xs"
            w={200}
            label={`Every so many ${UNITS[value.frequency] ?? ''}`}
            min={1}
            max={99}
            value={value.interval}
            onChange={(interval) => set({ interval: Number(interval) || 1 })}
          />
        )}
        {value.frequency === 'WEEKLY' && <Weekdays value={value.days.length > 0 ? value.days : [dayOf(start)]} onChange={(days) => set({ days })} />}
        {value.frequency === 'MONTHLY' && <Monthly value={value} set={set} />}
        {comesAgain && <Ends value={value} set={set} />}
        {value.frequency === 'OTHER' && (
          <TextInput
            label="Rule of RFC 5545"
            description="FREQ DAILY, WEEKLY or MONTHLY, with INTERVAL, BYDAY, BYMONTHDAY, WKST, COUNT, UNTIL"
            className="mono"
            value={value.text}
            onChange={(event) => set({ text: event.currentTarget.value })}
          />
        )}
        {comesAgain && (
          <Text size="xs" c="dimmed" className="mono">
            {toRule(value, start)}
          </Text>
        )}
        {error !== undefined && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {error}
          </Text>
        )}
      </Stack>
    </Fieldset>
  );
}

function Weekdays({ value, onChange }: { value: Day[]; onChange: (days: Day[]) => void }) {
  return (
    <Chip.Group multiple value={value} onChange={(days) => onChange(days as Day[])}>
      <Group gap={6} role="group" aria-label="On these days">
        {DAYS.map((day) => (
          <Chip key={day} value={day} size="sm" aria-label={dayName(day)}>
            {dayName(day).slice(0, 3)}
          </Chip>
        ))}
      </Group>
    </Chip.Group>
  );
}

interface PartProps {
  value: Recurrence;
  set: (change: Partial<Recurrence>) => void;
}

const MONTHLY = [
  { value: 'day', label: 'On a day of the month' },
  { value: 'weekday', label: 'On a weekday' },
];

function Monthly({ value, set }: PartProps) {
  return (
    <Group gap="xs" align="flex-end">
      <NativeSelect
        aria-label="Which day of the month"
        data={MONTHLY}
        value={value.monthly}
        onChange={(event) => set({ monthly: event.currentTarget.value as Recurrence['monthly'] })}
      />
      {value.monthly === 'day' ? (
        <NumberInput
          size="xs"
          w={90}
          aria-label="Day of the month; −1 is the last"
          min={-31}
          max={31}
          value={value.monthDay}
          onChange={(monthDay) => set({ monthDay: Number(monthDay) || 1 })}
        />
      ) : (
        <>
          <NativeSelect
            aria-label="Which of the month"
            data={NTHS}
            value={String(value.nth)}
            onChange={(event) => set({ nth: Number(event.currentTarget.value) })}
          />
          <NativeSelect
            aria-label="Weekday"
            data={DAYS.map((day) => ({ value: day, label: dayName(day) }))}
            value={value.weekday}
            onChange={(event) => set({ weekday: event.currentTarget.value as Day })}
          />
        </>
      )}
    </Group>
  );
}

const ENDS = [
  { value: 'never', label: 'Never ends' },
  { value: 'count', label: 'Ends after so many times' },
  { value: 'until', label: 'Ends after a day' },
];

function Ends({ value, set }: PartProps) {
  return (
    <Group gap="xs" align="flex-end">
      <NativeSelect
        aria-label="When it ends"
        data={ENDS}
        value={value.ends}
        onChange={(event) => set({ ends: event.currentTarget.value as Recurrence['ends'] })}
      />
      {value.ends === 'count' && (
        <NumberInput
          size="xs"
          w={90}
          aria-label="Times"
          min={1}
          value={value.count}
          onChange={(count) => set({ count: Number(count) || 1 })}
        />
      )}
      {value.ends === 'until' && (
        <TextInput
          type="date"
          aria-label="Last day"
          value={value.until}
          onChange={(event) => set({ until: event.currentTarget.value })}
        />
      )}
    </Group>
  );
}
