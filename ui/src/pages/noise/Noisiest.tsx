// Which devices, or which rules, have the most pages, then alerts, then messages.
import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { Count } from '@/shared/Count';
import { Empty } from '@/shared/Empty';
import classes from './Noise.module.css';
import { Panel } from '@/shared/Panel';
import { RuleLink } from '@/shared/RuleLink';
import { toPastAlerts } from '@/shared/links';
import type { Schemas } from '@/api/client';

type NoiseOf = Schemas['NoiseOf'];

interface NoisiestProps {
  kind: 'host' | 'rule';
  title: string;
  items: readonly NoiseOf[];
  since: string;
}

const NUMBERS = ['pages', 'alerts', 'messages'] as const;

export function Noisiest({ kind, title, items, since }: NoisiestProps) {
  return (
    <Panel title={title}>
      {items.length === 0 ? (
        <Empty title="Nothing was counted in this time">Numbers of the last hour show after a few seconds.</Empty>
      ) : (
        <Rows kind={kind} title={title} items={items} since={since} />
      )}
    </Panel>
  );
}

function Rows({ kind, title, items, since }: NoisiestProps) {
  const most = Object.fromEntries(NUMBERS.map((name) => [name, Math.max(1, ...items.map((item) => item[name]))]));
  const link = (name: string, number?: string) =>
    toPastAlerts(number === 'pages' ? { [kind]: name, show: 'paged' } : { [kind]: name }, since);
  return (
    <table className={classes.table} aria-label={title}>
      <thead>
        <tr>
          <th scope="col">{kind === 'host' ? 'Device' : 'Rule'}</th>
          <th scope="col">Pages</th>
          <th scope="col">Alerts</th>
          <th scope="col">Messages</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.name}>
            <th scope="row" className="mono">
              {kind === 'rule' ? (
                <RuleLink rule={item.name} inherit />
              ) : (
                <Anchor component={Link} to={link(item.name)} inherit>
                  {item.name}
                </Anchor>
              )}
            </th>
            {NUMBERS.map((name) => (
              <td key={name}>
                <Count
                  value={item[name]}
                  of={`${name} of ${item.name}`}
                  to={name === 'messages' || item[name] === 0 ? undefined : link(item.name, name)}
                />
                <div className={classes.inBar} data-of={name} style={{ inlineSize: `${(item[name] / (most[name] ?? 1)) * 100}%` }} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
