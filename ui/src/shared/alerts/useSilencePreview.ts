// What a silence would have hidden in the last week, while it is being written. From: the dialog's fields.
// To: POST /silences/preview, a moment after the last change.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import { api, data } from '@/api/client';
import type { ProblemError } from '@/api/problem';
import type { Schemas } from '@/api/client';
import type { Silence, SilenceFields } from './silence';

const WAIT_MS = 400;

/** `fields` decides when it is asked again; the times do not matter to the answer, but how long it is does. */
export function useSilencePreview(silence: Silence, fields: Pick<SilenceFields, 'matchers' | 'minutes'>) {
  const [asked] = useDebouncedValue(JSON.stringify([fields.matchers, fields.minutes]), WAIT_MS);
  const isWhole = silence.matchers.length > 0 && silence.matchers.every((one) => one.value !== '');
  return useQuery<Schemas['SilencePreview'], ProblemError>({
    queryKey: ['/silences/preview', asked],
    queryFn: ({ signal }) => data(api.POST('/silences/preview', { body: lasting(silence), signal })),
    enabled: isWhole,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** It is looked at under a name of its own, whatever the name's field holds at the moment. */
function lasting(silence: Silence): Silence {
  return { ...silence, name: 'a-look' };
}
