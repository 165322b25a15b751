// Holds the list while somebody reads it: their pointer or focus is in it, it is scrolled, or rows are chosen.
import { type UIEvent, useMemo, useState } from 'react';
import type { AlertView } from './filter';
import { type Held, hold } from './hold';

/** Scrolled further than this, a row that comes in at the top would move what is read. */
const SCROLLED_PX = 8;

export function useHeld(live: readonly AlertView[], known: ReadonlyMap<string, AlertView>, hasChosen: boolean, filter: unknown) {
  const [isScrolled, setScrolled] = useState(false);
  const [isOver, setOver] = useState(false);
  const [kept, setKept] = useState<readonly AlertView[] | null>(null);
  const [keptFor, setKeptFor] = useState(filter);
  const isHeld = isScrolled || isOver || hasChosen;
  if (isHeld && kept === null) setKept(live);
  if (!isHeld && kept !== null) setKept(null);
  if (keptFor !== filter) {
    // Another filter is another list: there is nothing in it that was read already.
    setKeptFor(filter);
    setKept(null);
  }
  const held: Held = useMemo(() => hold(live, kept, known), [live, kept, known]);
  return {
    ...held,
    isHeld,
    letIn: () => setKept(live),
    /** For the element around the table. */
    watch: {
      onScrollCapture: (event: UIEvent<HTMLElement>) => setScrolled((event.target as HTMLElement).scrollTop > SCROLLED_PX),
      onPointerEnter: (event: { pointerType: string }) => setOver(event.pointerType === 'mouse'),
      onPointerLeave: () => setOver(false),
    },
  };
}
