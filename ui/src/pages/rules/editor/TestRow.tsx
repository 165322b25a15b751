// One test of a field: field, operator, value. From: the tree of a condition. To: the same.
import { ActionIcon, Autocomplete, Checkbox, Group, NativeSelect, Stack, TagsInput, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { Fault } from '../api';
import { type Test, withOperator } from '../model/condition';
import { FIELD_NAMES, OPERATOR_WORDS, WITH_NAME, operatorsOf, splitField, wordsOf } from '../model/fields';
import classes from './Editor.module.css';

interface TestRowProps {
  test: Test;
  name: string;
  faults: readonly Fault[];
  onChange: (test: Test | null) => void;
}

const FIELD_CHOICES = FIELD_NAMES.map((field) => ({ value: field, label: field in WITH_NAME ? `${field}…` : field }));

/** Faults of this test, or of the field or operator around it. */
function faultOf(faults: readonly Fault[], path: string): string | undefined {
  const found = faults.filter(
    (fault) => path !== '' && (fault.path === path || fault.path.startsWith(`${path}.`) || fault.path.startsWith(`${path}[`) || path === `${fault.path}.${path.split('.').at(-1)}`),
  );
  return found.length === 0 ? undefined : found.map((fault) => fault.message).join('; ');
}

export function TestRow({ test, name, faults, onChange }: TestRowProps) {
  const { head, name: below } = splitField(test.field);
  const operators = operatorsOf(test.field);
  const choices = operators.includes(test.operator) ? operators : [...operators, test.operator];
  const setField = (field: string) => {
    const next = { ...test, field };
    const fits = operatorsOf(field);
    onChange(fits.includes(test.operator) ? next : withOperator(next, fits[0] ?? 'equals'));
  };
  return (
    <div className={classes.test}>
      <div className={classes.named}>
        <NativeSelect
          aria-label={`${name}: field`}
          data={FIELD_CHOICES}
          value={head}
          onChange={(event) => {
            const field = event.currentTarget.value;
            setField(field in WITH_NAME ? `${field}.` : field);
          }}
        />
        {head in WITH_NAME && (
          <TextInput
            aria-label={`${name}: ${head}, ${WITH_NAME[head]}`}
            placeholder={WITH_NAME[head]}
            value={below}
            onChange={(event) => onChange({ ...test, field: `${head}.${event.currentTarget.value}` })}
          />
        )}
      </div>
      <NativeSelect
        aria-label={`${name}: operator`}
        data={choices.map((operator) => ({ value: operator, label: OPERATOR_WORDS[operator] ?? operator }))}
        value={test.operator}
        onChange={(event) => onChange(withOperator(test, event.currentTarget.value))}
      />
      <Stack gap={8}>
        <Value test={test} name={name} error={faultOf(faults, test.path)} onChange={onChange} />
        {typeof test.value === 'string' && ['contains', 'equals', 'regex', 'glob', 'starts_with', 'ends_with'].includes(test.operator) && (
          <Checkbox
            size="xs"
            label="upper and lower case differ"
            checked={test.isCase}
            onChange={(event) => onChange({ ...test, isCase: event.currentTarget.checked })}
          />
        )}
      </Stack>
      <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${name}`} onClick={() => onChange(null)}>
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </div>
  );
}

function Value({ test, name, error, onChange }: Omit<TestRowProps, 'faults'> & { error?: string }) {
  const label = `${name}: value`;
  const { value } = test;
  if (typeof value === 'boolean') {
    return (
      <NativeSelect
        aria-label={label}
        error={error}
        data={['yes', 'no']}
        value={value ? 'yes' : 'no'}
        onChange={(event) => onChange({ ...test, value: event.currentTarget.value === 'yes' })}
      />
    );
  }
  if (test.operator === 'between' && Array.isArray(value)) {
    const [least = '', most = ''] = value;
    return (
      <Group gap={4} wrap="nowrap" align="start">
        <TextInput aria-label={`${label}, at least`} error={error} value={least} onChange={(event) => onChange({ ...test, value: [event.currentTarget.value, most] })} />
        <TextInput aria-label={`${label}, at most`} value={most} onChange={(event) => onChange({ ...test, value: [least, event.currentTarget.value] })} />
      </Group>
    );
  }
  if (Array.isArray(value)) {
    return (
      <TagsInput
        size="xs"
        aria-label={label}
        error={error}
        data={[...wordsOf(test.field)]}
        value={value}
        placeholder={value.length === 0 ? 'Enter after each' : undefined}
        acceptValueOnBlur
        onChange={(next) => onChange({ ...test, value: next })}
      />
    );
  }
  const words = wordsOf(test.field);
  const isMono = test.operator === 'regex' || test.operator === 'glob';
  return (
    <Autocomplete
      size="xs"
      aria-label={label}
      error={error}
      data={[...words]}
      value={value}
      spellCheck={false}
      styles={isMono ? { input: { fontFamily: 'var(--mantine-font-family-monospace)' } } : undefined}
      onChange={(next) => onChange({ ...test, value: next })}
    />
  );
}
