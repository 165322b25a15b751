// How bad an alert is: a shape, a word and a colour.
import {
  type Icon,
  IconAlertCircle,
  IconAlertOctagonFilled,
  IconAlertTriangleFilled,
  IconCircleCheck,
  IconDiamondFilled,
  IconHelpCircle,
} from '@tabler/icons-react';
import type { Schemas } from '@/api/client';
import { Sign, type Tone } from './Sign';

export type AlertSeverity = Schemas['AlertSeverity'];

/** The worst first. */
export const SEVERITIES: readonly AlertSeverity[] = [
  'critical',
  'major',
  'minor',
  'warning',
  'indeterminate',
  'clear',
];

/** 0 is the worst: for sorting. */
export function severityRank(severity: AlertSeverity): number {
  return SEVERITIES.indexOf(severity);
}

const SIGNS: Record<AlertSeverity, { icon: Icon; tone: Tone }> = {
  critical: { icon: IconAlertOctagonFilled, tone: 'critical' },
  major: { icon: IconAlertTriangleFilled, tone: 'major' },
  minor: { icon: IconDiamondFilled, tone: 'minor' },
  warning: { icon: IconAlertCircle, tone: 'warning' },
  indeterminate: { icon: IconHelpCircle, tone: 'info' },
  clear: { icon: IconCircleCheck, tone: 'good' },
};

export function Severity({ severity, filled }: { severity: AlertSeverity; filled?: boolean }) {
  return <Sign {...SIGNS[severity]} text={severity} filled={filled} />;
}
