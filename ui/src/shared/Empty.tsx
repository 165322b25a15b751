// There is nothing: what that means, and what to do.
import { Stack, Text } from '@mantine/core';
import { type Icon, IconInbox } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface EmptyProps {
  /** `No open alerts`. */
  title: string;
  /** What it means. */
  children?: ReactNode;
  /** What to do: a button or a link. */
  action?: ReactNode;
  icon?: Icon;
}

export function Empty({ title, children, action, icon: Mark = IconInbox }: EmptyProps) {
  return (
    <Stack align="center" gap={6} py="xl" px="md" ta="center">
      <Mark size={32} stroke={1.4} color="var(--mantine-color-dimmed)" aria-hidden />
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text component="div" size="sm" c="dimmed" maw="32rem">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
