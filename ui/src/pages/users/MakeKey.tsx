// A new key for a program: its role, what it opens, for how long.
import { Group, Modal, MultiSelect, NumberInput, Stack, TextInput } from '@mantine/core';
import { type Schemas, api, data } from '@/api/client';
import { useChange } from '@/api/query';
import { Action } from '@/shared/Action';
import { Failed } from '@/shared/Failed';
import { useProblemForm } from '@/shared/form';
import type { Secret } from './Once';
import { RightsFields } from './RightsFields';
import { SCOPES } from './scopes';

interface MakeKeyProps {
  opened: boolean;
  onClose: () => void;
  onSecret: (secret: Secret) => void;
}

export function MakeKey({ opened, onClose, onSecret }: MakeKeyProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="New key" size="lg">
      <Form onClose={onClose} onSecret={onSecret} />
    </Modal>
  );
}

interface Values extends Record<string, unknown> {
  name: string;
  role: string;
  teams: string[];
  scope: string[];
  expires_in_days: number | string;
}

function keyOf({ name, role, teams, scope, expires_in_days: days }: Values): Schemas['NewKey'] {
  const ends = days === '' ? {} : { expires_in_days: Number(days) };
  return { name: name.trim(), role: role as Schemas['Role'], teams: role === 'admin' ? [] : teams, scope, ...ends };
}

function Form({ onClose, onSecret }: Omit<MakeKeyProps, 'opened'>) {
  const make = useChange({
    change: (values: Values) => data(api.POST('/keys', { body: keyOf(values) })),
    changes: ['/keys', '/audit', '/revisions'],
    onDone: ({ name, key }) => {
      onClose();
      onSecret({ title: `Key ${name}`, text: key, about: 'A program sends it as X-API-KEY.' });
    },
  });
  const { form, onSubmit, isSending, problem } = useProblemForm<Values>({
    initialValues: { name: '', role: 'viewer', teams: [], scope: [], expires_in_days: 90 },
    validate: { name: (name) => (name.trim() === '' ? 'A name is needed: what it does is audited under it' : null) },
    send: (values) => make.mutateAsync(values),
  });
  const { values } = form;
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <TextInput
          label="Name"
          description="What is done with it stands in the audit under this name"
          required
          maxLength={64}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <RightsFields
          role={values.role}
          teams={values.teams}
          errors={form.errors}
          onRole={(role) => form.setFieldValue('role', role)}
          onTeams={(teams) => form.setFieldValue('teams', teams)}
        />
        <MultiSelect
          label="Opens"
          description="Groups of paths; none: all that its role may"
          placeholder={values.scope.length === 0 ? 'All' : undefined}
          searchable
          data={SCOPES}
          {...form.getInputProps('scope')}
        />
        <NumberInput
          size="xs"
          label="Ends after so many days"
          description="Empty: never"
          min={1}
          {...form.getInputProps('expires_in_days')}
        />
        {problem !== null && <Failed error={problem} />}
        <Group justify="flex-end">
          <Action what="Make the key" type="submit" variant="filled" loading={isSending} />
        </Group>
      </Stack>
    </form>
  );
}
