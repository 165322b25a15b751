// Several rules into another mode at once, as one revision. From: chosen rows. To: PUT /rules beside the rest, first
// as a dry run that shows what changes.
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAskAgain } from '@/api/query';
import type { ProblemError } from '@/api/problem';
import { ChangeList } from '@/shared/ChangeList';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { plural } from '@/shared/format';
import { usePermission } from '@/shared/permission';
import { type Saved, putRules } from './api';
import { type Row, inMode } from './filter';
import { MODE_MEANINGS, MODE_NAMES } from './model/mode';
import type { Mode } from './model/rule';
import classes from './Rules.module.css';

const ORDER: readonly Mode[] = ['shadow', 'live', 'off'];
const VERBS: Record<Mode, string> = { shadow: 'To shadow', live: 'Go live', off: 'Back to draft' };

interface ModeChangeProps {
  chosen: readonly Row[];
  onDone: () => void;
}

export function ModeChange({ chosen, onDone }: ModeChangeProps) {
  const [mode, setMode] = useState<Mode | null>(null);
  const { allowed, why } = usePermission('author');
  if (chosen.length === 0) return null;
  return (
    <div className={classes.chosen} role="group" aria-label="Chosen rules">
      <Text size="sm" fw={600}>
        {plural(chosen.length, 'rule')} chosen
      </Text>
      {ORDER.map((one) => (
        <Button key={one} variant="default" disabled={!allowed} title={why} onClick={() => setMode(one)}>
          {VERBS[one]}
        </Button>
      ))}
      <Button variant="subtle" onClick={onDone}>
        Choose none
      </Button>
      <Modal
        opened={mode !== null}
        onClose={() => setMode(null)}
        title={mode === null ? '' : `${VERBS[mode]}: ${plural(chosen.length, 'rule')}?`}
        size="xl"
        centered
      >
        {mode !== null && <Ask chosen={chosen} mode={mode} onClose={() => setMode(null)} onDone={onDone} />}
      </Modal>
    </div>
  );
}

function Ask({ chosen, mode, onClose, onDone }: { chosen: readonly Row[]; mode: Mode; onClose: () => void; onDone: () => void }) {
  const [why, setWhy] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [isSending, setSending] = useState(false);
  const again = useAskAgain();
  const text = JSON.stringify({ rules: inMode(chosen, mode) });
  const dry = useQuery<Saved, ProblemError>({
    queryKey: ['rules-mode', text],
    queryFn: ({ signal }) => putRules(text, 'application/json', { keep: true, dryRun: true, state: '*', signal }),
    gcTime: 0,
  });
  const run = async (state: number) => {
    setSending(true);
    setError(null);
    try {
      const saved = await putRules(text, 'application/json', { keep: true, state, why: why.trim() });
      await again(['/rules', '/rules/{id}', '/revisions']);
      notifications.show({ color: 'green', title: `${plural(saved.changes.length, 'rule')} changed`, message: `Revision ${saved.revision}` });
      onDone();
    } catch (failed) {
      setError(failed);
      void dry.refetch();
    } finally {
      setSending(false);
    }
  };
  if (dry.error !== null) return <Failed error={dry.error} what="They cannot be changed so" onRetry={() => void dry.refetch()} />;
  if (dry.data === undefined) return <Loading what="what would change" />;
  const { changes, warnings, revision } = dry.data;
  return (
    <Stack>
      <Text size="sm">
        <b>{MODE_NAMES[mode]}</b>: {MODE_MEANINGS[mode]}
      </Text>
      <ChangeList changes={changes} warnings={warnings} same="All of them are in this mode already." />
      <Textarea label="Why" description="Kept with the revision, for whoever asks later" autosize minRows={2} maxLength={1_000} value={why} onChange={(event) => setWhy(event.currentTarget.value)} />
      {error !== null && <Failed error={error} what="Nothing was changed" />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={changes.length === 0} loading={isSending} onClick={() => void run(revision)}>
          {VERBS[mode]}
        </Button>
      </Group>
    </Stack>
  );
}
