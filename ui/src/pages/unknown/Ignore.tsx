// Ignores a pattern: why is needed, since whoever finds it later asks that.
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { Failed } from '@/shared/Failed';
import { useProblemForm } from '@/shared/form';

interface IgnoreProps {
  onIgnore: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

export function Ignore({ onIgnore, onClose }: IgnoreProps) {
  const { form, onSubmit, isSending, problem } = useProblemForm({
    initialValues: { reason: '' },
    validate: { reason: (reason) => (reason.trim() === '' ? 'Say why: whoever finds it later asks that' : null) },
    send: async ({ reason }) => {
      await onIgnore(reason.trim());
      onClose();
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Text size="sm">
          It is told no more, whatever comes. It is still archived and counted, and found under the state “Ignored”.
        </Text>
        <Textarea
          label="Reason"
          required
          data-autofocus
          autosize
          minRows={2}
          maxLength={4_000}
          {...form.getInputProps('reason')}
        />
        {problem !== null && <Failed error={problem} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isSending}>
            Ignore it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
