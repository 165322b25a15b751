// Another password for the one so far.
import { Button, PasswordInput, Stack } from '@mantine/core';
import { useSessionChanges } from '@/api/session';
import { Failed } from '@/shared/Failed';
import { useProblemForm } from '@/shared/form';

const LENGTH_MIN = 12;

interface Values extends Record<string, string> {
  old: string;
  new: string;
  again: string;
}

interface PasswordFormProps {
  onDone?: () => void;
  /** How the one so far is called. */
  oldLabel?: string;
}

export function PasswordForm({ onDone, oldLabel = 'Password so far' }: PasswordFormProps) {
  const { setPassword } = useSessionChanges();
  const { form, onSubmit, isSending, problem } = useProblemForm<Values>({
    initialValues: { old: '', new: '', again: '' },
    validate: {
      new: (text) => (text.length < LENGTH_MIN ? `At least ${LENGTH_MIN} characters` : null),
      again: (text, all) => (text === all.new ? null : 'Not the same'),
    },
    send: async (values) => {
      await setPassword(values.old, values.new);
      onDone?.();
    },
  });
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        {problem !== null && <Failed error={problem} what="The password was not changed" />}
        <PasswordInput label={oldLabel} autoComplete="current-password" required data-autofocus {...form.getInputProps('old')} />
        <PasswordInput
          label="New password"
          description="12 to 128 characters of any kind, not easily guessed"
          autoComplete="new-password"
          required
          {...form.getInputProps('new')}
        />
        <PasswordInput label="New password again" autoComplete="new-password" required {...form.getInputProps('again')} />
        <Button type="submit" size="sm" loading={isSending}>
          Set password
        </Button>
      </Stack>
    </form>
  );
}
