// A rule's name that leads to it, if it is one that people wrote.
import { Anchor, type AnchorProps, Text } from '@mantine/core';
import { Link } from 'react-router';
import { toRule } from './links';

export function RuleLink({ rule, ...look }: { rule: string } & Pick<AnchorProps, 'size' | 'display' | 'inherit' | 'underline' | 'className'>) {
  const to = toRule(rule);
  if (to === undefined) {
    const { underline: _, ...plain } = look;
    return (
      <Text component="span" {...plain}>
        {rule}
      </Text>
    );
  }
  return (
    <Anchor component={Link} to={to} {...look}>
      {rule}
    </Anchor>
  );
}
