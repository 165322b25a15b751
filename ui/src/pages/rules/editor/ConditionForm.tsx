// A condition as a form: groups of all, any and not, and in them tests of fields. From: `when` or `clear` of the draft.
// To: the same part of the draft, with each key.
import { ActionIcon, Button, Group as Row, NativeSelect, Stack, Text } from '@mantine/core';
import { IconFolderPlus, IconPlus, IconTrash } from '@tabler/icons-react';
import type { Fault } from '../api';
import { type Group, type Node, newTest, toCondition, toTree, withChild } from '../model/condition';
import classes from './Editor.module.css';
import { TestRow } from './TestRow';

interface ConditionFormProps {
  /** `when` or `clear`. */
  part: string;
  legend: string;
  condition: unknown;
  faults: readonly Fault[];
  onChange: (condition: unknown) => void;
}

export function ConditionForm({ part, legend, condition, faults, onChange }: ConditionFormProps) {
  const tree = toTree(condition, part);
  const own = faults.filter((fault) => fault.path === part);
  return (
    <Stack gap={4}>
      <GroupForm
        node={tree}
        name={legend}
        faults={faults}
        onChange={(node) => onChange(node === null ? undefined : toCondition(node))}
      />
      {own.map((fault) => (
        <Text key={fault.message} size="xs" c="var(--mantine-color-error)">
          {fault.message}
        </Text>
      ))}
    </Stack>
  );
}

const KINDS = [
  { value: 'all', label: 'all of these hold' },
  { value: 'any', label: 'at least one holds' },
  { value: 'not', label: 'these do not all hold' },
];

interface GroupFormProps {
  node: Group;
  name: string;
  faults: readonly Fault[];
  onChange: (node: Node | null) => void;
  /** A group in a group can go. */
  onRemove?: () => void;
}

function GroupForm({ node, name, faults, onChange, onRemove }: GroupFormProps) {
  const set = (at: number, child: Node | null) => onChange(withChild(node, at, child));
  const add = (child: Node) => onChange({ ...node, children: [...node.children, child] });
  const inner: Group = { kind: 'group', of: node.of === 'any' ? 'all' : 'any', children: [newTest()], path: '' };
  return (
    <fieldset className={classes.group}>
      <legend className="sr-only">{name}</legend>
      <Stack gap={6}>
        <Row gap="xs">
          <NativeSelect
            aria-label={`${name}: how its tests belong together`}
            data={KINDS}
            value={node.of}
            onChange={(event) => onChange({ ...node, of: event.currentTarget.value as Group['of'] })}
          />
          {onRemove !== undefined && (
            <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${name}`} onClick={onRemove}>
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </Row>
        {node.children.map((child, at) => (
          // Tests have no other name than their place.
          // oxlint-disable-next-line react/no-array-index-key
          <ChildForm key={at} node={child} name={`${name}, ${at + 1}`} faults={faults} onChange={(one) => set(at, one)} />
        ))}
        <Row gap="xs">
          <Button variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => add(newTest())}>
            Add test<span className="sr-only"> to {name}</span>
          </Button>
          <Button variant="subtle" leftSection={<IconFolderPlus size={14} aria-hidden />} onClick={() => add(inner)}>
            Add group<span className="sr-only"> to {name}</span>
          </Button>
        </Row>
      </Stack>
    </fieldset>
  );
}

interface ChildFormProps {
  node: Node;
  name: string;
  faults: readonly Fault[];
  onChange: (node: Node | null) => void;
}

function ChildForm({ node, name, faults, onChange }: ChildFormProps) {
  if (node.kind === 'group') {
    return <GroupForm node={node} name={`${name} (group)`} faults={faults} onChange={onChange} onRemove={() => onChange(null)} />;
  }
  if (node.kind === 'test') return <TestRow test={node} name={name} faults={faults} onChange={onChange} />;
  return (
    <div className={classes.raw}>
      <code>{JSON.stringify(node.value)}</code>
      <Text size="xs" c="dimmed">
        The form cannot show this: edit it in the code.
      </Text>
      {faults
        .filter((fault) => fault.path.startsWith(node.path))
        .map((fault) => (
          <Text key={fault.message} size="xs" c="var(--mantine-color-error)">
            {fault.message}
          </Text>
        ))}
    </div>
  );
}
