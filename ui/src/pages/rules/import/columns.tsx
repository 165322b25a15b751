// The columns of an import's report.
import { Anchor, Text } from '@mantine/core';
import { type Icon, IconCircleX, IconClockPause, IconEqual, IconMinus, IconPencil, IconPlus, IconSlash } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Sign, type Tone } from '@/shared/Sign';
import type { Column } from '@/shared/table/columns';
import { toOwnRule } from '@/shared/links';
import classes from './Import.module.css';
import type { ReportRow, RowState } from './report';

export const SIGNS: Record<RowState, { icon: Icon; tone: Tone; text: string }> = {
  new: { icon: IconPlus, tone: 'good', text: 'new' },
  changed: { icon: IconPencil, tone: 'info', text: 'changed' },
  same: { icon: IconEqual, tone: 'quiet', text: 'same' },
  refused: { icon: IconCircleX, tone: 'critical', text: 'refused' },
  waiting: { icon: IconClockPause, tone: 'quiet', text: 'waits' },
  'left out': { icon: IconSlash, tone: 'quiet', text: 'left out' },
  removed: { icon: IconMinus, tone: 'critical', text: 'removed' },
};

const ORDER: readonly RowState[] = ['refused', 'removed', 'changed', 'new', 'waiting', 'left out', 'same'];

export const COLUMNS: readonly Column<ReportRow>[] = [
  { id: 'state', head: 'What', width: '6.5rem', sort: (row) => ORDER.indexOf(row.state), cell: (row) => <Sign {...SIGNS[row.state]} /> },
  {
    id: 'id',
    head: 'Rule',
    width: 'minmax(10rem, 16rem)',
    narrow: 'whole',
    sort: (row) => row.id,
    cell: (row) =>
      row.id === '' ? <Text size="sm" c="dimmed">no id</Text> : row.state === 'new' || row.state === 'refused' ? <span className="mono">{row.id}</span> : <Anchor component={Link} inherit to={toOwnRule(row.id)} className="mono">{row.id}</Anchor>,
  },
  {
    id: 'place',
    head: 'Where',
    width: 'minmax(8rem, 12rem)',
    cell: (row) => (row.file === '' ? 'not in the files' : `${row.file}${row.line === null ? '' : `, line ${row.line}`}`),
  },
  { id: 'tells', head: 'What is wrong, or differs', width: 'minmax(16rem, 1fr)', narrow: 'whole', cell: (row) => <Tells row={row} /> },
];

function shown(value: unknown): string {
  return value === undefined || value === null ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
}

function Tells({ row }: { row: ReportRow }) {
  return (
    <div>
      {row.faults.map((fault) => (
        <Text key={`${fault.path} ${fault.message}`} size="sm" c="var(--mantine-color-error)">
          {fault.line !== null && `line ${fault.line}: `}
          {fault.path !== '' && <code>{fault.path}</code>} {fault.message}
        </Text>
      ))}
      {row.state === 'waiting' && (
        <Text size="xs" c="dimmed">
          nothing is wrong with it
        </Text>
      )}
      {(row.change?.parts ?? []).slice(0, 4).map((part) => (
        <div key={part.path} className={classes.change}>
          <code>{part.path}</code>: {shown(part.before)} → {shown(part.after)}
        </div>
      ))}
      {(row.change?.parts ?? []).length > 4 && <div className={classes.change}>and {(row.change?.parts ?? []).length - 4} more parts</div>}
      {row.warnings.map((warning) => (
        <Text key={warning} size="xs" c="dimmed">
          warning: {warning}
        </Text>
      ))}
    </div>
  );
}
