// NetIM, each destination and the journal as lights. From: the stream's pulse and GET /destinations; until the
// first pulse, and without a stream, what the processes say of themselves. To: Now's lights. Pure.
import type { Schemas } from '@/api/client';
import type { Process } from '@/api/reports';
import { wordsWithoutName } from '@/pages/delivery/delivery';
import { formatBytes, formatDuration, formatNumber } from '@/shared/format';
import { toDestination, toDestinations, toHealth } from '@/shared/links';

type Pulse = Schemas['Pulse'];
type Destination = Schemas['DestinationView'];

/** How one way or the journal is; `unknown`: nobody has said it yet. */
export interface Light {
  name: string;
  state: Schemas['LightState'] | 'unknown';
  words: string;
  /** `39 waiting, oldest 2 s`. */
  numbers: string;
  to: string;
}

interface Sources {
  pulse: Pulse | null;
  destinations: readonly Destination[] | undefined;
  /** What processes say; asked for only while there is no pulse. */
  processes: readonly Process[];
}

const UNKNOWN = { state: 'unknown', words: 'unknown yet', numbers: '' } as const;

/** Shares of the journal's room, as the pulse has them. */
const USED_WARN = 0.7;
const USED_DOWN = 0.9;

export function lightsOf({ pulse, destinations, processes }: Sources): Light[] {
  const fresh = processes.filter((one) => !one.stale);
  return [
    { name: 'NetIM', to: toHealth(), ...(pulse === null ? archiveOf(fresh) : told(pulse.archive)) },
    ...destinationLights(pulse, destinations),
    { name: 'Journal', to: toHealth(), ...(pulse === null ? journalOf(fresh) : toldJournal(pulse.journal)) },
  ];
}

type How = Omit<Light, 'name' | 'to'>;

interface Way {
  state: Schemas['LightState'];
  words: string;
  waiting: number;
  oldest_waiting_age_ms?: number | null;
  dead: number;
}

function told({ state, words, waiting, oldest_waiting_age_ms: oldest_ms, dead }: Way): How {
  const parts = [`${formatNumber(waiting)} waiting`];
  if (waiting > 0 && oldest_ms != null) parts.push(`oldest ${formatDuration(oldest_ms)}`);
  if (dead > 0) parts.push(`${formatNumber(dead)} dead`);
  return { state, words, numbers: parts.join(', ') };
}

function full(used: number): string {
  return `${(used * 100).toFixed(0)} % full`;
}

function toldJournal({ state, words, oldest_unread_age_ms: age_ms, bytes, used }: Pulse['journal']): How {
  const unread = age_ms === 0 ? 'all read' : `oldest unread ${formatDuration(age_ms)}`;
  return { state, words, numbers: `${unread}, ${formatBytes(bytes)}, ${full(used)}` };
}

function destinationLights(pulse: Pulse | null, known: readonly Destination[] | undefined): Light[] {
  const all = { name: 'Destinations', to: toDestinations() };
  if (known === undefined) return [{ ...all, ...(pulse === null ? UNKNOWN : told(pulse.destinations)) }];
  if (known.length === 0) return [{ ...all, state: 'warn', words: 'nobody is told', numbers: 'none in the settings' }];
  return known.map((one) => ({ name: one.name, to: toDestination(one.name), ...told(one), words: wordsWithoutName(one) }));
}

/** The worst of what processes say of the ways to NetIM; how much waits they do not say. */
function archiveOf(processes: readonly Process[]): How {
  const ways = processes.flatMap((one) => one.ways).filter((way) => way.name.startsWith('archive/'));
  if (ways.length === 0) return UNKNOWN;
  const down = ways.find((way) => way.down !== null);
  if (down !== undefined) return { state: 'down', words: down.down ?? '', numbers: down.name };
  return { state: 'ok', words: 'takes what it is sent', numbers: 'takes what it is sent' };
}

function journalOf(processes: readonly Process[]): How {
  if (processes.length === 0) return UNKNOWN;
  const journals = processes.map((one) => one.journal).toSorted((a, b) => b.used - a.used);
  const { used, bytes } = journals[0] as Process['journal'];
  const numbers = `${formatBytes(bytes)}, ${full(used)}`;
  const stuck = journals.find((one) => one.stuck !== null)?.stuck;
  if (stuck != null) return { state: 'down', words: stuck, numbers };
  const state = used >= USED_DOWN ? 'down' : used >= USED_WARN ? 'warn' : 'ok';
  return { state, words: full(used), numbers };
}
