// A button that says why it may not be pressed: it keeps the focus then, so that the reason can be read.
import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';

interface ActionProps extends Omit<ButtonProps, 'children' | 'leftSection' | 'disabled'> {
  what: string;
  icon?: Icon;
  /** Why not; empty: it may be done. */
  why?: string;
  type?: 'button' | 'submit';
  /** For screen readers, where `what` alone does not say of what. */
  label?: string;
  onClick?: () => void;
}

export function Action({ what, icon: Mark, why = '', type = 'button', label, onClick, ...rest }: ActionProps) {
  const isRefused = why !== '';
  const button = (
    <Button
      variant="default"
      {...rest}
      type={isRefused ? 'button' : type}
      aria-label={label}
      leftSection={Mark !== undefined && <Mark size={15} aria-hidden />}
      data-disabled={isRefused || undefined}
      aria-disabled={isRefused || undefined}
      onClick={isRefused ? undefined : onClick}
    >
      {what}
    </Button>
  );
  return isRefused ? (
    <Tooltip label={why} multiline maw={320}>
      {button}
    </Tooltip>
  ) : (
    button
  );
}
