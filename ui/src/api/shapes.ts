// What the paths answer that the OpenAPI document of these pages does not have yet: noise, drills; and
// destinations, deliveries, health, ledger, latency. Times are RFC 3339, ages in ms.
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

export type StepState = 'done' | 'waiting' | 'failed' | 'nothing';

export interface WayStep {
  step: string;
  name: string | null;
  state: StepState;
  at: string | null;
  words: string;
  alert_id: string | null;
  notice_id: string | null;
}

export interface DrillView {
  id: string;
  who: string;
  team: string;
  made: string;
  until: string;
  state: 'under_way' | 'arrived' | 'incomplete';
  arrived: string | null;
  alert_id: string | null;
}

export interface Drills {
  items: DrillView[];
  last_arrived: DrillView | null;
}

export interface DrillDetail {
  drill: DrillView;
  steps: WayStep[];
}

export interface DrillDoor {
  input: string;
  address: string;
}

export interface MadeDrill {
  id: string;
  message: string;
  send_from: string;
  until: string;
  sent: DrillDoor | null;
  doors: DrillDoor[];
}

export type LightState = 'ok' | 'warn' | 'down';

export interface DestinationReport {
  name: string;
  holds: boolean;
  per_second: number;
  burst: number;
  breaker: string | null;
  failures: number;
  not_before: string | null;
  last_answer: string | null;
  last_answer_at: string | null;
  last_success_at: string | null;
  last_error: string | null;
  last_error_at: string | null;
}

export interface Destination {
  name: string;
  adapter: string | null;
  state: LightState;
  words: string;
  waiting: number;
  oldest_waiting_age_ms: number | null;
  delivered: number;
  dead: number;
  superseded: number;
  process: string | null;
  sender: DestinationReport | null;
}

export type DeliveryState = 'waiting' | 'delivered' | 'dead' | 'superseded';

export interface Delivery {
  number: number;
  alert_id: string;
  host: string;
  team: string;
  summary: string;
  destination: string;
  notice_id: string;
  kind: string;
  made: string;
  state: DeliveryState;
  attempts: number;
  answer: string | null;
  done: string | null;
  replays: number;
}

export interface DeliveryDetail {
  delivery: Delivery;
  adapter: string | null;
  payload: unknown;
}

export interface LiveDelivery {
  number: number;
  destination: string;
  alert_id: string;
  kind: string;
  state: DeliveryState;
  replays: number;
  answer: string | null;
}

export interface Replayed {
  destination: string;
  replayed: number;
  superseded: number;
  left: number;
}

export interface Check {
  name: string;
  ok: boolean;
  needed: boolean;
  wrong: string | null;
  note: string | null;
}

export interface InputReport {
  input: string;
  received: number;
  stored: number;
  kernel_dropped: number;
  refused: { reason: string; count: number }[];
}

export interface Process {
  name: string;
  reported: string;
  age_ms: number;
  stale: boolean;
  role: string;
  roles: string[];
  version: string;
  started: string;
  ready: boolean;
  checks: Check[];
  inputs: InputReport[];
  channels: { name: string; open: boolean; sent: number; confirmed: number; confirmed_bytes: number; errors: number }[];
  destinations: DestinationReport[];
  ways: { name: string; down: string | null }[];
  journal: { bytes: number; used: number; stuck: string | null; lost: number; damaged: number; dropped: number };
}

export interface Line {
  stored: number;
  waiting: number;
  done: Record<string, number>;
}

export interface Account {
  reader: string;
  position: number;
  oldest_waiting_age_ms: number;
  all: Line;
  partitions: Line[];
}

export interface LedgerInput {
  input: string;
  messages: number;
  since: string;
  last: string;
}

export interface Ledger {
  journal: string;
  stored: number;
  balanced: boolean;
  faults: string[];
  readers: Account[];
  archive: Line | null;
  inputs: LedgerInput[];
  losses: { lost: number; last: string | null; hours_without: number | null };
}

export interface LatencyFigures {
  count: number;
  p50_ms: number | null;
  p99_ms: number | null;
  max_ms: number | null;
}

export interface LatencyHour extends LatencyFigures {
  hour: string;
}

export interface Latency {
  all: LatencyFigures;
  hours: LatencyHour[];
}

export interface WayLight {
  state: LightState;
  words: string;
  waiting: number;
  oldest_waiting_age_ms: number;
  dead: number;
}

export interface Pulse {
  at: string;
  archive: WayLight;
  destinations: WayLight;
  journal: { state: LightState; words: string; oldest_unread_age_ms: number; bytes: number; used: number };
}
