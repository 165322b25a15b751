// What a change does, item by item, before and after. From: a dry run, a revision, the audit.
import { Text } from '@mantine/core';
import { IconMinus, IconPencil, IconPlus } from '@tabler/icons-react';
import classes from './Changes.module.css';
import { Sign } from './Sign';
import { type Change, type Line, linesOf } from './change';
import { plural } from './format';

const SIGNS = {
  added: { icon: IconPlus, tone: 'good' },
  removed: { icon: IconMinus, tone: 'critical' },
  changed: { icon: IconPencil, tone: 'info' },
} as const;
const SHOWN_MAX = 100;

export function Changes({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing differs.
      </Text>
    );
  }
  return (
    <ul className={classes.list}>
      {changes.slice(0, SHOWN_MAX).map((change) => (
        <li key={`${change.kind} ${change.name}`}>
          <Sign {...SIGNS[change.action]} text={change.action} /> {change.kind} <strong>{change.name}</strong>
          <Lines lines={linesOf(change)} />
        </li>
      ))}
      {changes.length > SHOWN_MAX && <li>and {plural(changes.length - SHOWN_MAX, 'more item')}</li>}
    </ul>
  );
}

export function Lines({ lines }: { lines: readonly Line[] }) {
  if (lines.length === 0) return null;
  return (
    <table className={classes.lines}>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.path}>
            <th scope="row">{line.path === '' ? 'value' : line.path}</th>
            <td>{line.before === null ? <Nothing /> : <del>{line.before}</del>}</td>
            <td>{line.after === null ? <Nothing /> : <ins>{line.after}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Nothing() {
  return <span className={classes.none}>nothing</span>;
}
