// Whether MUTT's ways out work, and its journal: from the stream's pulse, every five seconds.
import { IconAlertTriangleFilled, IconCircleCheckFilled, IconHelpCircle, IconOctagonMinus, type Icon } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { type LiveEvents, useLive, useLiveState } from '@/api/live';
import { Sign, type Tone } from '@/shared/Sign';
import { formatClock } from '@/shared/format';
import { toDestinations, toHealth } from '@/shared/links';
import classes from './Now.module.css';
import { type Light, type LightState, lightsOf } from './lights';

const SIGNS: Record<LightState, { icon: Icon; tone: Tone; text: string }> = {
  ok: { icon: IconCircleCheckFilled, tone: 'good', text: 'works' },
  warn: { icon: IconAlertTriangleFilled, tone: 'major', text: 'late' },
  down: { icon: IconOctagonMinus, tone: 'critical', text: 'down' },
};

export function Lights() {
  const [pulse, setPulse] = useState<LiveEvents['pulse'] | null>(null);
  const { state, since_ms } = useLiveState();
  useLive('pulse', (pulses) => setPulse(pulses.at(-1) ?? null));
  const isOld = state === 'broken';
  return (
    <section aria-label="Ways out and journal" className={classes.lights}>
      {pulse === null && (
        <Sign icon={IconHelpCircle} tone="quiet" text={isOld ? 'Ways out: not known without live changes' : 'Ways out: asking'} />
      )}
      {pulse !== null && lightsOf(pulse).map((light) => <One key={light.id} light={light} />)}
      {pulse !== null && isOld && (
        <Sign icon={IconHelpCircle} tone="warning" text={`as of ${formatClock(since_ms)}`} />
      )}
    </section>
  );
}

function One({ light }: { light: Light }) {
  const to = light.id === 'destinations' ? toDestinations() : toHealth();
  return (
    <Link to={to} className={classes.light} title={light.words}>
      <span className={classes.lightName}>{light.name}</span>
      <Sign {...SIGNS[light.state]} />
      <span className={classes.lightNumbers}>{light.state === 'ok' ? light.numbers : `${light.words} (${light.numbers})`}</span>
    </Link>
  );
}
