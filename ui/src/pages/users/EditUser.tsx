// A person who may sign in: new, or with other rights.
import { Checkbox, Drawer, Group, Stack, TextInput } from '@mantine/core';
import { type Schemas, api, data, ifMatch } from '@/api/client';
import { useChange } from '@/api/query';
import { Action } from '@/shared/Action';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { useProblemForm } from '@/shared/form';
import type { Secret } from './Once';
import { RightsFields } from './RightsFields';
import { UserActions } from './UserActions';
import { USER_CHANGES, oneTimeSecret } from './secret';

type UserView = Schemas['UserView'];
type Role = Schemas['Role'];

interface EditUserProps {
  opened: boolean;
  isNew: boolean;
  user: UserView | null;
  onClose: () => void;
  onSecret: (secret: Secret) => void;
}

export function EditUser({ opened, isNew, user, onClose, onSecret }: EditUserProps) {
  const title = isNew ? 'New user' : `User ${user?.name ?? ''}`;
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="lg" title={title}>
      {isNew && <Form user={null} onClose={onClose} onSecret={onSecret} />}
      {!isNew && user !== null && (
        <Stack>
          <Form key={user.revision} user={user} onClose={onClose} onSecret={onSecret} />
          <UserActions user={user} onClose={onClose} onSecret={onSecret} />
        </Stack>
      )}
      {!isNew && user === null && <Empty title="There is no such user" />}
    </Drawer>
  );
}

interface Values extends Record<string, unknown> {
  name: string;
  display_name: string;
  role: string;
  teams: string[];
  disabled: boolean;
}

function rightsOf(values: Values): Schemas['UserRights'] {
  const { display_name, role, teams, disabled } = values;
  return { display_name: display_name.trim(), role: role as Role, teams: role === 'admin' ? [] : teams, disabled };
}

function Form({ user, onClose, onSecret }: { user: UserView | null; onClose: () => void; onSecret: (secret: Secret) => void }) {
  const make = useChange({
    change: (values: Values) => data(api.POST('/users', { body: { name: values.name.trim(), ...rightsOf(values) } })),
    changes: USER_CHANGES,
    onDone: (made) => onSecret(oneTimeSecret(made)),
  });
  const change = useChange({
    change: (values: Values) =>
      api.PUT('/users/{name}', {
        params: { path: { name: values.name } },
        headers: ifMatch(user?.revision ?? 0),
        body: rightsOf(values),
      }),
    changes: USER_CHANGES,
  });
  const { form, onSubmit, isSending, problem } = useProblemForm<Values>({
    initialValues: {
      name: user?.name ?? '',
      display_name: user?.display_name ?? '',
      role: user?.role ?? 'viewer',
      teams: user?.teams ?? [],
      disabled: user?.disabled ?? false,
    },
    validate: { name: (name) => (name.trim() === '' ? 'A name is needed' : null) },
    send: async (values) => {
      if (user === null) await make.mutateAsync(values);
      else await change.mutateAsync(values);
      onClose();
    },
  });
  const { values } = form;
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <TextInput
          label="Name"
          description="What they sign in with"
          required
          readOnly={user !== null}
          maxLength={64}
          {...form.getInputProps('name')}
        />
        <TextInput label="Called" maxLength={200} {...form.getInputProps('display_name')} />
        <RightsFields
          role={values.role}
          teams={values.teams}
          errors={form.errors}
          onRole={(role) => form.setFieldValue('role', role)}
          onTeams={(teams) => form.setFieldValue('teams', teams)}
        />
        <Checkbox
          label="Locked: may not sign in"
          description={user !== null && 'Their sessions end when their rights become others'}
          {...form.getInputProps('disabled', { type: 'checkbox' })}
        />
        {problem !== null && <Failed error={problem} />}
        <Group justify="flex-end">
          <Action what={user === null ? 'Make the user' : 'Save'} type="submit" variant="filled" loading={isSending} />
        </Group>
      </Stack>
    </form>
  );
}
