// A word with an icon and a tone: the ground of Severity, StateBadge and the like.
import type { Icon } from '@tabler/icons-react';
import classes from './signs.module.css';

export type Tone = 'critical' | 'major' | 'minor' | 'warning' | 'info' | 'good' | 'quiet';

interface SignProps {
  icon: Icon;
  tone: Tone;
  text: string;
  /** On a ground of its tone. */
  filled?: boolean;
  title?: string;
}

export function Sign({ icon: Mark, tone, text, filled, title }: SignProps) {
  return (
    <span
      className={filled ? `${classes.sign} ${classes.filled}` : classes.sign}
      style={{ '--tone': `var(--tone-${tone})` } as React.CSSProperties}
      title={title}
    >
      <Mark size={15} stroke={2} aria-hidden />
      {text}
    </span>
  );
}
