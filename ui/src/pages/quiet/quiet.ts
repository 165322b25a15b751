// What is quiet in a time: silences, and each time of maintenance windows. From: GET /quiet. To: the calendar.
import { useGet } from '@/api/query';

export function useQuiet(from: Date, to: Date) {
  // Which of them hold now changes by time alone.
  return useGet('/quiet', { query: { from: from.toISOString(), to: to.toISOString() } }, { every_ms: 60_000 });
}
