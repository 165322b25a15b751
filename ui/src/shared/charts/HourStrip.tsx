// Hours beside each other: a column each, as tall as its number, with a mark for what is worse in it. Each is a
// button; the arrows lead from one to the next.
import { IconBellFilled } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import classes from './HourStrip.module.css';
import { barHeights } from './scale';

export interface HourColumn {
  start_ms: number;
  value: number;
  /** What is marked on top of it; 0: no mark. */
  marked: number;
  /** What stands under it; empty: nothing. */
  tick: string;
  /** All of it in words: `21:00 to 22:00: 24 alerts, 17 pages`. */
  words: string;
}

interface HourStripProps {
  label: string;
  columns: readonly HourColumn[];
  chosen_ms: number | null;
  /** null: the chosen one again, so all hours. */
  onChoose: (start_ms: number | null) => void;
}

const HEIGHT_PX = 40;

export function HourStrip({ label, columns, chosen_ms, onChoose }: HourStripProps) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Where it is wider than the window, the newest hours are in sight.
    frame.current?.scrollTo({ left: frame.current.scrollWidth });
  }, []);
  const heights = barHeights(columns.map((one) => one.value), HEIGHT_PX);
  const found = columns.findIndex((one) => one.start_ms === chosen_ms);
  const inOrder = found === -1 ? columns.length - 1 : found;
  return (
    <div ref={frame} role="toolbar" tabIndex={-1} aria-label={label} className={classes.strip} onKeyDown={lead}>
      {columns.map((one, at) => (
        <button
          key={one.start_ms}
          type="button"
          className={classes.hour}
          title={one.words}
          aria-pressed={one.start_ms === chosen_ms}
          tabIndex={at === inOrder ? 0 : -1}
          onClick={() => onChoose(one.start_ms === chosen_ms ? null : one.start_ms)}
        >
          <span className="sr-only">{one.words}</span>
          <span className={classes.mark} aria-hidden>{one.marked > 0 && <Mark count={one.marked} />}</span>
          <span className={classes.space}>
            <span className={one.value === 0 ? classes.none : classes.column} style={{ height: heights[at] }} />
          </span>
          <span className={classes.tick} aria-hidden>{one.tick}</span>
        </button>
      ))}
    </div>
  );
}

function Mark({ count }: { count: number }) {
  return (
    <>
      <IconBellFilled size={9} aria-hidden />
      {count > 99 ? '99+' : count}
    </>
  );
}

const STEPS: Record<string, (button: Element) => Element | null | undefined> = {
  ArrowLeft: (button) => button.previousElementSibling,
  ArrowRight: (button) => button.nextElementSibling,
  Home: (button) => button.parentElement?.firstElementChild,
  End: (button) => button.parentElement?.lastElementChild,
};

function lead(event: KeyboardEvent): void {
  const to = STEPS[event.key]?.(event.target as Element);
  if (!(to instanceof HTMLElement)) return;
  event.preventDefault();
  to.focus();
}
