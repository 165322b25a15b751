// What POST /explain answers: the rules' verdict, what became of the message, its host, its fields, its bytes.
import { Anchor, List, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { Panel } from '@/shared/Panel';
import { Raw } from '@/shared/Raw';
import { QuietWhy } from '@/shared/alerts/QuietWhy';
import { formatExact } from '@/shared/format';
import { toAlert } from '@/shared/links';
import classes from './Find.module.css';
import { NearMisses, Verdict } from './Verdict';
import { fieldsOf, verdictWords } from './verdict';

const TIMES = new Set(['sent', 'received', 'stored']);

export function Answered({ answer: { message, explanation, became = [] } }: { answer: Schemas['Answer'] }) {
  return (
    <>
      <Panel title={verdictWords(explanation)}>
        <Verdict explanation={explanation} />
      </Panel>
      {became.length > 0 && (
        <Panel title="What became of it">
          <List size="sm" spacing={4}>
            {became.map((one) => (
              <List.Item key={`${one.rule} ${one.what} ${one.alert_id}`}>
                {one.rule}: {one.words}{' '}
                {one.alert_id != null && (
                  <Anchor component={Link} to={toAlert(one.alert_id)} inherit underline="always">
                    Open the alert
                  </Anchor>
                )}
                {one.quiet.map((words) => (
                  <QuietWhy key={words} words={words} />
                ))}
              </List.Item>
            ))}
          </List>
        </Panel>
      )}
      {explanation.near.length > 0 && (
        <Panel title="What nearly matched, and which part did not">
          <NearMisses near={explanation.near} />
        </Panel>
      )}
      <Panel title="Its device and its fields">
        <Text size="sm" mb="xs">
          {explanation.host} is {explanation.environment}, since {explanation.environment_from}
          {explanation.team != null && `; team ${explanation.team.value}, from ${explanation.team.from}`}
          {explanation.site != null && `; site ${explanation.site.value}, from ${explanation.site.from}`}.
        </Text>
        <dl className={classes.facts}>
          {fieldsOf(message).map(([name, value]) => (
            <Field key={name} name={name} value={TIMES.has(name) ? formatExact(value) : value} />
          ))}
          {(message.varbinds ?? []).map((one) => (
            <Field key={one.oid} name={one.oid} value={one.value} />
          ))}
        </dl>
        <Raw text={message.raw} what="the message as received" />
      </Panel>
    </>
  );
}

function Field({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="mono">{value}</dd>
    </>
  );
}
