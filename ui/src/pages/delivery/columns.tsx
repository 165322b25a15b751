// The columns of notices.
import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { TimeAgo } from '@/shared/TimeAgo';
import { formatNumber } from '@/shared/format';
import type { Column } from '@/shared/table/columns';
import { toAlert } from '@/shared/links';

type Delivery = Schemas['DeliveryView'];

export const COLUMNS: readonly Column<Delivery>[] = [
  {
    id: 'made',
    head: 'Made',
    width: '6.5rem',
    startsDown: true,
    sort: (letter) => letter.made,
    cell: (letter) => <TimeAgo at={letter.made} />,
  },
  { id: 'kind', head: 'Tells', width: '5.5rem', sort: (letter) => letter.kind, cell: (letter) => letter.kind },
  {
    id: 'what',
    head: 'What',
    width: 'minmax(11rem, 1.4fr)',
    narrow: 'whole',
    sort: (letter) => letter.summary,
    cell: (letter) => (
      <Anchor component={Link} to={toAlert(letter.alert_id)} inherit>
        {letter.summary}
      </Anchor>
    ),
  },
  {
    id: 'answer',
    head: 'Last answer',
    width: 'minmax(9rem, 1fr)',
    narrow: 'whole',
    sort: (letter) => letter.answer ?? null,
    cell: (letter) => (
      <Text size="sm" lineClamp={2}>
        {letter.answer ?? ''}
      </Text>
    ),
  },
  { id: 'destination', head: 'Destination', width: '7.5rem', sort: (letter) => letter.destination, cell: (letter) => letter.destination },
  { id: 'team', head: 'Team', width: '6rem', sort: (letter) => letter.team, cell: (letter) => letter.team },
  {
    id: 'attempts',
    head: 'Tries',
    width: '4.5rem',
    align: 'end',
    startsDown: true,
    sort: (letter) => letter.attempts,
    cell: (letter) => formatNumber(letter.attempts),
  },
  {
    id: 'replays',
    head: 'Replays',
    width: '6.5rem',
    align: 'end',
    startsDown: true,
    sort: (letter) => letter.replays,
    cell: (letter) => (letter.replays === 0 ? 'never' : formatNumber(letter.replays)),
  },
];
