// A button that says why it cannot be pressed, instead of only being grey: it stays in reach of the keyboard.
import { Button, Tooltip } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';

interface ActButtonProps {
  icon: Icon;
  label: string;
  /** The key that does the same; shown on hover. */
  keys?: string;
  /** Why it cannot be done; empty: it can. */
  why: string;
  loading?: boolean;
  onClick: () => void;
}

export function ActButton({ icon: Mark, label, keys, why, loading, onClick }: ActButtonProps) {
  const hint = why !== '' ? why : keys === undefined ? '' : `Key ${keys}`;
  return (
    <Tooltip label={hint} disabled={hint === ''} events={{ hover: true, focus: true, touch: true }} multiline maw={320}>
      <Button
        variant="default"
        leftSection={<Mark size={15} aria-hidden />}
        loading={loading}
        data-disabled={why !== '' || undefined}
        aria-disabled={why !== '' || undefined}
        aria-description={why === '' ? undefined : why}
        aria-keyshortcuts={keys}
        onClick={(event) => (why === '' ? onClick() : event.preventDefault())}
      >
        {label}
      </Button>
    </Tooltip>
  );
}
