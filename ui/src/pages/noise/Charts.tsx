// The pictures of the page: from messages to pages, pages by day and night, and what severity alone would have paged.
import { formatNumber } from '@/shared/format';
import { Columns, type Group, type Series } from '@/shared/charts/Columns';
import { Figure } from '@/shared/charts/Figure';
import { Funnel, type Stage } from '@/shared/charts/Funnel';
import { Count } from '@/shared/Count';
import { formatDay } from '@/shared/zone';
import { toPastAlerts, toMessages } from '@/shared/links';
import { dayShort, kilometre, nightText, totals } from './noise';
import type { Schemas } from '@/api/client';

type Noise = Schemas['Noise'];
type NoiseDay = Schemas['NoiseDay'];

function stagesOf({ funnel, from }: Noise): Stage[] {
  return [
    { name: 'messages', value: funnel.messages, to: toMessages({ since: from }), off: 'no rule wanted them' },
    { name: 'matched a rule', value: funnel.matched, to: '/rules', off: 'repeats, ends, or only kept' },
    { name: 'alerts', value: funnel.alerts, to: toPastAlerts({}, from), off: 'a ticket, or nobody told' },
    { name: 'pages', value: funnel.pages, to: toPastAlerts({ show: 'paged' }, from) },
  ];
}

export function Flow({ noise }: { noise: Noise }) {
  const stages = stagesOf(noise);
  const length = kilometre(noise.funnel.messages, noise.funnel.pages);
  const rows = stages.map((stage, at) => {
    const before = stages[at - 1]?.value ?? 0;
    return [stage.name, <Count key={stage.name} value={stage.value} to={stage.to} of={stage.name} />, at === 0 ? '' : oneIn(before, stage.value)];
  });
  return (
    <Figure
      title="From messages to pages"
      table={{ head: ['Stage', 'How many', 'Of the stage before'], rows }}
      note={
        <>
          Heights are logarithmic: each line is ten times the one below.
          {length !== '' && ` To scale, if all messages were a line of one kilometre, the pages would be ${length} of it.`}
        </>
      }
    >
      <Funnel stages={stages} />
    </Figure>
  );
}

function oneIn(before: number, value: number): string {
  if (value <= 0 || before < value) return '';
  const times = before / value;
  return `1 in ${times < 10 ? times.toFixed(1) : formatNumber(times)}`;
}

function groups(days: readonly NoiseDay[], values: (day: NoiseDay) => number[]): Group[] {
  return days.map((day, at) => ({
    label: formatDay(day.day),
    short: dayShort(day.day, at, days.length),
    values: values(day),
  }));
}

const DAY_NIGHT: readonly Series[] = [
  { name: 'by day', look: 'main' },
  { name: 'at night, 22 to 6', look: 'night' },
];

export function Days({ noise }: { noise: Noise }) {
  const bars = groups(noise.days, (day) => [day.pages_day, day.pages_night]);
  const { pages, nights } = totals(noise);
  const text = nightText(pages, nights);
  return (
    <Figure
      title="Pages by day and night"
      table={{ head: ['Day', 'By day', 'At night'], rows: bars.map((bar) => [bar.label, ...bar.values.map(formatNumber)]) }}
      note={`${text}. Hours of ${noise.zone}.`}
    >
      <Columns label={text} series={DAY_NIGHT} groups={bars} stacked />
    </Figure>
  );
}

const INSTEAD: readonly Series[] = [
  { name: 'severity alone', look: 'quiet' },
  { name: 'MUTT', look: 'main' },
];

export function Instead({ noise }: { noise: Noise }) {
  const bars = groups(noise.days, (day) => [day.severe_day + day.severe_night, day.pages_day + day.pages_night]);
  const { pages, severe } = totals(noise);
  const label = `Severity alone would have paged ${formatNumber(severe)} times, MUTT paged ${formatNumber(pages)} times`;
  return (
    <Figure
      title="Severity alone, and MUTT"
      table={{ head: ['Day', 'Severity alone', 'MUTT'], rows: bars.map((bar) => [bar.label, ...bar.values.map(formatNumber)]) }}
      note="Severity alone: each message of the severities emergency, alert and critical is a page. The scale is linear."
    >
      <Columns label={label} series={INSTEAD} groups={bars} />
    </Figure>
  );
}
