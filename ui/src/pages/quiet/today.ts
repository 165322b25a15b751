// Which day it is, as a date that changes at midnight.
import { useTimed } from '@/shared/now';
import { dateOf } from './calendar';

export function useToday(): string {
  return useTimed((now_ms) => dateOf(new Date(now_ms)));
}
