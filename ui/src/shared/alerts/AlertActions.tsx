// What can be done with one alert or with several: buttons, their keys, and their dialogs. Used by Now and by
// the page of one alert.
import { Group } from '@mantine/core';
import { IconArchive, IconHandStop, IconMessage, IconUser, IconVolumeOff } from '@tabler/icons-react';
import { useState } from 'react';
import type { Schemas } from '@/api/client';
import { useMe } from '@/api/session';
import { Action as ActionButton } from '../Action';
import { useShortcut } from '../shortcuts';
import { DecideDialog } from './DecideDialog';
import { SilenceDialog } from './SilenceDialog';
import { type Decision, useDecide } from './decide';
import { ACTIONS, type Action, concerned, whyNot } from './may';

type AlertView = Schemas['AlertView'];

interface AlertActionsProps {
  /** What the buttons and keys are about, asked when one is pressed. */
  alerts: readonly AlertView[];
  /** After something was done with all of them. */
  onDone?: () => void;
}

const SHOWN = {
  acknowledge: { icon: IconHandStop, what: 'Acknowledge', keys: 'a' },
  take: { icon: IconUser, what: 'Take', keys: 't' },
  silence: { icon: IconVolumeOff, what: 'Silence', keys: 's' },
  close: { icon: IconArchive, what: 'Close', keys: undefined },
  comment: { icon: IconMessage, what: 'Comment', keys: undefined },
} as const;

export function AlertActions({ alerts, onDone = () => {} }: AlertActionsProps) {
  const me = useMe();
  const [dialog, setDialog] = useState<{ what: Action; alerts: readonly AlertView[] } | null>(null);
  const { decide, isDeciding } = useDecide();
  const run = async (action: Action) => {
    if (whyNot(action, alerts, me) !== '') return;
    const about = concerned(action, alerts);
    if (action !== 'acknowledge' && action !== 'take') return setDialog({ what: action, alerts: about });
    const decision: Decision = { do: action };
    if (await decide(about, decision)) onDone();
  };
  useShortcut('a', 'Acknowledge', () => void run('acknowledge'), 'Alerts');
  useShortcut('t', 'Take', () => void run('take'), 'Alerts');
  useShortcut('s', 'Silence', () => void run('silence'), 'Alerts');
  const asked = dialog?.what === 'close' || dialog?.what === 'comment' ? dialog.what : null;
  const close = () => setDialog(null);
  return (
    <>
      <Group gap={6} role="group" aria-label="What to do">
        {ACTIONS.map((action) => (
          <ActionButton
            key={action}
            {...SHOWN[action]}
            why={whyNot(action, alerts, me)}
            loading={isDeciding && (action === 'acknowledge' || action === 'take')}
            onClick={() => void run(action)}
          />
        ))}
      </Group>
      <DecideDialog what={asked} alerts={dialog?.alerts ?? []} onClose={close} onDone={onDone} />
      <SilenceDialog alerts={dialog?.what === 'silence' ? dialog.alerts : null} onClose={close} onDone={onDone} />
    </>
  );
}
