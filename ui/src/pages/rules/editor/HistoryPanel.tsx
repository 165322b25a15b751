// All revisions of one rule: what each changed, and the way back to it. From: GET /revisions of this rule.
import { Anchor, Button, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconArrowBackUp, IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, data } from '@/api/client';
import { useAskAgain, useGet, usePages } from '@/api/query';
import { Confirm } from '@/shared/Confirm';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { TimeAgo } from '@/shared/TimeAgo';
import { Diff } from '@/shared/diff/Diff';
import { toRevision } from '@/shared/links';
import { type RuleValue, isTable, readable } from '../model/rule';
import { print } from '../model/text';
import classes from './Editor.module.css';
import type { Draft } from './useDraft';

interface HistoryPanelProps {
  id: string;
  draft: Draft;
  /** Why nothing may be brought back; empty: it may. */
  whyNot: string;
}

function textAt(value: unknown): string {
  return isTable(value) ? print(readable(value), 'yaml') : '';
}

export function HistoryPanel({ id, draft, whyNot }: HistoryPanelProps) {
  const { items, isPending, error, refetch, onEnd } = usePages('/revisions', { query: { kind: 'rule', name: id } }, 50);
  const [opened, setOpened] = useState<number | null>(null);
  if (isPending) return <Loading what="revisions" />;
  if (error !== null) return <Failed error={error} what="The revisions could not be loaded" onRetry={() => void refetch()} />;
  return (
    <Stack gap="xs">
      <ul className={classes.rows}>
        {items.map((one) => (
          <li key={one.number}>
            <Group gap="xs" justify="space-between" wrap="nowrap" align="start">
              <UnstyledButton
                aria-expanded={opened === one.number}
                onClick={() => setOpened(opened === one.number ? null : one.number)}
                style={{ minHeight: 24 }}
              >
                <Text size="sm">
                  <b>Revision {one.number}</b> <TimeAgo at={one.at} />, {one.who}
                  {one.why !== '' && `: ${one.why}`}
                </Text>
              </UnstyledButton>
              <Anchor component={Link} to={toRevision(one.number)} size="sm">
                all of it<span className="sr-only"> of revision {one.number}</span>
              </Anchor>
            </Group>
            {opened === one.number && <Opened number={one.number} id={id} draft={draft} whyNot={whyNot} />}
          </li>
        ))}
      </ul>
      {onEnd !== undefined && (
        <Button variant="default" onClick={onEnd}>
          Older revisions
        </Button>
      )}
    </Stack>
  );
}

function Opened({ number, id, draft, whyNot }: { number: number } & HistoryPanelProps) {
  const { data: revision, error } = useGet('/revisions/{number}', { path: { number } }, { poll_ms: 0 });
  const [asks, setAsks] = useState(false);
  const again = useAskAgain();
  if (error !== null) return <Failed error={error} />;
  if (revision === undefined) return <Loading what="the revision" lines={2} />;
  const item = revision.items.find((one) => one.kind === 'rule' && one.name === id);
  if (item === undefined) return null;
  const restore = async (why: string) => {
    const body = { kind: 'rule', name: id };
    const query = why === '' ? {} : { why };
    await data(api.POST('/revisions/{number}/restore', { params: { path: { number }, query }, body }));
    await again(['/rules', '/rules/{id}', '/revisions']);
  };
  return (
    <Stack gap="xs" mt={6}>
      <Diff before={textAt(item.before)} after={textAt(item.after)} label={`What revision ${number} changed`} />
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={<IconArrowBackUp size={14} aria-hidden />}
          disabled={whyNot !== ''}
          title={whyNot}
          onClick={() => setAsks(true)}
        >
          Bring back revision {number}
        </Button>
        {isTable(item.after) && (
          <Button
            variant="subtle"
            leftSection={<IconPencil size={14} aria-hidden />}
            disabled={whyNot !== ''}
            onClick={() => draft.replace(item.after as RuleValue)}
          >
            Edit from here
          </Button>
        )}
      </Group>
      <Confirm
        opened={asks}
        onClose={() => setAsks(false)}
        title={`Bring ${id} back to revision ${number}?`}
        confirm="Bring it back"
        asksWhy
        onConfirm={restore}
      >
        <Text size="sm" mb="xs">
          The rule becomes what it was then, by a new revision, in force at once.
        </Text>
        <Diff before={draft.base} after={textAt(item.after)} label="What the way back changes" same="It is so already." />
      </Confirm>
    </Stack>
  );
}
