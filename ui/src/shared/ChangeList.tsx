// What a change does, item by item and part by part. From: a dry run, or what was saved. To: whoever decides on it.
import { List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconMinus, IconPencil, IconPlus } from '@tabler/icons-react';
import type { Schemas } from '@/api/client';
import classes from './ChangeList.module.css';
import { Sign, type Tone } from './Sign';
import { plural } from './format';

interface ChangeListProps {
  changes: readonly Schemas['Change'][];
  warnings?: readonly Schemas['Fault'][];
  /** Said if nothing changes. */
  same: string;
}

const SIGNS: Record<Schemas['Action'], { icon: typeof IconPlus; tone: Tone; text: string }> = {
  added: { icon: IconPlus, tone: 'good', text: 'new' },
  changed: { icon: IconPencil, tone: 'info', text: 'changed' },
  removed: { icon: IconMinus, tone: 'critical', text: 'removed' },
};

export function ActionSign({ action }: { action: Schemas['Action'] }) {
  return <Sign {...SIGNS[action]} />;
}

function shown(value: unknown): string {
  return value === undefined || value === null ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
}

export function ChangeList({ changes, warnings = [], same }: ChangeListProps) {
  if (changes.length === 0) return <Text size="sm">{same}</Text>;
  return (
    <Stack gap="xs">
      <ul className={classes.list} aria-label="What changes">
        {changes.map((change) => (
          <li key={`${change.kind} ${change.name}`}>
            <ActionSign action={change.action} /> {change.kind} <span className="mono">{change.name}</span>
            {(change.parts ?? []).map((part) => (
              <div key={part.path} className={classes.part}>
                <code>{part.path}</code>: <del>{shown(part.before)}</del> → <ins>{shown(part.after)}</ins>
              </div>
            ))}
          </li>
        ))}
      </ul>
      {warnings.length > 0 && (
        <div>
          <Sign icon={IconAlertTriangle} tone="warning" text={plural(warnings.length, 'warning')} />
          <List size="sm">
            {warnings.map((one) => (
              <List.Item key={`${one.name} ${one.message}`}>
                <code>{one.name}</code> {one.message}
              </List.Item>
            ))}
          </List>
        </div>
      )}
    </Stack>
  );
}
