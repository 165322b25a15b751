// How many alerts of each severity there are; a click shows only these.
import { UnstyledButton } from '@mantine/core';
import { Severity } from '@/shared/Severity';
import { formatNumber } from '@/shared/format';
import classes from './Now.module.css';
import { type AlertView, bySeverity } from './filter';

interface SeverityBarProps {
  alerts: readonly AlertView[];
  chosen: string;
  onChoose: (severity: string) => void;
}

export function SeverityBar({ alerts, chosen, onChoose }: SeverityBarProps) {
  return (
    <div className={classes.bar} role="group" aria-label="Severity">
      {bySeverity(alerts).map(([severity, count]) => (
        <UnstyledButton
          key={severity}
          className={classes.tile}
          aria-pressed={chosen === severity}
          onClick={() => onChoose(chosen === severity ? '' : severity)}
        >
          <span className={classes.count}>{formatNumber(count)}</span>
          <Severity severity={severity} />
        </UnstyledButton>
      ))}
    </div>
  );
}
