// In which mode a rule is: a word, an icon, a tone.
import { type Icon, IconBroadcast, IconGhost, IconPencil } from '@tabler/icons-react';
import { Sign, type Tone } from '@/shared/Sign';
import { MODE_MEANINGS, MODE_NAMES } from './model/mode';
import type { Mode } from './model/rule';

const SIGNS: Record<Mode, { icon: Icon; tone: Tone }> = {
  off: { icon: IconPencil, tone: 'quiet' },
  shadow: { icon: IconGhost, tone: 'info' },
  live: { icon: IconBroadcast, tone: 'good' },
};

export function ModeSign({ mode, filled }: { mode: Mode; filled?: boolean }) {
  return <Sign {...SIGNS[mode]} text={MODE_NAMES[mode]} title={MODE_MEANINGS[mode]} filled={filled} />;
}
