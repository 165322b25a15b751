// A button that copies a text, and says whether it did.
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { copyText } from './copy';

const SAID_MS = 1_500;

interface CopyProps {
  text: string;
  /** What is copied: `the id`. */
  what: string;
}

export function Copy({ text, what }: CopyProps) {
  const [done, setDone] = useState<boolean | null>(null);
  useEffect(() => {
    if (done === null) return;
    const timer = setTimeout(() => setDone(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [done]);
  const label = done === null ? `Copy ${what}` : done ? 'Copied' : 'The browser did not allow it';
  const Mark = done === null ? IconCopy : done ? IconCheck : IconX;
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={async () => setDone(await copyText(text))}>
        <Mark size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
