// A week by the hour: what is at the same time stands side by side.
import { Entry } from './Entry';
import classes from './Quiet.module.css';
import { type CalendarProps, DAY_MINUTES, dateOf, inLanes, onDay } from './calendar';
import { useToday } from './today';

const HEAD = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
const HOURS = [4, 8, 12, 16, 20];
/** What is short is still to be read, and to be hit. */
const LEAST_MINUTES = 45;

function percent(minutes: number): string {
  return `${(minutes / DAY_MINUTES) * 100}%`;
}

export function Week({ days, items, onOpen }: CalendarProps) {
  const today = useToday();
  return (
    // It scrolls, so the keyboard has to get here.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className={classes.weekScroll} aria-label="Week" tabIndex={0}>
      <div className={classes.week}>
        <div className={classes.weekHead} />
        {days.map((day) => (
          <div key={dateOf(day)} className={classes.weekHead}>
            <span className={classes.date} data-today={dateOf(day) === today}>
              {HEAD.format(day)}
            </span>
          </div>
        ))}
        <div className={classes.hours} aria-hidden>
          {HOURS.map((hour) => (
            <span key={hour} className={classes.hour} style={{ top: percent(hour * 60) }}>
              {String(hour).padStart(2, '0')}:00
            </span>
          ))}
        </div>
        {days.map((day) => (
          <div key={dateOf(day)} className={classes.dayColumn} role="group" aria-label={HEAD.format(day)}>
            {inLanes(onDay(items, day)).map((one) => (
              <Entry
                key={`${one.item.kind} ${one.item.name} ${one.item.start}`}
                placed={one}
                className={classes.block}
                onOpen={onOpen}
                style={{
                  top: percent(one.from),
                  height: percent(Math.max(LEAST_MINUTES, one.to - one.from)),
                  left: `${(one.lane / one.lanes) * 100}%`,
                  width: `${100 / one.lanes}%`,
                }}
              />
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}
