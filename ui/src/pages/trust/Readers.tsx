// Each reader's account as an equation: what was stored is what was done, what waits, and what was lost.
import { Anchor, List, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { Panel, PlainTable } from '@/shared/Panel';
import { Sign } from '@/shared/Sign';
import { formatDuration, formatNumber } from '@/shared/format';
import { faultsOf, parts } from './ledger';
import classes from './Trust.module.css';

type Ledger = Schemas['Ledger'];
type Line = Schemas['LineView'];

const HEAD = ['Reader', 'Stored', '= what became of them', 'Oldest that waits', 'In words'];

export function Readers({ ledger }: { ledger: Ledger }) {
  return (
    <Panel title="The ledger, by reader">
      <PlainTable label="The ledger, by reader" head={HEAD}>
        {ledger.archive != null && (
          <Row name="archive, in all" line={ledger.archive} age_ms={null} faults={ledger.faults.filter((one) => one.startsWith('archive/'))} />
        )}
        {ledger.readers.map((one) => (
          <Row
            key={one.reader}
            name={one.reader}
            line={one.all}
            age_ms={one.oldest_waiting_age_ms}
            faults={faultsOf(ledger.faults, one.reader)}
          />
        ))}
      </PlainTable>
      {ledger.faults.length > 0 && (
        <List size="sm" mt="sm" aria-label="What does not balance">
          {ledger.faults.map((fault) => (
            <List.Item key={fault}>{fault}</List.Item>
          ))}
        </List>
      )}
      <Text size="sm" c="dimmed" mt="xs">
        It is made of positions in the journal, so it holds over restarts. Notices that wait stand under{' '}
        <Anchor component={Link} to="/delivery" inherit underline="always">
          Delivery
        </Anchor>
        . Journal <span className="mono">{ledger.journal}</span>
      </Text>
    </Panel>
  );
}

interface RowProps {
  name: string;
  line: Line;
  age_ms: number | null;
  faults: readonly string[];
}

function Row({ name, line, age_ms, faults }: RowProps) {
  return (
    <tr>
      <th scope="row" className="mono">
        {name}
      </th>
      <td>{formatNumber(line.stored)}</td>
      <td>
        <Parts line={line} />
      </td>
      <td>{age_ms === null ? '' : age_ms === 0 ? 'none waits' : formatDuration(age_ms)}</td>
      <td>
        {faults.length === 0 ? (
          <Sign icon={IconCircleCheck} tone="good" text="balanced" />
        ) : (
          <Sign icon={IconCircleX} tone="critical" text="does not balance" />
        )}
      </td>
    </tr>
  );
}

function Parts({ line }: { line: Line }) {
  return (
    <ul className={classes.parts}>
      {parts(line).map((part) => (
        <li key={part.name} data-lost={part.name === 'lost' && part.count > 0}>
          <strong>{formatNumber(part.count)}</strong> {part.words}
        </li>
      ))}
    </ul>
  );
}
