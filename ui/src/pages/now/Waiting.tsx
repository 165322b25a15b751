// Says what changed in a list that is held, or what has just left one that is not.
import { Button, Text } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import classes from './Now.module.css';
import type { AlertView } from './filter';
import { waitingWords } from './hold';

interface WaitingProps {
  fresh: number;
  gone: number;
  left: readonly AlertView[];
  onLetIn: () => void;
}

export function Waiting({ fresh, gone, left, onLetIn }: WaitingProps) {
  const words = waitingWords({ fresh, gone });
  const [first] = left;
  return (
    <div className={classes.waiting} role="status">
      {words !== '' && (
        <Button size="compact-xs" leftSection={<IconArrowUp size={14} aria-hidden />} onClick={onLetIn}>
          {words}: show
        </Button>
      )}
      {words === '' && first !== undefined && (
        <Text size="xs" c="dimmed" truncate>
          {left.length === 1 ? `${first.state}: ${first.summary}` : `${left.length} alerts are over`}
        </Text>
      )}
    </div>
  );
}
