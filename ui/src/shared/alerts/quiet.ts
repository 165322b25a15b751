// Why nobody is told of an alert, from the API's words to its parts, so that each can lead on. Pure.

export type QuietKind = 'logged' | 'held' | 'silenced' | 'child' | 'flapping' | 'storm' | 'other';

export interface Quiet {
  kind: QuietKind;
  /** The silence's name, the signature of the alert that tells instead, or the time until which it is held. */
  by: string | null;
  words: string;
}

const FORMS: readonly [kind: QuietKind, begins: string][] = [
  ['held', 'held until '],
  ['silenced', 'silenced by '],
  ['child', 'child of '],
  ['flapping', 'flapping, told by '],
  ['storm', 'storm, told by '],
];

/** `silenced by lab` → `{kind: 'silenced', by: 'lab'}`; words that are not known stay as they are. */
export function quietOf(words: string): Quiet {
  if (words === 'its rule only logs') return { kind: 'logged', by: null, words };
  for (const [kind, begins] of FORMS) {
    if (words.startsWith(begins)) return { kind, by: words.slice(begins.length), words };
  }
  return { kind: 'other', by: null, words };
}

/** The same from a moment of an alert's time line: `{because: 'silenced', by: 'lab'}`. */
export function quietOfMoment(because: Record<string, unknown>): Quiet {
  const text = (name: string) => (typeof because[name] === 'string' ? because[name] : '');
  switch (because.because) {
    case 'logged':
      return { kind: 'logged', by: null, words: 'its rule only logs' };
    case 'held':
      return { kind: 'held', by: text('until'), words: `held until ${text('until')}` };
    case 'silenced':
      return { kind: 'silenced', by: text('by'), words: `silenced by ${text('by')}` };
    case 'child_of':
      return { kind: 'child', by: text('parent'), words: `child of ${text('parent')}` };
    case 'flapping':
    case 'storm':
      return { kind: because.because, by: text('told_by'), words: `${because.because}, told by ${text('told_by')}` };
    default:
      return { kind: 'other', by: null, words: JSON.stringify(because) };
  }
}
