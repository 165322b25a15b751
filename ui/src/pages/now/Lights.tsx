// Whether MUTT's ways out work, and its journal. From: the stream's pulse, every five seconds, and GET /destinations.
import { IconAlertTriangleFilled, IconCircleCheckFilled, IconHelpCircle, IconOctagonMinus, type Icon } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { type LiveEvents, useLive, useLiveState } from '@/api/live';
import { useGet } from '@/api/query';
import { useLiveRefresh } from '@/api/refresh';
import { processesOf } from '@/api/reports';
import { Sign, type Tone } from '@/shared/Sign';
import classes from './Now.module.css';
import { type Light, lightsOf } from './lights';

const SIGNS: Record<Light['state'], { icon: Icon; tone: Tone; text: string }> = {
  ok: { icon: IconCircleCheckFilled, tone: 'good', text: 'works' },
  warn: { icon: IconAlertTriangleFilled, tone: 'major', text: 'worth a look' },
  down: { icon: IconOctagonMinus, tone: 'critical', text: 'down' },
  unknown: { icon: IconHelpCircle, tone: 'quiet', text: 'unknown yet' },
};

const REFRESH_MS = 500;

export function Lights() {
  const [last, setLast] = useState<LiveEvents['pulse'] | null>(null);
  const { state } = useLiveState();
  useLive('pulse', (pulses) => setLast(pulses.at(-1) ?? null));
  useLiveRefresh('pulse', ['/destinations'], REFRESH_MS);
  // Without the stream the last pulse grows old: what the processes say is newer then.
  const pulse = state === 'live' ? last : null;
  const destinations = useGet('/destinations').data?.destinations;
  const health = useGet('/health', undefined, { enabled: pulse === null });
  const lights = lightsOf({ pulse, destinations, processes: processesOf(health.data) });
  return (
    <section aria-label="Ways out and journal" className={classes.lights}>
      {lights.map((light) => (
        <One key={light.name} light={light} />
      ))}
    </section>
  );
}

function One({ light }: { light: Light }) {
  const { name, state, words, numbers, to } = light;
  const text = state === 'ok' || state === 'unknown' ? numbers : `${words} (${numbers})`;
  return (
    <Link to={to} className={classes.light} title={words}>
      <span className={classes.lightName}>{name}</span>
      <Sign {...SIGNS[state]} />
      {text !== '' && <span className={classes.lightNumbers}>{text}</span>}
    </Link>
  );
}
