// Closing and commenting alerts: both need words, which are kept in the alerts' time lines.
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Schemas } from '@/api/client';
import { type Decision, namesOf, useDecide } from './decide';

type AlertView = Schemas['AlertView'];

interface DecideDialogProps {
  what: 'close' | 'comment' | null;
  alerts: readonly AlertView[];
  onClose: () => void;
  onDone: () => void;
}

const WORDS = {
  close: {
    title: 'Close',
    about: 'Its problem is over, or does not matter. If a message shows it again, it opens anew.',
    label: 'Why',
    button: 'Close it',
  },
  comment: { title: 'Comment', about: 'Stands in the time line, for whoever looks next.', label: 'Comment', button: 'Comment' },
} as const;

export function DecideDialog({ what, alerts, onClose, onDone }: DecideDialogProps) {
  const title = what === null ? '' : `${WORDS[what].title}: ${namesOf(alerts)}`;
  return (
    <Modal opened={what !== null} onClose={onClose} title={title} centered>
      {what !== null && <Ask what={what} alerts={alerts} onClose={onClose} onDone={onDone} />}
    </Modal>
  );
}

function Ask({ what, alerts, onClose, onDone }: DecideDialogProps & { what: 'close' | 'comment' }) {
  const [text, setText] = useState('');
  const [isMissing, setMissing] = useState(false);
  const { decide, isDeciding } = useDecide();
  const words = WORDS[what];
  const run = async () => {
    const said = text.trim();
    if (said === '') return setMissing(true);
    const decision: Decision = what === 'close' ? { do: 'close', why: said } : { do: 'comment', text: said };
    if (await decide(alerts, decision)) onDone();
    onClose();
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <Stack>
        <Text size="sm">{words.about}</Text>
        <Textarea
          label={words.label}
          required
          data-autofocus
          autosize
          minRows={2}
          maxLength={1_000}
          value={text}
          error={isMissing && text.trim() === '' ? 'A few words, so that others understand it' : undefined}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isDeciding}>
            {words.button}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
