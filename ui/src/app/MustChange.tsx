// With a one-time password one can only set another.
import { Anchor, Text } from '@mantine/core';
import { useMe, useSessionChanges } from '@/api/session';
import { Door } from './Door';
import { PasswordForm } from './PasswordForm';

export function MustChange() {
  const me = useMe();
  const { signOut } = useSessionChanges();
  return (
    <Door title="Set a password">
      <Text size="sm" c="dimmed">
        {me.name}, your password opens once. Set one that only you know.
      </Text>
      <PasswordForm oldLabel="One-time password" />
      <Anchor component="button" type="button" size="sm" onClick={() => void signOut(false)}>
        Sign out
      </Anchor>
    </Door>
  );
}
