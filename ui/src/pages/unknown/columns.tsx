// The columns of patterns.
import { Text } from '@mantine/core';
import { IconFlame, IconSparkles } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Count } from '@/shared/Count';
import { Sign } from '@/shared/Sign';
import { StateBadge } from '@/shared/StateBadge';
import { TimeAgo } from '@/shared/TimeAgo';
import { Sparkline } from '@/shared/charts/Sparkline';
import { formatNumber } from '@/shared/format';
import { useTimed } from '@/shared/now';
import type { Column } from '@/shared/table/columns';
import { toPattern } from '@/shared/links';
import { Template } from './Template';
import classes from './Unknown.module.css';
import { type PatternView, isSurging, surge, surgeWords } from './surge';

export function columns(hours: ReadonlyMap<string, readonly number[]>): readonly Column<PatternView>[] {
  return [
    { id: 'what', head: 'Pattern', width: 'minmax(18rem, 1fr)', narrow: 'whole', cell: (one) => <What pattern={one} /> },
    {
      id: 'count',
      head: 'Messages',
      width: '5.5rem',
      align: 'end',
      cell: (one) => <Count value={one.count} short />,
    },
    {
      id: 'lately',
      head: 'Last hour',
      width: '8rem',
      align: 'end',
      cell: (one) => <Lately pattern={one} />,
    },
    { id: 'hours', head: '48 hours', width: '7rem', cell: (one) => <Hours counts={hours.get(one.id)} /> },
    { id: 'hosts', head: 'Hosts', width: '4rem', align: 'end', cell: (one) => <Count value={one.hosts} /> },
    { id: 'team', head: 'Team', width: '6rem', cell: (one) => one.team ?? '' },
    { id: 'first', head: 'First', width: '6rem', align: 'end', cell: (one) => <TimeAgo at={one.first_seen} /> },
    { id: 'last', head: 'Last', width: '6rem', align: 'end', cell: (one) => <TimeAgo at={one.last_seen} /> },
  ];
}

function What({ pattern }: { pattern: PatternView }) {
  const { id, key, template, state, reason } = pattern;
  return (
    <div>
      <Text size="sm" lineClamp={2} component="div">
        <Link to={toPattern(id)} className={classes.link}>
          <Template text={template} />
        </Link>
      </Text>
      <Text size="xs" c="dimmed" component="div">
        {key === '' ? 'no key' : key} {pattern.severity != null && `· ${pattern.severity}`}{' '}
        {state !== 'open' && <StateBadge state={state} title={reason ?? undefined} />}
      </Text>
    </div>
  );
}

/** How many, and whether that is more than before: as a sign and in words. */
function Lately({ pattern }: { pattern: PatternView }) {
  const words = useTimed((now_ms) => surgeWords(surge(pattern, now_ms)));
  const surges = useTimed((now_ms) => isSurging(surge(pattern, now_ms)));
  return (
    <div>
      <Count value={pattern.last_hour} short />
      <div>
        {surges || words === 'new' ? (
          <Sign icon={surges ? IconFlame : IconSparkles} tone={surges ? 'major' : 'info'} text={words} />
        ) : (
          <Text size="xs" c="dimmed" span>
            {words}
          </Text>
        )}
      </div>
    </div>
  );
}

function Hours({ counts }: { counts: readonly number[] | undefined }) {
  if (counts === undefined) return null;
  const label = `Messages an hour, last ${counts.length} hours: at most ${formatNumber(Math.max(0, ...counts))}`;
  return <Sparkline values={counts} label={label} />;
}
