// What becomes of a pattern: a rule, ignored with a reason, handled, or open again.
import { Modal, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCircleCheck, IconEyeOff, IconRefresh, IconWand } from '@tabler/icons-react';
import { useState } from 'react';
import { type Schemas, api, data } from '@/api/client';
import { useChange } from '@/api/query';
import { Action } from '@/shared/Action';
import { Confirm } from '@/shared/Confirm';
import { usePermission } from '@/shared/permission';
import { Ignore } from './Ignore';
import { MakeRule } from './MakeRule';

type Detail = Schemas['PatternDetail'];
type NewState = Schemas['NewPatternState'];

/** The team of all its hosts, if it is one: whose pattern it is. */
export function onlyTeam({ teams }: Pick<Detail, 'teams'>): string {
  const names = Object.keys(teams.names);
  return names.length === 1 && teams.others === 0 ? (names[0] ?? '') : '';
}

export function Decide({ detail }: { detail: Detail }) {
  const { pattern } = detail;
  const [asked, setAsked] = useState<'rule' | 'ignore' | 'handled' | 'open' | null>(null);
  const { allowed, why } = usePermission('author', onlyTeam(detail));
  const change = useChange({
    change: (body: NewState) => data(api.PUT('/patterns/{id}/state', { params: { path: { id: pattern.id } }, body })),
    changes: ['/patterns', '/patterns/{id}'],
    onDone: (_, { state }) => notifications.show({ message: `The pattern is ${state} now.` }),
  });
  const close = () => setAsked(null);
  const isOpen = pattern.state === 'open';
  return (
    <>
      <Action what="Make a rule" icon={IconWand} why={why} variant="filled" onClick={() => setAsked('rule')} />
      {isOpen && (
        <>
          <Action what="Ignore" icon={IconEyeOff} why={why} onClick={() => setAsked('ignore')} />
          <Action
            what="Mark handled"
            icon={IconCircleCheck}
            why={why}
            onClick={() => setAsked('handled')}
          />
        </>
      )}
      {!isOpen && (
        <Action what="Open again" icon={IconRefresh} why={why} onClick={() => setAsked('open')} />
      )}
      <Modal opened={asked === 'rule' && allowed} onClose={close} title="A rule for this pattern" size="xl">
        <MakeRule detail={detail} />
      </Modal>
      <Modal opened={asked === 'ignore' && allowed} onClose={close} title="Ignore this pattern" centered>
        <Ignore onIgnore={(reason) => change.mutateAsync({ state: 'ignored', reason })} onClose={close} />
      </Modal>
      <Confirm
        opened={asked === 'handled' && allowed}
        onClose={close}
        title="Mark this pattern handled?"
        confirm="Mark handled"
        onConfirm={() => change.mutateAsync({ state: 'handled' })}
      >
        <Text size="sm">Its alert ends, and it is told no more. Messages that no rule wants are counted as before.</Text>
      </Confirm>
      <Confirm
        opened={asked === 'open' && allowed}
        onClose={close}
        title="Open this pattern again?"
        confirm="Open again"
        onConfirm={() => change.mutateAsync({ state: 'open' })}
      >
        <Text size="sm">It is listed as open, and told again when it surges or passes the threshold.</Text>
      </Confirm>
    </>
  );
}
