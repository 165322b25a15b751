// A button that says why it may not be pressed, instead of only being grey: it keeps the focus then, so that the
// reason can be read.
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
  /** The key that does the same; shown on hover. */
  keys?: string;
  onClick?: () => void;
}

export function Action({ what, icon: Mark, why = '', type = 'button', label, keys, onClick, ...rest }: ActionProps) {
  const isRefused = why !== '';
  const hint = isRefused ? why : keys === undefined ? '' : `Key ${keys}`;
  return (
    <Tooltip label={hint} disabled={hint === ''} events={{ hover: true, focus: true, touch: true }} multiline maw={320}>
      <Button
        variant="default"
        {...rest}
        type={isRefused ? 'button' : type}
        aria-label={label}
        aria-keyshortcuts={keys}
        leftSection={Mark !== undefined && <Mark size={15} aria-hidden />}
        data-disabled={isRefused || undefined}
        aria-disabled={isRefused || undefined}
        aria-description={isRefused ? why : undefined}
        onClick={isRefused ? undefined : onClick}
      >
        {what}
      </Button>
    </Tooltip>
  );
}
