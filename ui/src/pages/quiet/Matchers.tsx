// What an alert has to be to be hidden: one line for each, all must hold.
import { ActionIcon, Autocomplete, Button, Fieldset, NativeSelect, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import classes from './Quiet.module.css';
import { FIELDS, OPERATORS, type Operator, type Row, row } from './matchers';

interface MatchersProps {
  rows: readonly Row[];
  onChange: (rows: Row[]) => void;
  error?: React.ReactNode;
}

const NAMES = [...FIELDS.map((field) => field.value), 'labels.'];

export function Matchers({ rows, onChange, error }: MatchersProps) {
  const set = (key: number, change: Partial<Row>) =>
    onChange(rows.map((one) => (one.key === key ? { ...one, ...change } : one)));
  return (
    <Fieldset legend="Alerts that are hidden: all of this must be so" className={classes.fields}>
      {rows.map((one, at) => (
        <div key={one.key} className={classes.matcher} role="group" aria-label={`Matcher ${at + 1}`}>
          <Autocomplete
            size="xs"
            aria-label={`Field of matcher ${at + 1}`}
            data={NAMES}
            value={one.field}
            onChange={(field) => set(one.key, { field })}
          />
          <NativeSelect
            aria-label={`Comparison of matcher ${at + 1}`}
            data={OPERATORS}
            value={one.operator}
            onChange={(event) => set(one.key, { operator: event.currentTarget.value as Operator })}
          />
          <TextInput
            aria-label={`Value of matcher ${at + 1}`}
            placeholder="core-1, lab-*, fra1 …"
            value={one.value}
            onChange={(event) => set(one.key, { value: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove matcher ${at + 1}`}
            disabled={rows.length === 1}
            onClick={() => onChange(rows.filter((other) => other.key !== one.key))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => onChange([...rows, row({ field: 'team' })])}
      >
        Add a matcher
      </Button>
      <Text size="xs" c="dimmed" mt={6}>
        Also <code>labels.NAME</code>. The case of letters does not matter.
      </Text>
      {error !== undefined && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {error}
        </Text>
      )}
    </Fieldset>
  );
}
