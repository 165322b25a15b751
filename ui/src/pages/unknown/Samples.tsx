// A few messages of a pattern; each leads to its way through MUTT.
import { Group, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { Raw } from '@/shared/Raw';
import { TimeAgo } from '@/shared/TimeAgo';
import { toMessage, toMessages } from '@/shared/links';
import classes from './Unknown.module.css';

export function Samples({ samples }: { samples: Schemas['PatternSample'][] }) {
  return (
    <ul className={classes.samples}>
      {samples.map((sample) => (
        <li key={sample.id}>
          <Group gap="sm" justify="space-between" mb={4}>
            <Text size="sm" component="div">
              <Link to={toMessages({ host: sample.host })} className="mono">
                {sample.host}
              </Link>
              , <TimeAgo at={sample.at} />
            </Text>
            <Text size="sm" component="div">
              <Link to={toMessage(sample.id)}>
                Its way<span className="sr-only"> through MUTT: message {sample.id}</span>
              </Link>
            </Text>
          </Group>
          <Raw text={sample.text} what={`the message of ${sample.host}`} />
        </li>
      ))}
    </ul>
  );
}
