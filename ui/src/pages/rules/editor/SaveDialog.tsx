// Before a draft is saved: what changes, what it will do, why. From: the draft and the checks. To: PUT /rules/{id} with
// the revision that was changed; if somebody was faster, their version and the way on.
import { Alert, Button, Group, List, Modal, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { asProblem } from '@/api/problem';
import { ask, useAskAgain } from '@/api/query';
import { Failed } from '@/shared/Failed';
import { Diff } from '@/shared/diff/Diff';
import { plural } from '@/shared/format';
import { type Fault, type RuleView, putRule } from '../api';
import { MODE_MEANINGS, MODE_NAMES } from '../model/mode';
import { type Mode, modeOf, readable, textOf } from '../model/rule';
import { print } from '../model/text';
import type { Draft } from './useDraft';

interface SaveDialogProps {
  opened: boolean;
  onClose: () => void;
  draft: Draft;
  now: Mode | null;
  warnings: readonly Fault[];
  /** What the backtest said, if it is of this draft. */
  past: string;
  /** The rule as it is then. */
  onSaved: (view: RuleView) => void;
}

export function saveVerb(now: Mode | null, next: Mode): string {
  if (now === next) return next === 'live' ? 'Save, live at once' : 'Save';
  if (next === 'live') return 'Save and go live';
  return next === 'shadow' ? 'Save and run in shadow' : 'Save as draft';
}

export function SaveDialog(props: SaveDialogProps) {
  const { opened, onClose, draft } = props;
  const id = textOf(draft.parsed.value, 'id');
  return (
    <Modal opened={opened} onClose={onClose} title={`Save ${id}?`} size="xl" centered>
      <Ask {...props} id={id} />
    </Modal>
  );
}

/** Theirs; null: they deleted it. */
type Theirs = { view: RuleView | null };

async function theirs(id: string): Promise<Theirs> {
  try {
    return { view: (await ask('/rules/{id}', { path: { id } })) as RuleView };
  } catch (error) {
    if (asProblem(error).status === 404) return { view: null };
    throw error;
  }
}

function Ask({ id, onClose, draft, now, warnings, past, onSaved }: SaveDialogProps & { id: string }) {
  const [why, setWhy] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [other, setOther] = useState<Theirs | null>(null);
  const [isSending, setSending] = useState(false);
  const again = useAskAgain();
  const next = modeOf(draft.parsed.value);
  const save = async (state: number | null) => {
    setSending(true);
    setError(null);
    try {
      const saved = await putRule(id, draft.text, draft.format, { state, why: why.trim() });
      const { view } = await theirs(id);
      notifications.show({ color: 'green', title: `${id} is saved`, message: `Revision ${saved.revision}, ${MODE_NAMES[next].toLowerCase()}` });
      if (view !== null) onSaved(view);
      await again(['/rules', '/rules/{id}', '/revisions']);
    } catch (failed) {
      if (asProblem(failed).status === 412) setOther(await theirs(id).catch(() => null));
      setError(failed);
    } finally {
      setSending(false);
    }
  };
  if (other !== null) {
    return <Faster id={id} other={other} draft={draft} isSending={isSending} onOver={() => void save(other.view?.revision ?? null)} onClose={onClose} />;
  }
  const isDirect = next === 'live' && now !== 'live' && now !== 'shadow';
  return (
    <Stack>
      <Text size="sm">
        {now === null || now === next ? '' : `${MODE_NAMES[now]} → `}
        <b>{MODE_NAMES[next]}</b>: {MODE_MEANINGS[next]}
      </Text>
      {past !== '' && <Text size="sm">On the recent past: {past}</Text>}
      {isDirect && (
        <Alert variant="outline" color="yellow" icon={<IconAlertTriangle aria-hidden />} title="It has not been in shadow yet">
          In shadow you would see for a day or two what it would alert, and nobody would be told.
        </Alert>
      )}
      {warnings.length > 0 && (
        <Alert variant="outline" color="yellow" icon={<IconAlertTriangle aria-hidden />} title={plural(warnings.length, 'warning')}>
          <List size="sm">
            {warnings.map((one) => (
              <List.Item key={one.message}>{one.message}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Diff before={draft.base} after={print(draft.parsed.value, draft.format)} label="What the save changes" />
      <Textarea
        label="Why"
        description="Kept with the revision, for whoever asks later"
        data-autofocus
        autosize
        minRows={2}
        maxLength={1_000}
        value={why}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
      {error !== null && <Failed error={error} what="It was not saved" />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={isSending} onClick={() => void save(draft.revision)}>
          {saveVerb(now, next)}
        </Button>
      </Group>
    </Stack>
  );
}

interface FasterProps {
  id: string;
  other: Theirs;
  draft: Draft;
  isSending: boolean;
  onOver: () => void;
  onClose: () => void;
}

function Faster({ id, other, draft, isSending, onOver, onClose }: FasterProps) {
  const { view } = other;
  const text = view === null ? '' : print(readable(view.rule as Record<string, unknown>), draft.format);
  return (
    <Stack>
      <Alert role="alert" variant="outline" color="yellow" icon={<IconUsers aria-hidden />} title="Somebody was faster">
        {view === null
          ? `${id} was deleted meanwhile. Saving makes it anew.`
          : `${id} was changed meanwhile, by revision ${view.revision}. Below: from their version to yours.`}
      </Alert>
      <Diff before={text} after={print(draft.parsed.value, draft.format)} label="From their version to yours" same="Both are the same." />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        {view !== null && (
          <>
            <Button
              variant="default"
              onClick={() => {
                draft.reset(view);
                onClose();
              }}
            >
              Take theirs
            </Button>
            <Button
              variant="default"
              onClick={() => {
                draft.rebase(view);
                onClose();
              }}
            >
              Go on editing mine over theirs
            </Button>
          </>
        )}
        <Button color="red" loading={isSending} onClick={onOver}>
          Save mine over theirs
        </Button>
      </Group>
    </Stack>
  );
}
