// What is done at once to a user: another one-time password, sessions, lock of sign-in, removal.
import { Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconKey, IconLockOpen, IconLogout, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { type Schemas, api, data, ifMatch } from '@/api/client';
import { useChange } from '@/api/query';
import { useMe } from '@/api/session';
import { Action } from '@/shared/Action';
import { Confirm } from '@/shared/Confirm';
import { plural } from '@/shared/format';
import type { Secret } from './Once';
import { USER_CHANGES, oneTimeSecret } from './secret';

interface UserActionsProps {
  user: Schemas['UserView'];
  onClose: () => void;
  onSecret: (secret: Secret) => void;
}

type Asked = 'password' | 'sessions' | 'lock' | 'remove';

export function UserActions({ user, onClose, onSecret }: UserActionsProps) {
  const me = useMe();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { name } = user;
  const params = { path: { name } };
  const password = useChange({
    change: () => data(api.POST('/users/{name}/password', { params })),
    changes: USER_CHANGES,
    onDone: (made) => onSecret(oneTimeSecret(made)),
  });
  const sessions = useChange({
    change: () => data(api.DELETE('/users/{name}/sessions', { params })),
    changes: ['/audit'],
    onDone: (ended) => notifications.show({ message: `${plural(ended.sessions, 'session')} of ${name} ended.` }),
  });
  const unlock = useChange({
    change: () => api.DELETE('/users/{name}/lock', { params }),
    changes: ['/audit'],
    onDone: () => notifications.show({ message: `${name} may try to sign in again.` }),
  });
  const remove = useChange({
    change: (why: string) =>
      api.DELETE('/users/{name}', {
        params: { ...params, query: { why: why || undefined } },
        headers: ifMatch(user.revision),
      }),
    changes: USER_CHANGES,
    onDone: onClose,
  });
  const close = () => setAsked(null);
  const self = me.name === name ? 'This is you: another admin has to do it.' : '';
  return (
    <>
      <Group gap="xs" role="group" aria-label="At once">
        <Action what="New one-time password" icon={IconKey} onClick={() => setAsked('password')} />
        <Action what="End sessions" icon={IconLogout} onClick={() => setAsked('sessions')} />
        <Action what="Unlock sign-in" icon={IconLockOpen} onClick={() => setAsked('lock')} />
        <Action what="Remove" icon={IconTrash} color="red" variant="outline" why={self} onClick={() => setAsked('remove')} />
      </Group>
      <Confirm
        opened={asked === 'password'}
        onClose={close}
        title={`A new one-time password for ${name}?`}
        confirm="Make it"
        onConfirm={() => password.mutateAsync(undefined)}
      >
        <Text size="sm">Their password opens no more, and their sessions end.</Text>
      </Confirm>
      <Confirm
        opened={asked === 'sessions'}
        onClose={close}
        title={`End all sessions of ${name}?`}
        confirm="End them"
        onConfirm={() => sessions.mutateAsync(undefined)}
      >
        <Text size="sm">They have to sign in again, in every browser.</Text>
      </Confirm>
      <Confirm
        opened={asked === 'lock'}
        onClose={close}
        title={`Let ${name} try to sign in again?`}
        confirm="Unlock"
        onConfirm={() => unlock.mutateAsync(undefined)}
      >
        <Text size="sm">After too many wrong passwords they have to wait; this forgives these attempts.</Text>
      </Confirm>
      <Confirm
        opened={asked === 'remove'}
        onClose={close}
        title={`Remove the user ${name}?`}
        confirm="Remove them"
        isDanger
        asksWhy
        onConfirm={(why) => remove.mutateAsync(why)}
      >
        <Text size="sm">Their sessions end. What they did stays in the audit under their name.</Text>
      </Confirm>
    </>
  );
}
