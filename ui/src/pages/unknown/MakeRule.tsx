// From a pattern to a rule: what it shall have is asked, MUTT proposes one and begins a backtest, the editor takes it.
import { Button, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type Schemas, api, data } from '@/api/client';
import { useGet } from '@/api/query';
import { Failed } from '@/shared/Failed';
import { useProblemForm } from '@/shared/form';
import { Proposal } from './Proposal';

type Detail = Schemas['PatternDetail'];
type RuleProposal = Schemas['RuleProposal'];

const HANDLINGS = [
  { value: '', label: 'Ticket if a team is known, else log only' },
  { value: 'page_and_ticket', label: 'Page and ticket' },
  { value: 'page_only', label: 'Page' },
  { value: 'ticket_only', label: 'Ticket' },
  { value: 'email_only', label: 'Mail' },
  { value: 'log_only', label: 'Log only' },
  { value: 'suppress', label: 'Suppress: nobody is told' },
];

interface Wanted extends Record<string, unknown> {
  id: string;
  team: string;
  handling: string;
  hours: number;
}

function proposalOf({ id, team, handling, hours }: Wanted): Schemas['NewProposal'] {
  return { id: id.trim() || null, team: team || null, handling: handling || null, hours };
}

export function MakeRule({ detail }: { detail: Detail }) {
  const [proposal, setProposal] = useState<RuleProposal | null>(null);
  const teams = useGet('/teams', { query: { limit: 1_000 } }).data?.items.map((one) => one.team.name) ?? [];
  const known = Object.keys(detail.teams.names);
  const { form, onSubmit, isSending, problem } = useProblemForm<Wanted>({
    initialValues: { id: '', team: '', handling: '', hours: 24 },
    send: async (wanted) => {
      const path = { id: detail.pattern.id };
      setProposal(await data(api.POST('/patterns/{id}/rule', { params: { path }, body: proposalOf(wanted) })));
    },
  });
  if (proposal !== null) return <Proposal proposal={proposal} onBack={() => setProposal(null)} />;
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Text size="sm">
          MUTT makes a rule of it, with a capture for all that varies and the samples as examples, and looks what it
          would have done. Nothing is saved: the editor opens with it.
        </Text>
        <Group grow align="flex-start">
          <Select
            label="Team"
            description="Who is responsible"
            placeholder={known.length > 0 ? 'The one with the most of its messages' : 'None'}
            clearable
            data={[...new Set([...teams, ...known])]}
            value={form.values.team || null}
            onChange={(team) => form.setFieldValue('team', team ?? '')}
            error={form.errors.team}
          />
          <Select
            label="Handling"
            description="What shall happen"
            allowDeselect={false}
            data={HANDLINGS}
            value={form.values.handling}
            onChange={(handling) => form.setFieldValue('handling', handling ?? '')}
            error={form.errors.handling}
          />
        </Group>
        <Group grow align="flex-start">
          <TextInput label="Id of the rule" description="Made of the key if left empty" {...form.getInputProps('id')} />
          <NumberInput
            size="xs"
            label="Look back"
            description="Hours that the backtest judges"
            min={1}
            max={8_760}
            {...form.getInputProps('hours')}
          />
        </Group>
        {problem !== null && <Failed error={problem} />}
        <Group justify="flex-end">
          <Button type="submit" loading={isSending}>
            Propose a rule
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
