// What the rules make of a message: a word, an icon, and the rule.
import { Anchor, Text } from '@mantine/core';
import { type Icon, IconBellRinging, IconFilter, IconHelpCircle, IconNotes, IconShieldX } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Sign, type Tone } from '@/shared/Sign';
import { toRule } from '@/shared/links';

const SIGNS: Record<string, { icon: Icon; tone: Tone; text: string }> = {
  alerting: { icon: IconBellRinging, tone: 'major', text: 'alerting' },
  logged: { icon: IconNotes, tone: 'info', text: 'logged only' },
  suppressed: { icon: IconFilter, tone: 'quiet', text: 'known noise' },
  unhandled: { icon: IconHelpCircle, tone: 'warning', text: 'no rule knows it' },
  unauthenticated: { icon: IconShieldX, tone: 'critical', text: 'not authenticated' },
};

export function Outcome({ outcome, rule }: { outcome: string; rule: string | null }) {
  const sign = SIGNS[outcome] ?? { icon: IconHelpCircle, tone: 'quiet' as const, text: outcome };
  return (
    <div>
      <Sign {...sign} />
      {rule !== null && <RuleLink rule={rule} />}
    </div>
  );
}

export function RuleLink({ rule }: { rule: string }) {
  const to = toRule(rule);
  if (to === undefined) return <Text size="xs">{rule}</Text>;
  return (
    <Anchor component={Link} to={to} size="xs" display="block">
      {rule}
    </Anchor>
  );
}
