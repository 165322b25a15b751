// An alert's time line in words. From: the moments of GET /alerts/{id}. To: TimeLine. Pure.
import type { Schemas } from '@/api/client';
import type { Tone } from '@/shared/Sign';
import { quietOfMoment } from '@/shared/alerts/quiet';

export type MomentView = Schemas['MomentView'];

export type Kind =
  | 'opened' | 'event' | 'made_up_of' | 'clear_event' | 'reopened' | 'told' | 'quiet' | 'audible' | 'flapping' | 'calm' | 'ended' | 'decided' | 'other';

export interface Told {
  kind: Kind;
  at: string;
  words: string;
  tone: Tone;
  /** The message as received. */
  raw: string | null;
  /** Messages that it is about. */
  ids: string[];
}

type Moment = Record<string, unknown>;

function text(moment: Moment, name: string): string {
  const value = moment[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

const NOTICES: Record<string, string> = {
  open: 'destinations are told that it began',
  worse: 'destinations are told that it became worse',
  update: 'destinations are told of a change',
  clear: 'destinations are told that it is over',
};

const ENDINGS: Record<string, string> = {
  clear: 'its problem is over',
  quiet: 'nothing repeated it for as long as its rule waits',
  evicted: 'too many alerts were open',
  rule_gone: 'its rule is gone, or does not judge any more',
  rule_keyed: 'its rule tells its alerts apart in another way now',
  twin: 'there was another open one of the same signature',
};

function endingWords(ending: unknown): string {
  if (typeof ending === 'string') return ENDINGS[ending] ?? ending;
  if (typeof ending !== 'object' || ending === null) return '';
  const { hand, pattern } = ending as { hand?: Moment; pattern?: Moment };
  if (hand !== undefined) return `${text(hand, 'who')} closed it: ${text(hand, 'why')}`;
  return pattern === undefined ? JSON.stringify(ending) : text(pattern, 'why');
}

function decisionWords(moment: Moment): string {
  const decision = (moment.decision ?? {}) as Moment;
  const who = text(moment, 'who');
  switch (decision.do) {
    case 'acknowledge':
      return `${who} acknowledged it`;
    case 'take':
      return `${who} took it`;
    case 'close':
      return `${who} closed it: ${text(decision, 'why')}`;
    case 'comment':
      return `${who}: ${text(decision, 'text')}`;
    case 'ticket':
      return `${who} gave it the ticket ${text(decision, 'ticket')}`;
    default:
      return `${who} did ${JSON.stringify(decision)}`;
  }
}

function quietWords(moment: Moment): string {
  const why = Array.isArray(moment.why) ? (moment.why as Moment[]) : [];
  return `Nobody is told from now on: ${why.map((one) => quietOfMoment(one).words).join('; ')}`;
}

const SAYS: Record<string, { tone: Tone; words: (moment: Moment) => string }> = {
  opened: { tone: 'critical', words: () => 'It opened' },
  event: { tone: 'warning', words: (moment) => `Event ${text(moment, 'number')} of ${text(moment, 'host')}, ${text(moment, 'severity')}` },
  made_up_of: { tone: 'warning', words: (moment) => `Made up of ${texts(moment.ids).length} messages together` },
  clear_event: { tone: 'good', words: () => 'The message that ended it' },
  reopened: { tone: 'critical', words: () => 'Its problem came back: it is open again' },
  told: { tone: 'info', words: (moment) => `Told: ${NOTICES[text(moment, 'kind')] ?? text(moment, 'kind')}` },
  quiet: { tone: 'quiet', words: quietWords },
  audible: { tone: 'info', words: () => 'It is told again from now on' },
  flapping: { tone: 'warning', words: () => 'It comes and goes: it flaps' },
  calm: { tone: 'good', words: () => 'It does not come and go any more' },
  ended: { tone: 'good', words: (moment) => `It ended: ${endingWords(moment.ending)}` },
  decided: { tone: 'info', words: decisionWords },
};

export function told({ at, moment: shown }: MomentView): Told {
  const moment = (typeof shown === 'object' && shown !== null ? shown : {}) as Moment;
  const what = text(moment, 'what');
  const says = SAYS[what];
  const ids = what === 'event' || what === 'clear_event' ? [text(moment, 'id')] : texts(moment.ids);
  return {
    kind: says === undefined ? 'other' : (what as Kind),
    at,
    words: says?.words(moment) ?? `${what} ${JSON.stringify(moment)}`,
    tone: says?.tone ?? 'quiet',
    raw: typeof moment.raw === 'string' ? moment.raw : null,
    ids: ids.filter((id) => id !== ''),
  };
}

export interface Group {
  key: string;
  first: Told;
  /** Events between two other moments, of which the first and the last are shown at once. */
  more: Told[];
}

/** Three events or more in a row become one line that opens. */
export function grouped(moments: readonly Told[]): Group[] {
  const groups: Group[] = [];
  for (const [at, moment] of moments.entries()) {
    const last = groups.at(-1);
    if (moment.kind === 'event' && last?.first.kind === 'event') last.more.push(moment);
    else groups.push({ key: `${at} ${moment.kind}`, first: moment, more: [] });
  }
  return groups;
}
