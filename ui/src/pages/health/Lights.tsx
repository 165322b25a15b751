// The three lights: the archive, the destinations, the journal. From: the stream's pulse, every five seconds.
import { Link } from 'react-router';
import type { ReactNode } from 'react';
import type { Schemas } from '@/api/client';
import { LightSign } from '@/shared/LightSign';
import { formatBytes, formatDuration, formatNumber } from '@/shared/format';
import classes from './Health.module.css';

type LightState = Schemas['LightState'];
type Pulse = Schemas['Pulse'];

export function Lights({ pulse }: { pulse: Pulse | null }) {
  if (pulse === null) {
    return <p className={classes.quiet}>How archive, destinations and journal are comes with the live changes, every five seconds.</p>;
  }
  const { archive, destinations, journal } = pulse;
  return (
    <div className={classes.lights}>
      <Light name="Archive" state={archive.state} words={archive.words} to="/trust">
        {waits(archive.waiting, archive.oldest_waiting_age_ms)}
      </Light>
      <Light name="Destinations" state={destinations.state} words={destinations.words} to="/delivery">
        {waits(destinations.waiting, destinations.oldest_waiting_age_ms)}
        {destinations.dead > 0 && `, ${formatNumber(destinations.dead)} dead`}
      </Light>
      <Light name="Journal" state={journal.state} words={journal.words} to="/trust">
        {formatBytes(journal.bytes)}, {journal.oldest_unread_age_ms === 0 ? 'all judged' : `judged ${formatDuration(journal.oldest_unread_age_ms)} behind`}
      </Light>
    </div>
  );
}

function waits(count: number, age_ms: number): string {
  if (count === 0) return 'nothing waits';
  return `${formatNumber(count)} waiting, the oldest for ${formatDuration(age_ms)}`;
}

interface LightProps {
  name: string;
  state: LightState;
  words: string;
  to: string;
  children: ReactNode;
}

function Light({ name, state, words, to, children }: LightProps) {
  return (
    <section className={classes.light} aria-label={name}>
      <div className={classes.lightHead}>
        <Link to={to}>{name}</Link>
        <LightSign state={state} />
      </div>
      <div>{words}</div>
      <div className={classes.quiet}>{children}</div>
    </section>
  );
}
