// Asks before a page with unsaved changes is left. They stay in this tab all the same.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import { useBlocker } from 'react-router';

interface LeaveProps {
  isDirty: boolean;
  /** Read when somebody leaves: a save leads on without being asked. */
  mayLeave: React.RefObject<boolean>;
  onDiscard: () => void;
}

export function Leave({ isDirty, mayLeave, onDiscard }: LeaveProps) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => isDirty && !mayLeave.current && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!isDirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isDirty]);
  const stay = () => blocker.reset?.();
  return (
    <Modal opened={blocker.state === 'blocked'} onClose={stay} title="Leave with unsaved changes?" centered>
      <Stack>
        <Text size="sm">The draft is not saved. It can stay in this tab, and is here when you come back.</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={stay} data-autofocus>
            Stay
          </Button>
          <Button
            variant="default"
            color="red"
            onClick={() => {
              onDiscard();
              blocker.proceed?.();
            }}
          >
            Discard and leave
          </Button>
          <Button onClick={() => blocker.proceed?.()}>Keep it and leave</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
