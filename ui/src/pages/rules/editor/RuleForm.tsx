// The parts of a rule as fields. From: the draft. To: the draft, with each key; what has no field is edited in the code.
import { Autocomplete, Button, Checkbox, Fieldset, NativeSelect, NumberInput, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useAll } from '@/api/query';
import type { Fault } from '../api';
import { isTable, textOf } from '../model/rule';
import { ConditionForm } from './ConditionForm';
import classes from './Editor.module.css';
import { Handling } from './Handling';
import type { Draft } from './useDraft';

interface RuleFormProps {
  draft: Draft;
  faults: readonly Fault[];
  isNew: boolean;
  isReadOnly: boolean;
}

const SEVERITIES = ['critical', 'major', 'minor', 'warning', 'indeterminate'];
/** Parts with neither a field here nor a panel beside. */
const IN_CODE = ['continue', 'early_clear', 'absent', 'sequence', 'flapping', 'suppressed_by', 'storm_per_minute', 'labels', 'scenarios'];

export function RuleForm({ draft, faults, isNew, isReadOnly }: RuleFormProps) {
  const { value } = draft.parsed;
  const isUnread = value === null;
  const form: FormPart = {
    draft,
    faultOf: (part) =>
      faults
        .filter((fault) => fault.path === part || fault.path.startsWith(`${part}.`))
        .map((fault) => fault.message)
        .join('; ') || undefined,
  };
  return (
    <section aria-label="Form" className={classes.card}>
      <Stack gap="md" className={classes.cardBody}>
        {isUnread && (
          <Text size="sm" role="status">
            The code cannot be read at the moment: the form waits until it can.
          </Text>
        )}
        <Fieldset variant="unstyled" disabled={isReadOnly || isUnread}>
          <Stack gap="md">
            <Identity form={form} isNew={isNew} />
            <Conditions draft={draft} faults={faults} />
            <Handling form={form} />
            <Told form={form} severities={SEVERITIES} />
            <Times form={form} />
            <About form={form} />
          </Stack>
        </Fieldset>
        <InCode draft={draft} />
      </Stack>
    </section>
  );
}

export interface FormPart {
  draft: Draft;
  faultOf: (part: string) => string | undefined;
}

/** What a text field of a part needs; an empty one takes the part away. */
export function textPart({ draft, faultOf }: FormPart, part: string) {
  return {
    value: textOf(draft.parsed.value, part),
    error: faultOf(part),
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      draft.setPart(part, value === '' ? undefined : value);
    },
  };
}

function Identity({ form, isNew }: { form: FormPart; isNew: boolean }) {
  const { data: teams } = useAll('/teams');
  const { draft, faultOf } = form;
  const { value } = draft.parsed;
  const id = textPart(form, 'id');
  return (
    <div className={classes.pair}>
      <TextInput
        label="Id"
        required
        readOnly={!isNew}
        description={isNew ? 'Letters, digits, - _ .' : 'It stays as it is'}
        {...id}
        onChange={(event) => draft.setPart('id', event.currentTarget.value)}
      />
      <NumberInput
        label="Priority"
        required
        size="xs"
        description="The lowest is tried first"
        min={0}
        allowDecimal={false}
        value={typeof value?.priority === 'number' ? value.priority : ''}
        error={faultOf('priority')}
        onChange={(priority) => draft.setPart('priority', priority === '' ? undefined : Number(priority))}
      />
      <Autocomplete
        label="Team"
        description="Who is responsible"
        size="xs"
        data={teams?.items.map((one) => one.team.name) ?? []}
        value={textOf(value, 'team')}
        error={faultOf('team')}
        onChange={(team) => draft.setPart('team', team === '' ? undefined : team)}
      />
    </div>
  );
}

