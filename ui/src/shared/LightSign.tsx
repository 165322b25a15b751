// How something is, by the pulse's lights: a sign and a word.
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { Schemas } from '@/api/client';
import { Sign } from './Sign';

type LightState = Schemas['LightState'];

const LIGHTS = {
  ok: { icon: IconCircleCheck, tone: 'good', text: 'ok' },
  warn: { icon: IconAlertTriangle, tone: 'minor', text: 'worth a look' },
  down: { icon: IconCircleX, tone: 'critical', text: 'down' },
} as const;

/** `text`: another word, where there is a better one than `down`. */
export function LightSign({ state, text }: { state: LightState; text?: string }) {
  const sign = LIGHTS[state];
  return <Sign {...sign} text={text ?? sign.text} filled />;
}
