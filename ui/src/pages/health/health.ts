// Processes and their checks in words, with what to do. Pure.
import type { Schemas } from '@/api/client';
import type { Check, Process } from '@/api/reports';
import { formatDuration, plural } from '@/shared/format';

type LightState = Schemas['LightState'];

export type CheckState = 'ok' | 'degraded' | 'failed';

/** As `/readyz?verbose` has it: what is needed and wrong makes the process unready. */
export function checkState({ ok, needed }: Pick<Check, 'ok' | 'needed'>): CheckState {
  if (ok) return 'ok';
  return needed ? 'failed' : 'degraded';
}

const RANK: Record<CheckState, number> = { failed: 0, degraded: 1, ok: 2 };

/** What is wrong first; else as they come. */
export function sortChecks(checks: readonly Check[]): Check[] {
  return checks.toSorted((a, b) => RANK[checkState(a)] - RANK[checkState(b)]);
}

export interface Advice {
  /** What it means, or what to do. */
  text: string;
  /** The document that says more, in MUTT's docs folder. */
  doc: string;
}

const ADVICE: readonly [start: string, advice: Advice][] = [
  ['inputs', { text: 'An input cannot listen: its port may be taken, or need a right that the process lacks.', doc: 'docs/promises.md' }],
  ['input ', { text: 'Nothing is taken by this input; the others go on.', doc: 'docs/promises.md' }],
  ['journal_room', { text: 'Nothing is taken until there is room: see which reader is behind under Trust.', doc: 'docs/promises.md' }],
  ['journal_durability', { text: 'Messages are taken, and kept less safely than they should be: look at Redis and its replicas.', doc: 'docs/redis.md' }],
  ['journal', { text: 'Messages cannot be stored: look at the disk, or at Redis. Senders that wait for an answer keep theirs.', doc: 'docs/promises.md' }],
  ['database', { text: 'Messages wait in the journal and none is lost; alerts are not told meanwhile. Look at the database.', doc: 'docs/postgresql.md' }],
  ['rules', { text: 'The last good rules stay in force. See the revision’s faults, and save a good one.', doc: 'docs/rules.md' }],
  ['secrets', { text: 'Secrets that are known stay in use. Look at the file, or at Vault.', doc: 'docs/secrets.md' }],
  ['worker ', { text: 'It is begun again by itself. Its log has more.', doc: 'docs/cluster.md' }],
  ['destination ', { text: 'What is for it waits; see Delivery.', doc: 'docs/promises.md' }],
  ['tls ', { text: 'The last good files stay in use. Renew the certificate; it is read again without a restart.', doc: 'docs/tls.md' }],
  ['door ', { text: 'It takes plain text, or its certificate cannot be used.', doc: 'docs/tls.md' }],
  ['report', { text: 'The processes have different versions: bring them to one.', doc: 'docs/cluster.md' }],
];

export function adviceFor(name: string): Advice | null {
  return ADVICE.find(([start]) => (start.endsWith(' ') ? name.startsWith(start) : name === start))?.[1] ?? null;
}

/** Checks of certificates, by their names. */
export function isCertificate({ name }: Pick<Check, 'name'>): boolean {
  return name.startsWith('tls ');
}

/** How a process is, from its checks and from whether it still says anything. */
export function processState(process: Pick<Process, 'stale' | 'ready' | 'checks'>): LightState {
  if (process.stale || !process.ready) return 'down';
  return process.checks.some((check) => !check.ok) ? 'warn' : 'ok';
}

export function processWords(process: Pick<Process, 'stale' | 'ready' | 'checks' | 'age_ms'>): string {
  if (process.stale) {
    return `It has said nothing for ${formatDuration(process.age_ms)}: it is gone, or the database is away from it. What stands here is from then.`;
  }
  const failed = process.checks.filter((check) => checkState(check) === 'failed').length;
  const degraded = process.checks.filter((check) => checkState(check) === 'degraded').length;
  if (!process.ready) return `It is not ready to take messages: ${plural(failed, 'check')} failed.`;
  if (degraded > 0) return `It takes messages; ${plural(degraded, 'check')} degraded.`;
  return 'It takes messages, and every check is well.';
}

export function summary(processes: readonly Process[]): string {
  const count = (state: LightState) => processes.filter((one) => !one.stale && processState(one) === state).length;
  const stale = processes.filter((one) => one.stale).length;
  const parts = [`${plural(processes.length, 'process', 'processes')}: ${count('ok')} well`];
  if (count('warn') > 0) parts.push(`${count('warn')} degraded`);
  if (count('down') > 0) parts.push(`${count('down')} not ready`);
  if (stale > 0) parts.push(`${stale} silent`);
  return parts.join(', ');
}

/** All versions that run, if there is more than one. */
export function versions(processes: readonly Process[]): string[] {
  const all = [...new Set(processes.filter((one) => !one.stale).map((one) => one.version))];
  return all.length > 1 ? all.toSorted() : [];
}

const STATE_RANK: Record<LightState, number> = { down: 0, warn: 1, ok: 2 };

/** The worst first. */
export function sortProcesses(processes: readonly Process[]): Process[] {
  return processes.toSorted(
    (a, b) => STATE_RANK[processState(a)] - STATE_RANK[processState(b)] || (a.name < b.name ? -1 : 1),
  );
}

export function rolesText({ role, roles }: Pick<Process, 'role' | 'roles'>): string {
  const own = roles.join(', ');
  return own === '' || own === role ? `mutt ${role}` : `mutt ${role}: ${own}`;
}
