// A maintenance window: what it hides, when it is again, why; what it would have hidden is seen before it is saved.
import { NumberInput, Select, SimpleGrid, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import { IF_NONE, type Schemas, api, ifMatch } from '@/api/client';
import { useChange } from '@/api/query';
import { useMe } from '@/api/session';
import { useProblemForm } from '@/shared/form';
import { formatDuration } from '@/shared/format';
import { zones } from '@/shared/zone';
import { EndIt } from './EndIt';
import { Foot } from './Foot';
import { Matchers } from './Matchers';
import { type Draft, Preview, usePreview } from './Preview';
import { RecurrenceField } from './RecurrenceField';
import { QUIET_PATHS, isNamed } from './changes';
import { type Window, type WindowValues, toWindow, windowValues } from './drafts';
import { toMatchers, whyNot } from './matchers';
import { describe } from './recurrence';

interface WindowFormProps {
  window: Window;
  /** null: it is new. */
  revision: number | null;
  now?: Schemas['SilenceStanding'];
  onClose: () => void;
}

const PREVIEW_WAIT_MS = 400;

function required(value: string): string | null {
  return value.trim() === '' ? 'This is needed' : null;
}

export function WindowForm({ window, revision, onClose }: WindowFormProps) {
  const session = useMe();
  const change = useChange({
    change: (body: Window) => {
      const headers = revision === null ? IF_NONE : ifMatch(revision);
      return api.PUT('/maintenance/{name}', { params: { path: { name: body.name } }, headers, body });
    },
    changes: QUIET_PATHS,
    onDone: onClose,
  });
  const { form, onSubmit, isSending, problem } = useProblemForm<WindowValues>({
    initialValues: windowValues(window),
    validate: { name: required, reason: required, start: required },
    send: (values) => change.mutateAsync(toWindow(values, window.owner)),
  });
  const { values } = form;
  const [settled] = useDebouncedValue(values, PREVIEW_WAIT_MS);
  const draft = useMemo(() => draftOf(settled), [settled]);
  const preview = usePreview(session.role === 'viewer' ? null : draft);
  const why = whyNot(session, toMatchers(values.matchers), draft === null ? [] : (preview.data?.broad ?? []));
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <TextInput
          label="Name"
          required
          readOnly={revision !== null}
          data-autofocus={revision === null || undefined}
          {...form.getInputProps('name')}
        />
        <Matchers
          rows={values.matchers}
          onChange={(rows) => form.setFieldValue('matchers', rows)}
          error={form.errors.matchers}
        />
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md">
          <TextInput type="datetime-local" label="Begins first" required {...form.getInputProps('start')} />
          <NumberInput
            size="xs"
            label="Lasts, in minutes"
            required
            min={1}
            max={527_040}
            {...form.getInputProps('duration_minutes')}
          />
          <Select label="Zone" searchable allowDeselect={false} data={zones()} {...form.getInputProps('zone')} />
        </SimpleGrid>
        <RecurrenceField
          value={values.rule}
          start={values.start}
          onChange={(rule) => form.setFieldValue('rule', rule)}
          error={form.errors.rule}
        />
        <TextInput
          label="Not on these days"
          placeholder="2026-12-27, 2027-01-03"
          {...form.getInputProps('except')}
        />
        <Text size="sm" role="status">
          {words(values)}
        </Text>
        <Textarea label="Reason" required autosize minRows={2} maxLength={4_000} {...form.getInputProps('reason')} />
        <Preview found={draft === null ? undefined : preview.data} error={preview.error} isWaiting={preview.isFetching} />
        <Foot problem={problem} isSending={isSending} why={why} save={revision === null ? 'Make the window' : 'Save'}>
          {revision !== null && <EndIt kind="maintenance" name={window.name} revision={revision} onEnded={onClose} />}
        </Foot>
      </Stack>
    </form>
  );
}

/** `Every week on Sunday, 22:00 for 2 h, Europe/Berlin`. */
function words({ rule, start, duration_minutes: minutes, zone }: WindowValues): string {
  if (start === '') return '';
  const days = rule.frequency === 'ONCE' ? `once, ${start.slice(0, 10)}` : describe(rule, start);
  const said = `${days}, ${start.slice(11)} for ${formatDuration(Number(minutes) * 60_000)}, ${zone}`;
  return said.charAt(0).toUpperCase() + said.slice(1);
}

function draftOf(values: WindowValues): Draft | null {
  const window = toWindow(values, undefined);
  return isNamed(window.matchers) && window.start !== '' ? { window } : null;
}
