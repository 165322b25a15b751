// How far a backtest is, and what it found. From: GET /backtests/{id}, each second while it runs.
import { Alert, List, Progress, Stack, Text } from '@mantine/core';
import { IconTestPipe } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '@/api/client';
import { ask } from '@/api/query';
import type { ProblemError } from '@/api/problem';
import { Failed } from '@/shared/Failed';
import { formatNumber } from '@/shared/format';
import { words } from './backtest';

type Backtest = Schemas['Backtest'];

const POLL_MS = 1_000;

export function BacktestResult({ begun }: { begun: Backtest }) {
  const { data, error } = useQuery<Backtest, ProblemError>({
    queryKey: ['/backtests/{id}', { path: { id: begun.id } }],
    queryFn: ({ signal }) => ask('/backtests/{id}', { path: { id: begun.id } }, signal),
    initialData: begun,
    initialDataUpdatedAt: 0,
    refetchInterval: (query) => (query.state.data?.status === 'running' ? POLL_MS : false),
  });
  if (error !== null) return <Failed error={error} what="The backtest could not be read" />;
  const { status, progress, report } = data;
  return (
    <Alert variant="outline" icon={<IconTestPipe aria-hidden />} title="What it would have done">
      <div aria-live="polite">
        {status === 'running' && <Running done={progress.done} total={progress.total} />}
        {status === 'failed' && <Text size="sm">The backtest failed: {data.error ?? 'its log says why'}.</Text>}
        {status === 'cancelled' && <Text size="sm">The backtest was cancelled.</Text>}
        {status === 'finished' && report != null && (
          <List size="sm">
            {words(report).map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
        )}
      </div>
    </Alert>
  );
}

function Running({ done, total }: { done: number; total: number }) {
  const share = total > 0 ? Math.min(100, (done / total) * 100) : 0;
  return (
    <Stack gap={4}>
      <Progress value={share} aria-label="The backtest" />
      <Text size="xs" c="dimmed">
        {formatNumber(done)} of {formatNumber(total)} read
      </Text>
    </Stack>
  );
}
