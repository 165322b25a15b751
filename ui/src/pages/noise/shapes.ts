// What GET /noise answers.
export interface NoiseDay {
  day: string;
  messages: number;
  alerts: number;
  pages_day: number;
  pages_night: number;
  severe_day: number;
  severe_night: number;
}

export interface NoiseOf {
  name: string;
  messages: number;
  alerts: number;
  pages: number;
}

export interface BelowAlert {
  id: string;
  rule: string;
  host: string;
  summary: string;
  handling: string;
  worst: 'critical' | 'major' | 'minor' | 'warning' | 'indeterminate' | 'clear';
  syslog_severity: string | null;
  first_seen: string;
  correlation_id: string;
}

type SinceName = 'messages' | 'matched' | 'alerts' | 'pages' | 'pages_by_name' | 'page_severities' | 'host_alerts';

export interface Noise {
  zone: string;
  from: string;
  until: string;
  since: Record<SinceName, string | null>;
  funnel: { messages: number; matched: number; alerts: number; pages: number };
  days: NoiseDay[];
  hosts: NoiseOf[];
  rules: NoiseOf[];
  page_severities: Record<string, number>;
  below_critical: { since: string | null; truncated: boolean; items: BelowAlert[] };
}
