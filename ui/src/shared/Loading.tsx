// Something is on its way.
import { Skeleton, Stack } from '@mantine/core';

interface LoadingProps {
  /** What is waited for: `alerts`. */
  what: string;
  lines?: number;
}

const WIDTHS = ['92%', '78%', '86%', '64%'];

export function Loading({ what, lines = 4 }: LoadingProps) {
  return (
    <Stack gap="sm" role="status" py="sm">
      <span className="sr-only">Loading {what}</span>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={14} width={WIDTHS[line % WIDTHS.length]} radius="sm" />
      ))}
    </Stack>
  );
}
