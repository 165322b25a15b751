// What came in by each input: judged over all restarts, and received, stored and refused since the processes began.
import { Text } from '@mantine/core';
import type { Schemas } from '@/api/client';
import type { Process } from '@/api/reports';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Panel, PlainTable } from '@/shared/Panel';
import { HourAgo } from '@/shared/TimeAgo';
import { formatExact, formatNumber } from '@/shared/format';
import { type InputRow, inputRows, refusedText } from './ledger';

type Ledger = Schemas['Ledger'];

interface InputsProps {
  ledger: Ledger;
  processes: readonly Process[];
  error: unknown;
}

const HEAD = ['Input', 'Judged', 'Last hour with one', 'Received', '= stored', '+ refused', 'Dropped by the kernel'];

export function Inputs({ ledger, processes, error }: InputsProps) {
  const rows = inputRows(ledger, processes);
  const since = ledger.inputs.map((one) => one.since).toSorted()[0];
  return (
    <Panel title="The ledger, by input">
      {error !== null && <Failed error={error} what="What the processes received could not be loaded" />}
      {rows.length === 0 ? (
        <Empty title="No message was judged yet">Send one to an input, or run a drill below.</Empty>
      ) : (
        <PlainTable label="The ledger, by input" head={HEAD}>
          {rows.map((row) => (
            <Row key={row.input} row={row} />
          ))}
        </PlainTable>
      )}
      <Text size="sm" c="dimmed" mt="xs">
        {since !== undefined && `Judged: over all processes and restarts since ${formatExact(since)}. `}
        Received, stored, refused and dropped: since the processes began that report now. What the kernel dropped was never
        received: it has no place in the equation.
      </Text>
    </Panel>
  );
}

function Row({ row }: { row: InputRow }) {
  return (
    <tr>
      <th scope="row" className="mono">
        {row.input}
      </th>
      <td>{row.messages === null ? 'none' : formatNumber(row.messages)}</td>
      <td>{row.last === null ? '' : <HourAgo at={row.last} />}</td>
      <td>{formatNumber(row.received)}</td>
      <td>{formatNumber(row.stored)}</td>
      <td>{row.refused.length === 0 ? '0' : refusedText(row.refused)}</td>
      <td>{formatNumber(row.dropped)}</td>
    </tr>
  );
}
