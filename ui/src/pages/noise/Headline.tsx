// The page in one sentence, and its three numbers.
import { Text } from '@mantine/core';
import { Link } from 'react-router';
import type { ReactNode } from 'react';
import { formatNumber, formatShare } from '@/shared/format';
import classes from './Noise.module.css';
import { toPastAlerts, toMessages } from '@/shared/links';
import { fewer, rangeText, totals } from './noise';
import type { Schemas } from '@/api/client';

type Noise = Schemas['Noise'];

export function Headline({ noise, days }: { noise: Noise; days: number }) {
  const all = totals(noise);
  const { messages, pages, nights, severe } = all;
  return (
    <section aria-label="In one sentence" className={classes.headline}>
      <p className={classes.sentence}>
        Of <Big to={toMessages({ since: noise.from })}>{formatNumber(messages)} messages</Big> {rangeText(days)},{' '}
        <Big to={toPastAlerts({ show: 'paged' }, noise.from)}>{formatNumber(pages)}</Big> paged somebody; severity alone would have paged{' '}
        <strong>{formatNumber(severe)} times</strong>.
      </p>
      <Text c="dimmed">
        {fewer(all)}{' '}
        {pages > 0 && `${formatNumber(nights)} of the pages came at night; by severity alone ${formatNumber(all.severeNights)} would have.`}{' '}
        {messages > 0 && `${formatShare(messages - pages, messages)} of the messages paged nobody; all of them are stored.`}
      </Text>
    </section>
  );
}

function Big({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link to={to} className={classes.big}>
      {children}
    </Link>
  );
}
