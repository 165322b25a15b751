// Asks before something is done that others feel; can ask for the reason that the API keeps.
import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Failed } from './Failed';

interface ConfirmProps {
  opened: boolean;
  onClose: () => void;
  /** A question: `End the silence lab?` */
  title: string;
  /** What will happen. */
  children?: ReactNode;
  /** The verb: `End it`. */
  confirm: string;
  isDanger?: boolean;
  /** Asks for a reason; it is kept with the change. */
  asksWhy?: boolean;
  /** Does it; what it throws is shown, and the dialog stays. */
  onConfirm: (why: string) => Promise<unknown>;
}

export function Confirm(props: ConfirmProps) {
  const { opened, onClose, title } = props;
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered>
      <Ask {...props} />
    </Modal>
  );
}

/** Made anew each time the dialog opens, so nothing of the last time is left. */
function Ask({ onClose, children, confirm, isDanger = false, asksWhy = false, onConfirm }: ConfirmProps) {
  const [why, setWhy] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [pending, setPending] = useState(false);
  const run = async () => {
    setPending(true);
    setError(null);
    try {
      await onConfirm(why.trim());
      onClose();
    } catch (failed) {
      setError(failed);
    } finally {
      setPending(false);
    }
  };
  return (
    <Stack>
      <div>{children}</div>
      {asksWhy && (
        <Textarea
          label="Why"
          description="Kept with the change, for whoever asks later"
          autosize
          minRows={2}
          maxLength={1_000}
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
      )}
      {error !== null && <Failed error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button color={isDanger ? 'red' : undefined} loading={pending} onClick={() => void run()}>
          {confirm}
        </Button>
      </Group>
    </Stack>
  );
}
