// What is wrong with the draft, each fault with its line. From: the checks. To: a click leads to the line in the code.
import { Anchor, Badge, Group, Loader, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { Failed } from '@/shared/Failed';
import { Sign } from '@/shared/Sign';
import { plural } from '@/shared/format';
import type { Fault } from '../api';
import classes from './Editor.module.css';
import type { Checks } from './useChecks';

interface CheckPanelProps {
  checks: Checks;
  /** Faults of examples: those of other rules, which this one would break, are told here. */
  id: string;
  onLine: (line: number) => void;
}

function head(checks: Checks) {
  if (checks.state === 'checking') return <Group gap={6}><Loader size={14} /> <Text size="sm">checking</Text></Group>;
  if (checks.faults.length > 0) return <Sign icon={IconCircleX} tone="critical" text={plural(checks.faults.length, 'fault')} />;
  return <Sign icon={IconCircleCheck} tone="good" text="can be saved" />;
}

export function CheckPanel({ checks, id, onLine }: CheckPanelProps) {
  return (
    <section aria-label="Checks" className={classes.card}>
      <Group justify="space-between" className={classes.cardHead}>
        <Text size="sm" fw={600}>
          Checks
        </Text>
        <div role="status">{head(checks)}</div>
      </Group>
      {checks.problem !== null && <Failed error={checks.problem} what="The check did not work" />}
      {(checks.faults.length > 0 || checks.warnings.length > 0) && (
        <div className={classes.cardBody}>
          <ul className={classes.rows}>
            {checks.faults.map((fault) => (
              <Row key={`${fault.name} ${fault.path} ${fault.message}`} fault={fault} id={id} onLine={onLine} isWarning={false} />
            ))}
            {checks.warnings.map((fault) => (
              <Row key={`${fault.path} ${fault.message}`} fault={fault} id={id} onLine={onLine} isWarning />
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function Row({ fault, id, onLine, isWarning }: { fault: Fault; id: string; onLine: (line: number) => void; isWarning: boolean }) {
  const { line, name } = fault;
  const isOther = name != null && name !== id;
  return (
    <li>
      <Group gap={6} wrap="wrap">
        <Sign icon={isWarning ? IconAlertTriangle : IconCircleX} tone={isWarning ? 'warning' : 'critical'} text={isWarning ? 'warning' : 'fault'} />
        {isOther && <Badge variant="default" tt="none">rule {name}</Badge>}
        {fault.path !== '' && <code>{fault.path}</code>}
        {line != null && (
          <Anchor component="button" type="button" size="sm" onClick={() => onLine(line)}>
            line {line}
          </Anchor>
        )}
      </Group>
      {fault.message}
    </li>
  );
}
