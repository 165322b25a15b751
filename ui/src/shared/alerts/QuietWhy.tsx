// Why nobody is told of an alert, in a line; a silence leads to itself, a time is told as people read it.
import { Anchor, Text } from '@mantine/core';
import { IconVolumeOff } from '@tabler/icons-react';
import { Link } from 'react-router';
import { formatClock } from '../format';
import { toSilence } from '../links';
import { quietOf } from './quiet';

export function QuietWhy({ words }: { words: string }) {
  return (
    <Text size="xs" c="dimmed" component="div">
      <IconVolumeOff size={12} aria-hidden /> quiet: <Words words={words} />
    </Text>
  );
}

function Words({ words }: { words: string }) {
  const { kind, by } = quietOf(words);
  if (kind === 'held' && by !== null) {
    return (
      <>
        held until <time dateTime={by}>{formatClock(by)}</time>
      </>
    );
  }
  if (kind !== 'silenced' || by === null) return words;
  return (
    <>
      silenced by{' '}
      <Anchor component={Link} to={toSilence(by)} inherit underline="always">
        {by}
      </Anchor>
    </>
  );
}
