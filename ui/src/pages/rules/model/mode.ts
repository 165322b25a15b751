// What the modes of a rule are called and mean. Pure.
import type { Mode } from './rule';

export const MODE_NAMES: Record<Mode, string> = { off: 'Draft', shadow: 'Shadow', live: 'Live' };

export const MODE_MEANINGS: Record<Mode, string> = {
  off: 'Checked and kept, but it judges nothing.',
  shadow: 'Tried on every new message and counted; no alert is kept and nobody is told.',
  live: 'It owns its messages, opens alerts, and people are told.',
};
