// A silence: what it hides, from when to when, why; what it would have hidden is seen before it is saved.
import { Button, Group, Select, SimpleGrid, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import { IF_NONE, type Schemas, api, ifMatch } from '@/api/client';
import { useChange, useGet } from '@/api/query';
import { useMe } from '@/api/session';
import { useProblemForm } from '@/shared/form';
import { toLocal, toMoment, zones } from '@/shared/zone';
import { EndIt } from './EndIt';
import { Foot } from './Foot';
import { Matchers } from './Matchers';
import { type Draft, Preview, usePreview } from './Preview';
import { type Silence, type SilenceValues, silenceValues, toSilence } from './drafts';
import { toMatchers, whyNot } from './matchers';
import { QUIET_PATHS, isNamed } from './changes';

interface SilenceFormProps {
  silence: Silence;
  /** null: it is new. */
  revision: number | null;
  now?: Schemas['SilenceStanding'];
  onClose: () => void;
}

const LENGTHS = [
  { hours: 1, label: '1 h' },
  { hours: 2, label: '2 h' },
  { hours: 4, label: '4 h' },
  { hours: 8, label: '8 h' },
  { hours: 24, label: '24 h' },
];
const PREVIEW_WAIT_MS = 400;

function required(value: string): string | null {
  return value.trim() === '' ? 'This is needed' : null;
}

export function SilenceForm({ silence, revision, onClose }: SilenceFormProps) {
  const session = useMe();
  const change = useChange({
    change: (body: Silence) => {
      const headers = revision === null ? IF_NONE : ifMatch(revision);
      return api.PUT('/silences/{name}', { params: { path: { name: body.name } }, headers, body });
    },
    changes: QUIET_PATHS,
    onDone: onClose,
  });
  const { form, onSubmit, isSending, problem } = useProblemForm<SilenceValues>({
    initialValues: silenceValues(silence),
    validate: {
      name: required,
      reason: required,
      start: required,
      end: (end, { start }) => (end === '' || end <= start ? 'The end is after the beginning' : null),
    },
    send: async (values) => {
      const body = toSilence(values, silence.owner);
      if (body !== null) await change.mutateAsync(body);
    },
  });
  const { values } = form;
  const [settled] = useDebouncedValue(values, PREVIEW_WAIT_MS);
  const draft = useMemo(() => draftOf(settled), [settled]);
  const preview = usePreview(session.role === 'viewer' ? null : draft);
  const why = whyNot(session, toMatchers(values.matchers), draft === null ? [] : (preview.data?.broad ?? []));
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Group grow align="flex-start">
          <TextInput
            label="Name"
            required
            readOnly={revision !== null}
            data-autofocus={revision === null || undefined}
            {...form.getInputProps('name')}
          />
          <TeamField value={values.team} onChange={(team) => form.setFieldValue('team', team)} error={form.errors.team} />
        </Group>
        <Matchers
          rows={values.matchers}
          onChange={(rows) => form.setFieldValue('matchers', rows)}
          error={form.errors.matchers}
        />
        <Times form={form} />
        <Textarea label="Reason" required autosize minRows={2} maxLength={4_000} {...form.getInputProps('reason')} />
        <Preview found={draft === null ? undefined : preview.data} error={preview.error} isWaiting={preview.isFetching} />
        <Foot problem={problem} isSending={isSending} why={why} save={revision === null ? 'Make the silence' : 'Save'}>
          {revision !== null && <EndIt kind="silence" name={silence.name} revision={revision} onEnded={onClose} />}
        </Foot>
      </Stack>
    </form>
  );
}

function draftOf(values: SilenceValues): Draft | null {
  const silence = toSilence(values, undefined);
  return silence !== null && isNamed(silence.matchers) ? { silence } : null;
}

function TeamField({ value, onChange, error }: { value: string; onChange: (team: string) => void; error: React.ReactNode }) {
  const teams = useGet('/teams', { query: { limit: 1_000 } }).data?.items.map((one) => one.team.name) ?? [];
  const known = [...new Set([...teams, ...(value === '' ? [] : [value])])];
  return (
    <Select
      label="Team to remind"
      description="Before it ends, if it hides something then"
      placeholder="None"
      clearable
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={known}
      nothingFoundMessage="No team is made yet"
      value={value === '' ? null : value}
      onChange={(team) => onChange(team ?? '')}
      error={error}
    />
  );
}

function Times({ form }: { form: ReturnType<typeof useProblemForm<SilenceValues>>['form'] }) {
  const { start, zone } = form.values;
  const last = (hours: number) => {
    const from = toMoment(start, zone);
    if (from !== null) form.setFieldValue('end', toLocal(Date.parse(from) + hours * 3_600_000, zone));
  };
  return (
    <div>
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md">
        <TextInput type="datetime-local" label="Begins" required {...form.getInputProps('start')} />
        <TextInput type="datetime-local" label="Ends" required {...form.getInputProps('end')} />
        <Select label="Zone" searchable allowDeselect={false} data={zones()} {...form.getInputProps('zone')} />
      </SimpleGrid>
      <Group gap={6} mt={6} role="group" aria-label="Lasts">
        <Text size="xs" c="dimmed">
          Lasts
        </Text>
        {LENGTHS.map(({ hours, label }) => (
          <Button key={hours} variant="default" size="compact-sm" onClick={() => last(hours)}>
            {label}
          </Button>
        ))}
      </Group>
    </div>
  );
}
