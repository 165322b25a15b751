// The end of both forms: what is wrong, and the button that saves, or why it does not.
import { Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ProblemError } from '@/api/problem';
import { Action } from '@/shared/Action';
import { Failed } from '@/shared/Failed';

interface FootProps {
  problem: ProblemError | null;
  isSending: boolean;
  why: string;
  save: string;
  /** What else can be done. */
  children?: ReactNode;
}

export function Foot({ problem, isSending, why, save, children }: FootProps) {
  return (
    <Stack>
      {problem !== null && <Failed error={problem} />}
      <Group justify="space-between">
        <div>{children}</div>
        <Action what={save} type="submit" variant="filled" loading={isSending} why={why} />
      </Group>
    </Stack>
  );
}
