// When nobody is told of what. From: GET /quiet, /silences, /maintenance. To: an operator, who sees it on a
// calendar and in lists, and makes, changes or ends one after seeing what it would have hidden.
import { Button, Group, SegmentedControl, Text, ActionIcon } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight, IconTool, IconVolumeOff } from '@tabler/icons-react';
import { useAll } from '@/api/query';
import { Action } from '@/shared/Action';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { plural } from '@/shared/format';
import { usePermission } from '@/shared/permission';
import { useUrlState } from '@/shared/urlState';
import { ownZone } from '@/shared/zone';
import { Calendar } from './Calendar';
import { Editor } from './Editor';
import { Silences, Windows } from './Lists';
import { type Item, type View, dateOf, dayOfDate, daysOf, moved, plusDays } from './calendar';
import { useQuiet } from './quiet';
import { useToday } from './today';

/** `edit`: `silence/lab`, or `name` alone for a silence; `make`: `silence` or `maintenance`, with `match` as in mutt silence: `host=lab-*;team=net`. */
const DEFAULTS = { view: 'month', day: '', show: 'calendar', edit: '', name: '', make: '', match: '' };
const CLOSED = { edit: '', name: '', make: '', match: '' };

const SHOWS = [
  { value: 'calendar', label: 'Calendar' },
  { value: 'silences', label: 'Silences' },
  { value: 'maintenance', label: 'Maintenance windows' },
];

const VIEWS: { value: View; label: string }[] = [
  { value: 'month', label: 'Month' },
  { value: 'week', label: 'Week' },
  { value: 'list', label: 'Days' },
];

const CALLS = [
  { method: 'GET', path: '/quiet' },
  { method: 'GET', path: '/silences' },
  { method: 'GET', path: '/maintenance' },
] as const;

export default function Quiet() {
  const [state, setState] = useUrlState(DEFAULTS);
  const silences = useAll('/silences');
  const windows = useAll('/maintenance');
  const { why } = usePermission('operator');
  const open = (kind: Item['kind'], name: string) => setState({ ...CLOSED, edit: `${kind}/${name}` }, { push: true });
  const make = (kind: Item['kind']) => setState({ ...CLOSED, make: kind }, { push: true });
  const edit = state.edit === '' && state.name !== '' ? `silence/${state.name}` : state.edit;
  const held = silences.data?.items.filter((one) => one.now.active).length ?? 0;
  const running = windows.data?.items.filter((one) => one.now.active).length ?? 0;
  const subtitle = `Now: ${plural(held, 'silence')} and ${plural(running, 'maintenance window')}. Alerts under them are opened and counted, and nobody is told.`;
  return (
    <>
      <PageHead
        title="Quiet"
        subtitle={silences.data && windows.data && subtitle}
        calls={CALLS}
        actions={
          <>
            <Action what="New silence" icon={IconVolumeOff} variant="filled" why={why} onClick={() => make('silence')} />
            <Action what="New maintenance window" icon={IconTool} why={why} onClick={() => make('maintenance')} />
          </>
        }
      />
      <SegmentedControl
        aria-label="What to show"
        data={SHOWS}
        value={state.show}
        onChange={(show) => setState({ show })}
        style={{ alignSelf: 'start' }}
      />
      {state.show === 'silences' && <Silences query={silences} onOpen={(name) => open('silence', name)} />}
      {state.show === 'maintenance' && <Windows query={windows} onOpen={(name) => open('maintenance', name)} />}
      {state.show === 'calendar' && (
        <Times
          view={state.view as View}
          date={state.day}
          onView={(view, day) => setState({ view, day })}
          onOpen={(item) => open(item.kind, item.name)}
        />
      )}
      <Editor edit={edit} make={state.make} match={state.match} onClose={() => setState(CLOSED)} />
    </>
  );
}

interface TimesProps {
  view: View;
  date: string;
  onView: (view: View, date: string) => void;
  onOpen: (item: Item) => void;
}

const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

function spanWords(view: View, days: readonly Date[], at: Date): string {
  return view === 'month' ? MONTH.format(at) : DAY.formatRange(days[0] as Date, days.at(-1) as Date);
}

function Times({ view: wanted, date, onView, onOpen }: TimesProps) {
  // A month has no place there: its days come one below the other.
  const isNarrow = useMediaQuery('(max-width: 40rem)') ?? false;
  const view = isNarrow ? 'list' : VIEWS.some((one) => one.value === wanted) ? wanted : 'month';
  const at = dayOfDate(date, useToday());
  const days = daysOf(view, at);
  const { data, error, isPending, refetch } = useQuiet(days[0] as Date, plusDays(days.at(-1) as Date, 1));
  const go = (by: 1 | -1) => onView(wanted, dateOf(moved(view, at, by)));
  return (
    <>
      <Group justify="space-between" gap="xs">
        <Group gap={4}>
          <ActionIcon variant="default" aria-label="Earlier" onClick={() => go(-1)}>
            <IconChevronLeft size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon variant="default" aria-label="Later" onClick={() => go(1)}>
            <IconChevronRight size={16} aria-hidden />
          </ActionIcon>
          <Button variant="default" onClick={() => onView(wanted, '')}>
            Today
          </Button>
          <Text fw={600} component="h2" ml="xs" aria-live="polite">
            {spanWords(view, days, at)}
          </Text>
        </Group>
        {!isNarrow && (
          <SegmentedControl
            aria-label="View"
            data={VIEWS}
            value={view}
            onChange={(next) => onView(next as View, date)}
          />
        )}
      </Group>
      {error !== null && <Failed error={error} what="The calendar could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="the calendar" lines={8} />}
      {data !== undefined && (
        <Calendar
          view={view}
          days={days}
          month={at.getMonth()}
          items={data.items}
          onOpen={onOpen}
          onDay={(day) => onView('week', dateOf(day))}
        />
      )}
      <Text size="xs" c="dimmed">
        Times are of your zone, {ownZone()}.{data?.truncated === true && ' There is more than is shown: look at a week.'}
      </Text>
    </>
  );
}
