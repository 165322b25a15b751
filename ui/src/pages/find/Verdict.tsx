// Which rules have to do with a message, the winner first, and which nearly did.
import { Badge, Text } from '@mantine/core';
import type { Schemas } from '@/api/client';
import { Severity } from '@/shared/Severity';
import classes from './Find.module.css';
import { RuleLink } from '@/shared/RuleLink';
import { claims } from './verdict';

export function Verdict({ explanation }: { explanation: Schemas['Explanation'] }) {
  const all = claims(explanation);
  if (all.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        It is counted as a message that no rule knows, and stands among the patterns if there are many like it.
      </Text>
    );
  }
  return all.map(({ what, matched }) => (
    <div key={`${what} ${matched.rule}`} className={classes.claim}>
      <div className={classes.claimHead}>
        <RuleLink rule={matched.rule} size="xs" display="block" />
        <Badge variant="light" color="gray" tt="none">
          {what}
        </Badge>
        <Text size="xs" c="dimmed">
          priority {matched.priority}, revision {matched.revision}
        </Text>
      </div>
      <div>
        <Severity severity={matched.severity} /> {matched.handling.replaceAll('_', ' ')}
        {matched.team !== '' && `, team ${matched.team}`}
        {matched.key !== '' && `, key ${matched.key}`}: {matched.summary}
      </div>
      <div className={classes.test}>{matched.reason}</div>
      {matched.correlation.map((sentence) => (
        <Text key={sentence} size="xs" c="dimmed">
          {sentence}
        </Text>
      ))}
    </div>
  ));
}

export function NearMisses({ near }: { near: readonly Schemas['Near'][] }) {
  return near.map((one) => (
    <div key={one.rule} className={classes.claim}>
      <div className={classes.claimHead}>
        <RuleLink rule={one.rule} size="xs" display="block" />
        <Text size="xs" c="dimmed">
          {one.held} of {one.tests} tests held, {one.mode}, priority {one.priority}
        </Text>
      </div>
      <ul className={classes.near}>
        {one.failed.map((failed) => (
          <li key={`${failed.path} ${failed.test}`}>
            <span className={classes.test}>{failed.test}</span>
            <Text size="xs" c="dimmed" component="div">
              {failed.actual == null ? 'the message has no such field' : `it is: ${failed.actual}`}
              {failed.path !== '' && ` (${failed.path})`}
            </Text>
          </li>
        ))}
      </ul>
    </div>
  ));
}
