// What is shown once: a key, or a one-time password. It is kept nowhere.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { Raw } from '@/shared/Raw';

export interface Secret {
  /** `The key of grafana`. */
  title: string;
  text: string;
  /** What to do with it. */
  about: string;
}

export function Once({ secret, onClose }: { secret: Secret | null; onClose: () => void }) {
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title={secret?.title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      centered
    >
      {secret !== null && (
        <Stack>
          <Raw text={secret.text} what={secret.title} />
          <Text size="sm">{secret.about} This is the only time that it is shown.</Text>
          <Group justify="flex-end">
            <Button onClick={onClose}>I have it</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
