// From a draft over shadow to live: where the rule is, where the draft would bring it, and what each step means.
import { Text } from '@mantine/core';
import { MODE_MEANINGS } from '../model/mode';
import { MODES, type Mode } from '../model/rule';
import { ModeSign } from '../ModeSign';
import classes from './Editor.module.css';

interface StepsProps {
  /** Of the revision that is saved; null: none is. */
  now: Mode | null;
  draft: Mode;
  isReadOnly: boolean;
  onChoose: (mode: Mode) => void;
}

export function Steps({ now, draft, isReadOnly, onChoose }: StepsProps) {
  return (
    <fieldset className={classes.steps} disabled={isReadOnly}>
      <legend className="sr-only">Mode of the rule</legend>
      {MODES.map((mode, at) => (
        <label key={mode} className={classes.step} data-chosen={mode === draft} data-disabled={isReadOnly}>
          <span className={classes.stepHead}>
            <input type="radio" name="mode" value={mode} checked={mode === draft} onChange={() => onChoose(mode)} />
            <Text component="span" size="xs" c="dimmed" aria-hidden>
              {at + 1}
            </Text>
            <ModeSign mode={mode} />
            {mode === now && (
              <Text component="span" size="xs" c="dimmed">
                is so now
              </Text>
            )}
            {mode === draft && mode !== now && (
              <Text component="span" size="xs" fw={600}>
                with the next save
              </Text>
            )}
          </span>
          <span className={classes.meaning}>{MODE_MEANINGS[mode]}</span>
        </label>
      ))}
    </fieldset>
  );
}
