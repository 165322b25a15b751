// In which state something is: an alert, a delivery, a pattern, a silence, a backtest. A word, an icon, a tone.
import {
  type Icon,
  IconArchive,
  IconBan,
  IconCheck,
  IconCircleCheck,
  IconCircleDot,
  IconClock,
  IconEyeOff,
  IconHandStop,
  IconHourglass,
  IconMailX,
  IconPlayerPlay,
  IconPoint,
  IconX,
} from '@tabler/icons-react';
import { Sign, type Tone } from './Sign';

const SIGNS: Record<string, { icon: Icon; tone: Tone }> = {
  // Alerts.
  open: { icon: IconCircleDot, tone: 'critical' },
  acknowledged: { icon: IconHandStop, tone: 'info' },
  cleared: { icon: IconCircleCheck, tone: 'good' },
  closed: { icon: IconArchive, tone: 'quiet' },
  // Deliveries.
  waiting: { icon: IconHourglass, tone: 'warning' },
  delivered: { icon: IconCheck, tone: 'good' },
  dead: { icon: IconMailX, tone: 'critical' },
  superseded: { icon: IconBan, tone: 'quiet' },
  // Patterns.
  handled: { icon: IconCircleCheck, tone: 'good' },
  ignored: { icon: IconEyeOff, tone: 'quiet' },
  // What begins and ends.
  active: { icon: IconPlayerPlay, tone: 'info' },
  upcoming: { icon: IconClock, tone: 'warning' },
  over: { icon: IconArchive, tone: 'quiet' },
  running: { icon: IconPlayerPlay, tone: 'info' },
  done: { icon: IconCheck, tone: 'good' },
  failed: { icon: IconX, tone: 'critical' },
  cancelled: { icon: IconBan, tone: 'quiet' },
};

const OTHER = { icon: IconPoint, tone: 'quiet' } as const;

interface StateBadgeProps {
  state: string;
  /** Another tone than the state's own: an open pattern is no alarm. */
  tone?: Tone;
  title?: string;
}

export function StateBadge({ state, tone, title }: StateBadgeProps) {
  const sign = SIGNS[state] ?? OTHER;
  return <Sign icon={sign.icon} tone={tone ?? sign.tone} text={state} title={title} filled />;
}
