// What the rules make of a message: a word, an icon, and the rule.
import { type Icon, IconBellRinging, IconFilter, IconHelpCircle, IconNotes, IconShieldX } from '@tabler/icons-react';
import { Sign, type Tone } from '@/shared/Sign';
import { RuleLink } from '@/shared/RuleLink';

const SIGNS: Record<string, { icon: Icon; tone: Tone; text: string }> = {
  alerting: { icon: IconBellRinging, tone: 'major', text: 'alerting' },
  logged: { icon: IconNotes, tone: 'info', text: 'logged only' },
  suppressed: { icon: IconFilter, tone: 'quiet', text: 'known noise' },
  unhandled: { icon: IconHelpCircle, tone: 'warning', text: 'no rule knows it' },
  unauthenticated: { icon: IconShieldX, tone: 'critical', text: 'not authenticated' },
};

export function Outcome({ outcome, rule }: { outcome: string; rule?: string | null }) {
  const sign = SIGNS[outcome] ?? { icon: IconHelpCircle, tone: 'quiet' as const, text: outcome };
  return (
    <div>
      <Sign {...sign} />
      {rule != null && <RuleLink rule={rule} size="xs" display="block" />}
    </div>
  );
}