function Conditions({ draft, faults }: { draft: Draft; faults: readonly Fault[] }) {
  const { value } = draft.parsed;
  const hasClear = value?.clear !== undefined;
  return (
    <>
      <Stack gap={4}>
        <Text size="sm" fw={600}>
          When: which messages it owns
        </Text>
        <ConditionForm part="when" legend="When" condition={value?.when} faults={faults} onChange={(when) => draft.setPart('when', when)} />
      </Stack>
      <Stack gap={4} align="stretch">
        <Text size="sm" fw={600}>
          Clear: which messages end its alert
        </Text>
        {hasClear ? (
          <>
            <ConditionForm part="clear" legend="Clear" condition={value.clear} faults={faults} onChange={(clear) => draft.setPart('clear', clear)} />
            <Button variant="subtle" color="gray" leftSection={<IconTrash size={14} aria-hidden />} onClick={() => draft.setPart('clear', undefined)} style={{ alignSelf: 'flex-start' }}>
              No clear
            </Button>
          </>
        ) : (
          <Button
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            style={{ alignSelf: 'flex-start' }}
            onClick={() => draft.setPart('clear', value?.when ?? { message: { contains: '' } })}
          >
            Add a clear
          </Button>
        )}
      </Stack>
    </>
  );
}

function Told({ form, severities }: { form: FormPart; severities: readonly string[] }) {
  const { draft, faultOf } = form;
  return (
    <>
      <div className={classes.pair}>
        <NativeSelect
          label="Severity"
          data={[{ value: '', label: 'as the message’s' }, ...severities]}
          value={textOf(draft.parsed.value, 'severity')}
          error={faultOf('severity')}
          onChange={(event) => draft.setPart('severity', event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
        />
        <TextInput label="Key" description="Tells its alerts on a host apart" placeholder="{captures.ifname}" {...textPart(form, 'key')} />
      </div>
      <TextInput label="Summary" description="One line for people; {host}, {captures.name} and the like" placeholder="the message itself" {...textPart(form, 'summary')} />
    </>
  );
}

/** Times and counting: what most rules need. */
function Times({ form }: { form: FormPart }) {
  const { draft, faultOf } = form;
  const { value } = draft.parsed;
  const count = isTable(value?.count) ? value.count : null;
  return (
    <Stack gap="xs">
      <div className={classes.pair}>
        <TextInput label="Told after" description="if not cleared by then" placeholder="at once" {...textPart(form, 'hold_for')} />
        <TextInput label="Closes itself after" description="no repeat for so long" placeholder={value?.clear === undefined ? '24h' : 'never'} {...textPart(form, 'close_after')} />
        <TextInput label="Opens again within" description="the same alert goes on" placeholder="5m" {...textPart(form, 'reopen_within')} />
      </div>
      <Checkbox
        size="xs"
        label="Only after several messages"
        checked={count !== null}
        error={count === null ? undefined : faultOf('count')}
        onChange={(event) => draft.setPart('count', event.currentTarget.checked ? { at_least: 5, within: '5m' } : undefined)}
      />
      {count !== null && (
        <div className={classes.pair}>
          <NumberInput label="At least" size="xs" min={2} value={typeof count.at_least === 'number' ? count.at_least : ''} onChange={(least) => draft.setPart(['count', 'at_least'], least === '' ? undefined : Number(least))} />
          <TextInput label="Within" value={textOf(count, 'within')} onChange={(event) => draft.setPart(['count', 'within'], event.currentTarget.value)} />
          <TextInput label="Different" placeholder="{host}" value={textOf(count, 'distinct')} onChange={(event) => draft.setPart(['count', 'distinct'], event.currentTarget.value === '' ? undefined : event.currentTarget.value)} />
        </div>
      )}
      <Checkbox
        size="xs"
        label="One alert for each key over all hosts"
        checked={value?.across_hosts === true}
        onChange={(event) => draft.setPart('across_hosts', event.currentTarget.checked ? true : undefined)}
      />
    </Stack>
  );
}

function About({ form }: { form: FormPart }) {
  return (
    <>
      <div className={classes.pair}>
        <TextInput label="Owner" description="Who answers for the rule" {...textPart(form, 'owner')} />
        <TextInput label="Runbook" description="Where to read what to do" {...textPart(form, 'runbook')} />
      </div>
      <Textarea label="Note" description="Why the rule is there" autosize minRows={2} {...textPart(form, 'note')} />
    </>
  );
}

function InCode({ draft }: { draft: Draft }) {
  const there = IN_CODE.filter((part) => draft.parsed.value?.[part] !== undefined);
  return (
    <Text size="xs" c="dimmed">
      {there.length > 0 && `This rule also has ${there.join(', ')}. `}
      Labels, parents, sequences, absence, flapping, storms and scenarios have no fields here: write them in the code.
    </Text>
  );
}
