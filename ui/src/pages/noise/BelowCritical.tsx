// What severity alone would have missed: alerts that paged, though their message was below critical.
import { Anchor, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Empty } from '@/shared/Empty';
import { Panel } from '@/shared/Panel';
import { RuleLink } from '@/shared/RuleLink';
import { Severity } from '@/shared/Severity';
import { formatNumber, plural } from '@/shared/format';
import { formatInZone } from '@/shared/zone';
import classes from './Noise.module.css';
import { toAlert } from '@/shared/links';
import { belowCritical, severityText } from './noise';
import type { Schemas } from '@/api/client';

type BelowAlert = Schemas['BelowAlert'];
type Noise = Schemas['Noise'];

export function BelowCritical({ noise }: { noise: Noise }) {
  const { items, truncated } = noise.below_critical;
  const count = belowCritical(noise.page_severities);
  return (
    <Panel title="Found below critical">
      {count > 0 && (
        <Text size="sm" mb="xs">
          {formatNumber(count)} of {plural(noise.funnel.pages, 'page')} came from messages that severity alone would not have
          paged: {severityText(noise.page_severities)}.
        </Text>
      )}
      {items.length === 0 ? (
        <Empty title="None in this time" icon={IconCircleCheck}>
          No alert paged whose message was below critical: severity alone would have missed nothing.
        </Empty>
      ) : (
        <Rows items={items} zone={noise.zone} />
      )}
      {truncated && (
        <Text size="sm" c="dimmed" mt="xs">
          There are more: these are the newest {formatNumber(items.length)}.
        </Text>
      )}
    </Panel>
  );
}

function Rows({ items, zone }: { items: readonly BelowAlert[]; zone: string }) {
  return (
    // Wide tables scroll, so the keyboard has to get here.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Alerts below critical that paged">
      <table className={classes.table} data-words>
        <thead>
          <tr>
            <th scope="col">Began</th>
            <th scope="col">The message said</th>
            <th scope="col">The rule said</th>
            <th scope="col">What</th>
            <th scope="col">Rule</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <td className={classes.when}>{formatInZone(item.first_seen, zone)}</td>
              <td>{item.syslog_severity ?? 'nothing'}</td>
              <td>
                <Severity severity={item.worst} />
              </td>
              <td>
                <Anchor component={Link} to={toAlert(item.id)} inherit>
                  {item.summary}
                </Anchor>
              </td>
              <td className="mono">
                <RuleLink rule={item.rule} inherit />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
