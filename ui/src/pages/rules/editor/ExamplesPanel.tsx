// The rule's examples: each with whether it comes out as expected, as if the rule were live. From: the draft and
// POST /rules/test. To: the draft.
import { ActionIcon, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconHelpCircle, IconTrash } from '@tabler/icons-react';
import type { Schemas } from '@/api/client';
import { Failed } from '@/shared/Failed';
import { Sign } from '@/shared/Sign';
import { EXPECTED, type ExampleValue, type Judged, examplesOf, hasOtherFaults, judged } from '../model/examples';
import { textOf } from '../model/rule';
import { AddExample } from './AddExample';
import classes from './Editor.module.css';
import type { Draft } from './useDraft';

interface ExamplesPanelProps {
  draft: Draft;
  tested: { data?: Schemas['Tested']; error: unknown };
  isReadOnly: boolean;
}

export function ExamplesPanel({ draft, tested, isReadOnly }: ExamplesPanelProps) {
  const { value } = draft.parsed;
  const id = textOf(value, 'id');
  const faults = tested.data?.faults ?? [];
  const list = judged(value, id, faults);
  const isJudged = tested.data !== undefined && !hasOtherFaults(id, faults);
  const set = (next: ExampleValue[]) => draft.setPart('examples', next.length === 0 ? undefined : next);
  const others = faults.filter((fault) => fault.name !== id);
  return (
    <Stack gap="sm">
      {tested.error !== null && <Failed error={tested.error} what="The examples could not be judged" />}
      {list.length === 0 && (
        <Text size="sm" c="dimmed">
          No examples yet. Examples are kept with the rule and judged at every change, of any rule: add a message that it
          must own, and one that it must not.
        </Text>
      )}
      <ol className={classes.rows}>
        {list.map((one, at) => (
          // Examples have no other name than their place.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={at}>
            <Example
              judged={one}
              at={at}
              isJudged={isJudged}
              isReadOnly={isReadOnly || value === null}
              onChange={(example) => set(example === null ? examplesOf(value).toSpliced(at, 1) : examplesOf(value).toSpliced(at, 1, example))}
            />
          </li>
        ))}
      </ol>
      {others.length > 0 && (
        <div>
          <Text size="sm" fw={600}>
            With this rule live, examples of others would fail
          </Text>
          <ul className={classes.rows}>
            {others.map((fault) => (
              <li key={`${fault.name} ${fault.path}`}>
                <code>
                  {fault.name} {fault.path}
                </code>{' '}
                {fault.message}
              </li>
            ))}
          </ul>
        </div>
      )}
      {!isReadOnly && value !== null && <AddExample onAdd={(example) => set([...examplesOf(value), example])} />}
    </Stack>
  );
}

interface ExampleProps {
  judged: Judged;
  at: number;
  isJudged: boolean;
  isReadOnly: boolean;
  onChange: (example: ExampleValue | null) => void;
}

function Example({ judged: { example, faults }, at, isJudged, isReadOnly, onChange }: ExampleProps) {
  const name = `Example ${at + 1}`;
  const text = example.message ?? (example.trap === undefined ? '' : `trap ${example.trap.oid} ${JSON.stringify(example.trap.varbinds ?? {})}`);
  return (
    <Stack gap={4}>
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          {!isJudged && <Sign icon={IconHelpCircle} tone="quiet" text="not judged yet" />}
          {isJudged && faults.length === 0 && <Sign icon={IconCircleCheck} tone="good" text="passes" />}
          {isJudged && faults.length > 0 && <Sign icon={IconCircleX} tone="critical" text="fails" />}
          {example.host !== undefined && <span className="mono">{example.host}</span>}
        </Group>
        <Group gap={4}>
          <NativeSelect
            aria-label={`${name}: expected`}
            data={EXPECTED}
            disabled={isReadOnly}
            value={example.expect}
            onChange={(event) => onChange({ ...example, expect: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`${name}: key expected`}
            placeholder="any key"
            w={110}
            disabled={isReadOnly}
            value={example.key ?? ''}
            onChange={(event) => onChange({ ...example, key: event.currentTarget.value === '' ? undefined : event.currentTarget.value })}
          />
          <ActionIcon variant="subtle" color="gray" disabled={isReadOnly} aria-label={`Remove ${name}`} onClick={() => onChange(null)}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      <code className={classes.line}>{text}</code>
      {faults.map((fault) => (
        <Text key={fault} size="sm" c="var(--mantine-color-error)">
          {fault}
        </Text>
      ))}
    </Stack>
  );
}
