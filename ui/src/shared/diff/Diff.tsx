// What differs between two texts, line by line. From: before and after. To: a person who decides on a change.
import { Button, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { plural } from '../format';
import classes from './Diff.module.css';
import { counted, diffLines, withContext } from './lines';

interface DiffProps {
  before: string;
  after: string;
  /** What is compared, for screen readers: `link-down, live and draft`. */
  label: string;
  /** Said if nothing differs. */
  same?: string;
}

const MARKS = { same: '\u00a0', removed: '−', added: '+' };
const WORDS = { same: '', removed: 'removed: ', added: 'added: ' };

export function Diff({ before, after, label, same = 'No difference' }: DiffProps) {
  const [isWhole, setWhole] = useState(false);
  const lines = useMemo(() => diffLines(before, after), [before, after]);
  const { added, removed } = counted(lines);
  if (added + removed === 0) {
    return (
      <Text size="sm" c="dimmed">
        {same}
      </Text>
    );
  }
  const shown = isWhole ? lines : withContext(lines);
  const isCut = shown.some((one) => one.sort === 'gap');
  return (
    <div className={classes.diff}>
      <div className={classes.sum}>
        <span>
          {plural(added, 'line')} added, {plural(removed, 'line')} removed
        </span>
        {(isWhole || isCut) && (
          <Button variant="subtle" color="gray" size="compact-xs" h={24} onClick={() => setWhole(!isWhole)}>
            {isWhole ? 'Only what differs' : 'Show all lines'}
          </Button>
        )}
      </div>
      {/* Long lines scroll, so the keyboard has to get here. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={classes.lines} tabIndex={0} role="region" aria-label={label}>
        {shown.map((one, at) =>
          one.sort === 'gap' ? (
            // Lines have no other name than their place.
            // oxlint-disable-next-line react/no-array-index-key
            <div key={at} className={classes.gap}>
              {plural(one.lines, 'line')} as before
            </div>
          ) : (
            // oxlint-disable-next-line react/no-array-index-key
            <div key={at} className={classes.line} data-sort={one.sort}>
              <span className={classes.mark} aria-hidden>
                {MARKS[one.sort]}
              </span>
              <span className="sr-only">{WORDS[one.sort]}</span>
              <span>{one.text === '' ? '\u00a0' : one.text}</span>
            </div>
          ),
        )}
      </div>
    </div>
  );
}
