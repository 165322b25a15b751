// The way back: one item, or all rules, hosts, teams and settings, to what they were at a revision. First as a dry run
// that shows what changes. To: POST /revisions/{number}/restore.
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { type Schemas, api, data } from '@/api/client';
import type { ProblemError } from '@/api/problem';
import { useAskAgain } from '@/api/query';
import type { Role } from '@/api/session';
import { ChangeList } from '@/shared/ChangeList';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { usePermission } from '@/shared/permission';
import { toRevision } from '@/shared/links';
import { restorer } from './kinds';

type Body = Schemas['Restore'];

function restore(number: number, body: Body, query: { dry_run?: boolean; why?: string }): Promise<Schemas['Saved']> {
  return data(api.POST('/revisions/{number}/restore', { params: { path: { number }, query }, body }));
}

interface RestoreProps {
  number: number;
  body: Body;
  label: string;
  /** What comes back, in words. */
  what: string;
  needs: Role;
  /** Another reason than the role why not; empty: none. */
  whyNot?: string;
}

function RestoreButton({ number, body, label, what, needs, whyNot = '' }: RestoreProps) {
  const [opened, open] = useDisclosure(false);
  const permitted = usePermission(needs);
  const why = permitted.allowed ? whyNot : permitted.why;
  return (
    <>
      <Button variant="default" leftSection={<IconArrowBackUp size={14} aria-hidden />} disabled={why !== ''} title={why} onClick={open.open}>
        {label}
      </Button>
      <Modal opened={opened} onClose={open.close} title={`Bring ${what} back to revision ${number}?`} size="xl" centered>
        <Ask number={number} body={body} onClose={open.close} />
      </Modal>
    </>
  );
}

function Ask({ number, body, onClose }: { number: number; body: Body; onClose: () => void }) {
  const [why, setWhy] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [isSending, setSending] = useState(false);
  const again = useAskAgain();
  const navigate = useNavigate();
  const dry = useQuery<Schemas['Saved'], ProblemError>({
    queryKey: ['restore', number, body],
    queryFn: () => restore(number, body, { dry_run: true }),
    gcTime: 0,
  });
  const run = async () => {
    setSending(true);
    setError(null);
    try {
      const saved = await restore(number, body, why.trim() === '' ? {} : { why: why.trim() });
      notifications.show({ color: 'green', title: `It is as in revision ${number}`, message: `By revision ${saved.revision}` });
      onClose();
      await again(['/rules', '/rules/{id}', '/revisions', '/status', '/inventory', '/teams', '/settings']);
      await navigate(toRevision(saved.revision));
    } catch (failed) {
      setError(failed);
      setSending(false);
    }
  };
  if (dry.error !== null) return <Failed error={dry.error} what="There is no way back to it as it is" onRetry={() => void dry.refetch()} />;
  if (dry.data === undefined) return <Loading what="what would change" />;
  return (
    <Stack>
      <Text size="sm">It is done by a new revision, in force at once; so there is a way back from it, too.</Text>
      <ChangeList changes={dry.data.changes} warnings={dry.data.warnings} same="It is so already: nothing would change." />
      <Textarea label="Why" description={`Without one: as in revision ${number}`} autosize minRows={2} maxLength={1_000} value={why} onChange={(event) => setWhy(event.currentTarget.value)} />
      {error !== null && <Failed error={error} what="Nothing was brought back" />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={isSending} disabled={dry.data.changes.length === 0} onClick={() => void run()}>
          Bring it back
        </Button>
      </Group>
    </Stack>
  );
}

interface RestoreAllProps {
  number: number;
  isLast: boolean;
  label?: string;
}

export function RestoreAll({ number, isLast, label = 'Bring all back to here' }: RestoreAllProps) {
  return (
    <RestoreButton
      number={number}
      body={{}}
      label={label}
      what="all rules, hosts, teams and settings"
      needs="admin"
      whyNot={isLast ? 'All is as in this revision: it is the last one.' : ''}
    />
  );
}

export function RestoreOne({ number, kind, name, after }: { number: number; kind: string; name: string; after: unknown }) {
  const role = restorer(kind);
  if (role === null) return null;
  const isGone = after === null || after === undefined;
  return (
    <Group gap="xs">
      <RestoreButton number={number - 1} body={{ kind, name }} label="Bring back as before" what={`${kind} ${name}`} needs={role} />
      {!isGone && <RestoreButton number={number} body={{ kind, name }} label="Bring back as here" what={`${kind} ${name}`} needs={role} />}
    </Group>
  );
}
