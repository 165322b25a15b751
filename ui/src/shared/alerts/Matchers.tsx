// What an alert has to be for a silence to hold: rows of field, operator and value. All of them must hold.
import { ActionIcon, Button, Fieldset, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { MATCHER_FIELDS, type Matcher, OPERATORS } from './silence';

interface MatchersProps {
  matchers: Matcher[];
  onChange: (matchers: Matcher[]) => void;
  error?: ReactNode;
}

export function Matchers({ matchers, onChange, error }: MatchersProps) {
  const set = (at: number, change: Partial<Matcher>) =>
    onChange(matchers.map((one, index) => (index === at ? { ...one, ...change } : one)));
  return (
    <Fieldset legend="Which alerts" p="sm">
      {matchers.map((one, at) => (
        // They have no name but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <Group key={at} gap={6} mb={6} wrap="nowrap" align="flex-start">
          <NativeSelect
            aria-label={`Field ${at + 1}`}
            w={112}
            flex="none"
            data={fields(one.field)}
            value={one.field}
            onChange={(event) => set(at, { field: event.currentTarget.value })}
          />
          <NativeSelect
            aria-label={`Operator ${at + 1}`}
            w={88}
            flex="none"
            data={[...OPERATORS]}
            value={one.operator ?? 'equals'}
            onChange={(event) => set(at, { operator: event.currentTarget.value as Matcher['operator'] })}
          />
          <TextInput
            aria-label={`Value ${at + 1}`}
            flex={1}
            miw={0}
            value={one.value}
            error={one.value.trim() === '' ? 'A value' : undefined}
            onChange={(event) => set(at, { value: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Take away ${one.field} ${one.value}`}
            disabled={matchers.length === 1}
            onClick={() => onChange(matchers.filter((_, index) => index !== at))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {error !== undefined && (
        <Text size="sm" c="red" role="alert">
          {error}
        </Text>
      )}
      <Button
        variant="subtle"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => onChange([...matchers, { field: 'summary', operator: 'regex', value: '' }])}
      >
        Narrow it further
      </Button>
    </Fieldset>
  );
}

/** A label, `labels.role`, stays to be chosen where it is. */
function fields(chosen: string): string[] {
  return [...new Set([...MATCHER_FIELDS, chosen])];
}
