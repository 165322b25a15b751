// One entry of the inventory: new, changed, or taken away.
import { ActionIcon, Button, Drawer, Fieldset, Group, NativeSelect, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { IF_NONE, api, ifMatch } from '@/api/client';
import { type GetPath, useChange, useGet } from '@/api/query';
import { Action } from '@/shared/Action';
import { Confirm } from '@/shared/Confirm';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { useProblemForm } from '@/shared/form';
import { usePermission } from '@/shared/permission';
import { toHostOfInventory } from '@/shared/links';
import classes from './Inventory.module.css';
import { type HostEntry, type HostView, type Label, NEW, type Values, kindOf, label, toEntry, toValues } from './hosts';

const CHANGES: readonly GetPath[] = ['/inventory', '/inventory/hosts/{host}', '/inventory/locate', '/revisions'];

interface EditHostProps {
  /** A host of the inventory, NEW, or empty. */
  edit: string;
  hosts: readonly HostView[];
  onClose: () => void;
}

export function EditHost({ edit, hosts, onClose }: EditHostProps) {
  const found = hosts.find((one) => one.entry.host === edit);
  return (
    <Drawer
      opened={edit !== ''}
      onClose={onClose}
      position="right"
      size="lg"
      title={edit === NEW ? 'New entry' : `Entry ${edit}`}
    >
      {edit === NEW && <Form entry={{ host: '' }} revision={null} onClose={onClose} />}
      {edit !== NEW && found !== undefined && (
        <Form key={found.revision} entry={found.entry} revision={found.revision} onClose={onClose} />
      )}
      {edit !== '' && edit !== NEW && found === undefined && <Empty title="There is no such entry" />}
    </Drawer>
  );
}

function useTeams(more: string): string[] {
  const teams = useGet('/teams', { query: { limit: 1_000 } }).data?.items.map((one) => one.team.name) ?? [];
  return [...new Set([...teams, ...(more === '' ? [] : [more])])];
}

function Form({ entry, revision, onClose }: { entry: HostEntry; revision: number | null; onClose: () => void }) {
  const { why } = usePermission('admin');
  const change = useChange({
    change: (body: HostEntry) =>
      api.PUT('/inventory/hosts/{host}', {
        params: { path: { host: body.host } },
        headers: revision === null ? IF_NONE : ifMatch(revision),
        body,
      }),
    changes: CHANGES,
    onDone: onClose,
  });
  const { form, onSubmit, isSending, problem } = useProblemForm<Values>({
    initialValues: toValues(entry),
    validate: { host: (host) => (host.trim() === '' ? 'A name, a pattern or a network is needed' : null) },
    send: (values) => change.mutateAsync(toEntry(values)),
  });
  const { values } = form;
  const teams = useTeams(values.team);
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <TextInput
          label="Host"
          description="A name, a pattern (*, ?, [a-z]) or a network such as 10.1.0.0/16"
          required
          readOnly={revision !== null}
          {...form.getInputProps('host')}
        />
        <Group grow align="flex-start">
          <NativeSelect
            label="Environment"
            data={[{ value: '', label: 'Not said here' }, 'prod', 'dev']}
            {...form.getInputProps('environment')}
          />
          <TextInput label="Site" {...form.getInputProps('site')} />
          <Select
            label="Team"
            clearable
            placeholder="Not said here"
            data={teams}
            nothingFoundMessage="No team is made yet"
            value={values.team === '' ? null : values.team}
            onChange={(team) => form.setFieldValue('team', team ?? '')}
            error={form.errors.team}
          />
        </Group>
        <Labels labels={values.labels} onChange={(labels) => form.setFieldValue('labels', labels)} error={form.errors.labels} />
        {revision !== null && kindOf(entry.host) === 'host' && (
          <Text size="sm" component="div">
            <Link to={toHostOfInventory(entry.host)}>Where {entry.host} belongs</Link>, with all
            entries that fit
          </Text>
        )}
        {problem !== null && <Failed error={problem} />}
        <Group justify="space-between">
          <div>{revision !== null && <Remove host={entry.host} revision={revision} why={why} onGone={onClose} />}</div>
          <Action what="Save" type="submit" variant="filled" loading={isSending} why={why} />
        </Group>
      </Stack>
    </form>
  );
}

interface LabelsProps {
  labels: Label[];
  onChange: (labels: Label[]) => void;
  error?: React.ReactNode;
}

function Labels({ labels, onChange, error }: LabelsProps) {
  const set = (key: number, change: Partial<Label>) =>
    onChange(labels.map((one) => (one.key === key ? { ...one, ...change } : one)));
  return (
    <Fieldset legend="Labels" className={classes.labels}>
      {labels.map((one, at) => (
        <div key={one.key} className={classes.label}>
          <TextInput
            aria-label={`Name of label ${at + 1}`}
            placeholder="rack"
            value={one.name}
            onChange={(event) => set(one.key, { name: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`Value of label ${at + 1}`}
            placeholder="r12"
            value={one.value}
            onChange={(event) => set(one.key, { value: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove label ${at + 1}`}
            onClick={() => onChange(labels.filter((other) => other.key !== one.key))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => onChange([...labels, label()])}>
        Add a label
      </Button>
      {error !== undefined && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {error}
        </Text>
      )}
    </Fieldset>
  );
}

function Remove({ host, revision, why, onGone }: { host: string; revision: number; why: string; onGone: () => void }) {
  const [asked, setAsked] = useState(false);
  const remove = useChange({
    change: (words: string) =>
      api.DELETE('/inventory/hosts/{host}', {
        params: { path: { host }, query: { why: words || undefined } },
        headers: ifMatch(revision),
      }),
    changes: CHANGES,
    onDone: onGone,
  });
  return (
    <>
      <Action what="Remove" icon={IconTrash} color="red" variant="outline" why={why} onClick={() => setAsked(true)} />
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={`Remove the entry ${host}?`}
        confirm="Remove it"
        isDanger
        asksWhy
        onConfirm={(words) => remove.mutateAsync(words)}
      >
        <Text size="sm">What other entries and settings say holds for its hosts from then on.</Text>
      </Confirm>
    </>
  );
}
