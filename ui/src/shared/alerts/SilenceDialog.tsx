// Silences what some alerts have in common. From: the alerts. To: PUT /silences/{name}, after a look at what
// it would have hidden.
import { Alert, Button, Group, Modal, Select, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconShieldExclamation } from '@tabler/icons-react';
import { useState } from 'react';
import { IF_NONE, type Schemas, api } from '@/api/client';
import { useAskAgain } from '@/api/query';
import { Failed } from '../Failed';
import { useProblemForm } from '../form';
import { formatClock } from '../format';
import { usePermission } from '../permission';
import { Matchers } from './Matchers';
import { SilencePreview } from './SilencePreview';
import { namesOf } from './decide';
import { DURATIONS, type SilenceFields, matchersFor, nameFor, silenceOf, teamFor } from './silence';
import { useSilencePreview } from './useSilencePreview';

type AlertView = Schemas['AlertView'];

interface SilenceDialogProps {
  /** null: the dialog is not there. */
  alerts: readonly AlertView[] | null;
  onClose: () => void;
  onDone: () => void;
}

export function SilenceDialog({ alerts, onClose, onDone }: SilenceDialogProps) {
  return (
    <Modal
      opened={alerts !== null}
      onClose={onClose}
      size="lg"
      title={`Silence: ${alerts === null ? '' : namesOf(alerts)}`}
    >
      {alerts !== null && <Ask alerts={alerts} onClose={onClose} onDone={onDone} />}
    </Modal>
  );
}

function fieldsFor(alerts: readonly AlertView[]): SilenceFields {
  return { name: nameFor(alerts, new Date()), matchers: matchersFor(alerts), minutes: '120', reason: '' };
}

function Ask({ alerts, onClose, onDone }: SilenceDialogProps & { alerts: readonly AlertView[] }) {
  const again = useAskAgain();
  const team = teamFor(alerts);
  const save = async (fields: SilenceFields) => {
    const silence = silenceOf(fields, team, new Date());
    await api.PUT('/silences/{name}', {
      params: { path: { name: silence.name } },
      body: silence,
      headers: IF_NONE,
    });
    notifications.show({ title: `Silenced until ${formatClock(silence.end)}`, message: silence.name });
    void again(['/silences', '/alerts', '/alerts/{id}']);
    onDone();
    onClose();
  };
  const [initialValues] = useState(() => fieldsFor(alerts));
  const { form, onSubmit, isSending, problem } = useProblemForm<SilenceFields>({
    initialValues,
    validate: { reason: (reason) => (reason.trim() === '' ? 'Why, for whoever asks later' : null) },
    send: save,
    fieldOf: (fault) => (fault.path === 'end' ? 'minutes' : fault.path),
  });
  const preview = useSilencePreview(silenceOf({ ...form.values, reason: 'a look at it' }, team, new Date(0)), form.values);
  const admin = usePermission('admin');
  const broad = preview.data?.broad ?? [];
  const isRefused = broad.length > 0 && !admin.allowed;
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Text size="sm" c="dimmed">
          Alerts that fit all of these are still opened and counted, but nobody is told until it ends.
        </Text>
        <Matchers
          matchers={form.values.matchers}
          onChange={(matchers) => form.setFieldValue('matchers', matchers)}
          error={form.errors.matchers}
        />
        <Group grow align="flex-start">
          <Select label="How long" allowDeselect={false} data={DURATIONS} {...form.getInputProps('minutes')} />
          <TextInput label="Name" required maxLength={64} {...form.getInputProps('name')} />
        </Group>
        <Textarea
          label="Reason"
          required
          data-autofocus
          autosize
          minRows={2}
          maxLength={1_000}
          placeholder="New switch, ticket 4711"
          {...form.getInputProps('reason')}
        />
        <SilencePreview data={preview.data} error={preview.error} isPending={preview.isFetching} />
        {broad.length > 0 && (
          <Alert color="yellow" variant="outline" icon={<IconShieldExclamation aria-hidden />} title="It is broad">
            <Text size="sm">
              {broad.join('; ')}. {isRefused ? `Only an admin may save it. ${admin.why}` : 'You may save it as an admin.'}
            </Text>
          </Alert>
        )}
        {problem !== null && <Failed error={problem} what="It was not silenced" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isSending} disabled={isRefused}>
            Silence
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
