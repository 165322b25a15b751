// One destination: how it is, its breaker and pace, what waits, what it said last.
import { Link } from 'react-router';
import type { ReactNode } from 'react';
import { IconBolt } from '@tabler/icons-react';
import type { Schemas } from '@/api/client';
import { type DestinationReport, senderOf } from '@/api/reports';
import { Count } from '@/shared/Count';
import { LightSign } from '@/shared/LightSign';
import { Panel } from '@/shared/Panel';
import { Sign } from '@/shared/Sign';
import { TimeAgo } from '@/shared/TimeAgo';
import { formatDuration } from '@/shared/format';
import { toHealth, toNotices } from '@/shared/links';
import { useTimed } from '@/shared/now';
import classes from './Delivery.module.css';
import { STATES, adapterText, breaker, rateText, wordsWithoutName } from './delivery';

type Destination = Schemas['DestinationView'];

export function DestinationCard({ destination }: { destination: Destination }) {
  const { name, state, oldest_waiting_age_ms: oldest } = destination;
  const sender = senderOf(destination);
  return (
    <Panel title={name} actions={<LightSign state={state} />}>
      <p className={classes.words} data-state={state}>
        {wordsWithoutName(destination)}
      </p>
      <dl className={classes.counts}>
        {STATES.map((one) => (
          <div key={one} data-alarm={one === 'dead' && destination.dead > 0}>
            <dt>{one}</dt>
            <dd>
              <Count value={destination[one]} of={`${one} notices of ${name}`} to={toNotices(one, name)} />
            </dd>
          </div>
        ))}
      </dl>
      <dl className={classes.facts}>
        <Fact name="Breaker">
          <BreakerSign sender={sender} />
        </Fact>
        <Fact name="Oldest that waits">{oldest == null ? 'none waits' : formatDuration(oldest)}</Fact>
        <Fact name="Pace">{sender === null ? 'not known' : rateText(sender)}</Fact>
        <Fact name="Last answer">{sender?.last_answer != null && <Said words={sender.last_answer} at={sender.last_answer_at} />}</Fact>
        <Fact name="Last success">
          {sender === null ? 'not known' : sender.last_success_at === null ? 'none since its process began' : <TimeAgo at={sender.last_success_at} />}
        </Fact>
        <Fact name="Last error">{sender?.last_error != null && <Said words={sender.last_error} at={sender.last_error_at} />}</Fact>
        <Fact name="Language">{adapterText(destination.adapter)}</Fact>
        <Fact name="Sent by">
          {destination.process != null && (
            <>
              <Link to={toHealth()}>{destination.process}</Link>
              {sender?.holds === false && ', the last one: none holds it now'}
            </>
          )}
        </Fact>
      </dl>
      {destination.dead > 0 && (
        <p className={classes.more}>
          <Link to={toNotices('dead', name)}>Look at the dead letters, and send them again</Link>
        </p>
      )}
    </Panel>
  );
}

/** Counts down to the next try. */
function BreakerSign({ sender }: { sender: DestinationReport | null }) {
  const text = useTimed((now_ms) => breaker(sender, now_ms).means);
  const { tone, name } = breaker(sender, 0);
  return (
    <>
      <Sign icon={IconBolt} tone={tone} text={name} />: {text}
    </>
  );
}

function Said({ words, at }: { words: string; at: string | null }) {
  return (
    <>
      {words}
      {at !== null && (
        <>
          , <TimeAgo at={at} />
        </>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === false) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
