// Who is signed in, as what, and what they can do about it.
import { Button, Menu, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconDevices, IconKey, IconKeyboard, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { useMe, useSessionChanges } from '@/api/session';
import { asProblem } from '@/api/problem';
import { Confirm } from '@/shared/Confirm';
import { formatExact } from '@/shared/format';
import { PasswordForm } from './PasswordForm';
import classes from './Person.module.css';

export function Person({ onKeys }: { onKeys: () => void }) {
  const me = useMe();
  const { signOut } = useSessionChanges();
  const [changes, password] = useDisclosure(false);
  const [endsAll, all] = useDisclosure(false);
  const leave = async () => {
    try {
      await signOut(false);
    } catch (error) {
      notifications.show({ color: 'red', title: 'Not signed out', message: asProblem(error).message });
    }
  };
  return (
    <>
      <Menu position="bottom-end" width={250} withinPortal={false}>
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            h={32}
            leftSection={<IconUserCircle size={20} stroke={1.6} aria-hidden />}
            className={classes.person}
          >
            <span className={classes.name}>{me.name}</span>
            <span className="sr-only">, your account</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <div className={classes.who}>{me.name}</div>
            {me.role}
            {me.teams.length > 0 && `, teams: ${me.teams.join(', ')}`}
            {me.ends_at != null && <div>signed in until {formatExact(me.ends_at)} at the latest</div>}
          </Menu.Label>
          <Menu.Divider />
          {me.by === 'password' && (
            <Menu.Item leftSection={<IconKey size={16} aria-hidden />} onClick={password.open}>
              Change password
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={onKeys}>
            Keys
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconDevices size={16} aria-hidden />} onClick={all.open}>
            Sign out everywhere
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void leave()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={changes} onClose={password.close} title="Change password" centered>
        <PasswordForm
          onDone={() => {
            password.close();
            notifications.show({ message: 'The password is changed; your other sessions are over.' });
          }}
        />
      </Modal>
      <Confirm
        opened={endsAll}
        onClose={all.close}
        title="Sign out everywhere?"
        confirm="Sign out everywhere"
        onConfirm={() => signOut(true)}
      >
        Your sessions at all browsers end, this one too.
      </Confirm>
    </>
  );
}
