// A proposed rule: what it captures, what is wrong with it, what it would have done; and the way to the editor.
import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowLeft, IconInfoCircle, IconPencil } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import type { Schemas } from '@/api/client';
import { Copy } from '@/shared/Copy';
import { BacktestResult } from './BacktestResult';
import classes from './Unknown.module.css';
import { handDraft } from './draft';

type RuleProposal = Schemas['RuleProposal'];

export function Proposal({ proposal, onBack }: { proposal: RuleProposal; onBack: () => void }) {
  const navigate = useNavigate();
  const { rule, captures, faults, notes, backtest, pattern } = proposal;
  const text = JSON.stringify(rule, null, 2);
  const edit = () => {
    handDraft(rule, pattern);
    void navigate('/rules/new');
  };
  return (
    <Stack>
      <Text fw={600}>
        Rule <span className="mono">{rule.id}</span>
      </Text>
      {faults.length > 0 && (
        <Alert color="red" variant="outline" icon={<IconAlertTriangle aria-hidden />} title="It cannot be saved as it is">
          <List size="sm">
            {faults.map((fault) => (
              <List.Item key={`${fault.path} ${fault.message}`}>
                {fault.path !== '' && <code>{fault.path}</code>} {fault.message}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {notes.length > 0 && (
        <Alert variant="outline" icon={<IconInfoCircle aria-hidden />} title="To know">
          <List size="sm">
            {notes.map((note) => (
              <List.Item key={note}>{note}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Captures captures={captures} />
      {backtest != null && <BacktestResult begun={backtest} />}
      <details>
        <summary>The rule as it goes to the editor</summary>
        <Group align="flex-start" gap={4} wrap="nowrap">
          {/* It scrolls, so the keyboard has to get here. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre className={classes.code} tabIndex={0} role="group" aria-label="the rule as JSON" style={{ flex: 1 }}>
            {text}
          </pre>
          <Copy text={text} what="the rule" />
        </Group>
      </details>
      <Group justify="space-between">
        <Button variant="default" leftSection={<IconArrowLeft size={15} aria-hidden />} onClick={onBack}>
          Propose another
        </Button>
        <Button leftSection={<IconPencil size={15} aria-hidden />} onClick={edit}>
          Open in the editor
        </Button>
      </Group>
    </Stack>
  );
}

function Captures({ captures }: { captures: Record<string, string[]> }) {
  const names = Object.entries(captures);
  if (names.length === 0) return null;
  return (
    <div>
      <Text size="sm" fw={600}>
        What varies, and what the samples have there
      </Text>
      <dl className={classes.facts}>
        {names.map(([name, values]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt className="mono">{name}</dt>
            <dd className="mono">{[...new Set(values)].slice(0, 4).join(', ')}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
