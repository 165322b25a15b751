// Silences and maintenance windows by day: a month, a week by hours, or a list of days.
import { Text } from '@mantine/core';
import { Empty } from '@/shared/Empty';
import { Entry } from './Entry';
import classes from './Quiet.module.css';
import { Week } from './Week';
import { type CalendarProps, type Item, type Placed, dateOf, onDay } from './calendar';
import { useToday } from './today';

const SHOWN_MAX = 3;
const LONG = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

export function Calendar(props: CalendarProps) {
  if (props.view === 'week') return <Week {...props} />;
  return props.view === 'month' ? <Month {...props} /> : <Agenda {...props} />;
}

function Month({ days, month, items, onOpen, onDay: openDay }: CalendarProps) {
  const today = useToday();
  const weeks = Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
  return (
    <table className={classes.month} aria-label="Month">
      <thead>
        <tr>
          {WEEKDAYS.map((name) => (
            <th key={name} scope="col" abbr={name}>
              {name.slice(0, 3)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={dateOf(week[0] as Date)}>
            {week.map((day) => (
              <MonthDay
                key={dateOf(day)}
                day={day}
                isOther={day.getMonth() !== month}
                isToday={dateOf(day) === today}
                placed={onDay(items, day)}
                onOpen={onOpen}
                onMore={() => openDay(day)}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface MonthDayProps {
  day: Date;
  isOther: boolean;
  isToday: boolean;
  placed: readonly Placed[];
  onOpen: (item: Item) => void;
  onMore: () => void;
}

function MonthDay({ day, isOther, isToday, placed, onOpen, onMore }: MonthDayProps) {
  const shown = placed.length > SHOWN_MAX ? placed.slice(0, SHOWN_MAX - 1) : placed;
  return (
    <td data-other={isOther}>
      <time dateTime={dateOf(day)} className={classes.date} data-today={isToday}>
        <span aria-hidden>{day.getDate()}</span>
        <span className="sr-only">
          {LONG.format(day)}
          {isToday && ', today'}
        </span>
      </time>
      {shown.map((one) => (
        <Entry key={`${one.item.kind} ${one.item.name} ${one.item.start}`} placed={one} onOpen={onOpen} />
      ))}
      {placed.length > shown.length && (
        <button type="button" className={`${classes.entry} ${classes.more}`} onClick={onMore}>
          {placed.length - shown.length} more<span className="sr-only"> on {LONG.format(day)}</span>
        </button>
      )}
    </td>
  );
}

function Agenda({ days, items, onOpen }: CalendarProps) {
  const today = useToday();
  const filled = days.map((day) => ({ day, placed: onDay(items, day) })).filter((one) => one.placed.length > 0);
  if (filled.length === 0) {
    return <Empty title="Nothing is quiet in these days">Everybody is told of every alert that a rule pages for.</Empty>;
  }
  return (
    <ul className={classes.agenda} aria-label="Days with something quiet">
      {filled.map(({ day, placed }) => (
        <li key={dateOf(day)}>
          <h3>
            {LONG.format(day)}
            {dateOf(day) === today && (
              <Text span size="sm" c="dimmed">
                , today
              </Text>
            )}
          </h3>
          <ul>
            {placed.map((one) => (
              <li key={`${one.item.kind} ${one.item.name} ${one.item.start}`}>
                <Entry placed={one} onOpen={onOpen} />
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
