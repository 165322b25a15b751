// All keys that do something here and now.
import { Group, Kbd, Modal, Stack, Text } from '@mantine/core';
import { type Shortcut, useShortcuts } from '@/shared/shortcuts';

const GROUPS = ['Everywhere', 'Go to', 'Tables', 'This page'];

function ofGroup(shortcuts: readonly Shortcut[], group: string): Shortcut[] {
  const latest = new Map(shortcuts.filter((one) => one.group === group).map((one) => [one.keys, one]));
  return [...latest.values()];
}

export function ShortcutHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const shortcuts = useShortcuts();
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" centered>
      <Stack>
        {GROUPS.map((group) => {
          const ones = ofGroup(shortcuts, group);
          if (ones.length === 0) return null;
          return (
            <Stack key={group} gap={6}>
              <Text size="xs" fw={600} c="dimmed">
                {group}
              </Text>
              {ones.map((one) => (
                <Group key={one.keys} justify="space-between" wrap="nowrap">
                  <Text size="sm">{one.what}</Text>
                  <Group gap={4} wrap="nowrap">
                    {one.keys.split(' ').map((key, at) => (
                      // A sequence may have the same key twice.
                      // oxlint-disable-next-line react/no-array-index-key
                      <Kbd key={`${key}${at}`}>{key}</Kbd>
                    ))}
                  </Group>
                </Group>
              ))}
            </Stack>
          );
        })}
      </Stack>
    </Modal>
  );
}
