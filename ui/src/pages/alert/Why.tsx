// Why somebody was told of an alert, or nobody was, in the order in which it came to it.
import { Anchor, Text } from '@mantine/core';
import { IconBellOff, IconCheck } from '@tabler/icons-react';
import type { CSSProperties, ReactNode } from 'react';
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { useGet } from '@/api/query';
import { Sign } from '@/shared/Sign';
import { QuietWhy } from '@/shared/alerts/QuietWhy';
import type { QuietKind } from '@/shared/alerts/quiet';
import { formatExact, plural } from '@/shared/format';
import { toMessage, toRule } from '@/shared/links';
import classes from './Alert.module.css';
import { type Quieter, captures, quieters, reasonOf, verdict } from './why';

type AlertView = Schemas['AlertView'];

export function Why({ detail }: { detail: Schemas['AlertDetail'] }) {
  const { alert } = detail;
  return (
    <ol className={classes.steps}>
      <Step number={1} title="A message came">
        <Anchor component={Link} to={toMessage(alert.correlation_id)} inherit underline="always">
          Its way from packet to page
        </Anchor>
        , stored {formatExact(alert.first_seen)}
        {alert.count > 1 && `; ${plural(alert.count, 'event')} in all until ${formatExact(alert.last_seen)}`}.
      </Step>
      <Step number={2} title={`The rule ${alert.rule} wanted it`}>
        <RuleSaid alert={alert} />
      </Step>
      <Step number={3} title={`It belongs to ${alert.environment}, and to the team ${alert.team}`}>
        <Belongs alert={alert} />
      </Step>
      <Step number={4} title="What could have kept it quiet">
        <Quieters all={quieters(detail)} />
      </Step>
      <Step number={5} title={verdict(detail)}>
        Handling {alert.handling.replaceAll('_', ' ')}; {plural(alert.notices, 'notice')} made.{' '}
        {alert.told ? 'Destinations know of it as a problem that is there.' : 'No destination holds it as a problem that is there.'}
      </Step>
    </ol>
  );
}

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <li className={classes.step}>
      <span className={classes.mark} style={{ '--tone': 'var(--tone-info)' } as CSSProperties} aria-hidden>
        {number}
      </span>
      <h3 className={classes.stepTitle}>{title}</h3>
      <div className={classes.body}>{children}</div>
    </li>
  );
}

function RuleSaid({ alert }: { alert: AlertView }) {
  const to = toRule(alert.rule);
  const { data } = useGet('/rules/{id}', { path: { id: alert.rule } }, { enabled: to !== undefined });
  const { conditions } = reasonOf(alert.reason);
  const found = captures(conditions, alert.text);
  const isOther = data !== undefined && data.hash !== alert.rule_revision;
  return (
    <>
      {to === undefined ? (
        'MUTT itself raised it'
      ) : (
        <>
          <Anchor component={Link} to={to} inherit underline="always">
            {alert.rule}
          </Anchor>
          , revision <span className="mono">{alert.rule_revision}</span>
          {isOther && `; by now the rule is another one, ${data.hash}`}
        </>
      )}
      . What held:
      <ul className={classes.conditions}>
        {conditions.map((condition) => (
          <li key={condition}>{condition}</li>
        ))}
      </ul>
      {found.length > 0 && (
        <>
          Captured: <span className="mono">{found.map(([name, value]) => `${name} = ${value}`).join(', ')}</span>.{' '}
        </>
      )}
      {alert.key !== '' && (
        <>
          Its key is <span className="mono">{alert.key}</span>: one alert for each.
        </>
      )}
    </>
  );
}

function Belongs({ alert }: { alert: AlertView }) {
  const { data } = useGet('/inventory/locate', { query: { host: alert.host } });
  const { environment } = reasonOf(alert.reason);
  return (
    <>
      {environment !== '' && `At the time: ${environment}.`}
      {data !== undefined && (
        <ul>
          <li>
            {data.environment} today, since {data.environment_from}
            {data.environment !== alert.environment && ' (that has changed since)'}
          </li>
          <li>{data.team == null ? `team ${alert.team}: of the rule, the inventory names none` : `team ${data.team.value}, from ${data.team.from}`}</li>
          {data.site != null && (
            <li>
              site {data.site.value}, from {data.site.from}
            </li>
          )}
        </ul>
      )}
    </>
  );
}

const NAMES: Record<QuietKind, string> = {
  logged: 'A rule that only logs',
  held: 'Waiting whether it lasts',
  silenced: 'A silence or maintenance',
  child: 'A parent that explains it',
  flapping: 'Flapping',
  storm: 'A storm of alerts',
  other: 'Something else',
};

function Quieters({ all }: { all: readonly Quieter[] }) {
  const never = all.filter((one) => one.state === 'never');
  const tried = all.filter((one) => one.state !== 'never');
  return (
    <>
      {tried.map((one) => (
        <div key={one.kind}>
          <Sign icon={IconBellOff} tone="warning" text={`${NAMES[one.kind]}: ${one.state === 'now' ? 'it is quiet now' : 'it was quiet for a while'}`} />
          {one.reasons.map((reason) => (
            <QuietWhy key={reason.words} words={reason.words} />
          ))}
        </div>
      ))}
      {tried.length === 0 && <Sign icon={IconCheck} tone="good" text="Nothing did" />}
      <Text size="xs" c="dimmed">
        Did not: {never.map((one) => NAMES[one.kind].toLowerCase()).join(', ')}.
      </Text>
    </>
  );
}
