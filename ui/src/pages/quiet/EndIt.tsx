// Ends a silence or a window at once.
import { Text } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useState } from 'react';
import { api, ifMatch } from '@/api/client';
import { useChange } from '@/api/query';
import { Action } from '@/shared/Action';
import { Confirm } from '@/shared/Confirm';
import { usePermission } from '@/shared/permission';
import { QUIET_PATHS } from './changes';

interface EndItProps {
  kind: 'silence' | 'maintenance';
  name: string;
  revision: number;
  onEnded: () => void;
}

export function EndIt({ kind, name, revision, onEnded }: EndItProps) {
  const [asked, setAsked] = useState(false);
  const { why } = usePermission('operator');
  const end = useChange({
    change: (words: string) => {
      const init = { params: { path: { name }, query: { why: words || undefined } }, headers: ifMatch(revision) };
      return kind === 'silence'
        ? api.DELETE('/silences/{name}', init)
        : api.DELETE('/maintenance/{name}', init);
    },
    changes: QUIET_PATHS,
    onDone: onEnded,
  });
  const what = kind === 'silence' ? 'silence' : 'maintenance window';
  return (
    <>
      <Action what="End it" icon={IconPlayerStop} color="red" variant="outline" why={why} onClick={() => setAsked(true)} />
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={`End the ${what} ${name}?`}
        confirm="End it"
        isDanger
        asksWhy
        onConfirm={(words) => end.mutateAsync(words)}
      >
        <Text size="sm">
          It is taken away{kind === 'maintenance' && ', with all its times to come'}. What it hides and is still open is told
          at once.
        </Text>
      </Confirm>
    </>
  );
}
