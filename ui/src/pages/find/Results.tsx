// Stored messages that fit, the newest first. A search looks at so many messages at a time: it is read on by hand.
import { Button, Group, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { Schemas } from '@/api/client';
import type { ProblemError } from '@/api/problem';
import { ask } from '@/api/query';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { Outcome } from './Outcome';
import { formatExact, formatNumber, plural } from '@/shared/format';
import { DataTable } from '@/shared/table/DataTable';
import type { Column } from '@/shared/table/columns';

type FoundMessage = Schemas['FoundMessage'];
type FoundPage = Schemas['FoundMessages'];

interface ResultsProps {
  query: Record<string, string>;
  onOpen: (id: string) => void;
}

const COLUMNS: readonly Column<FoundMessage>[] = [
  { id: 'stored', head: 'Stored', width: '9.5rem', narrow: 'plain', cell: (one) => <span className="tabular">{formatExact(one.appended)}</span> },
  { id: 'host', head: 'Device', width: 'minmax(6rem, 9rem)', narrow: 'plain', cell: (one) => <span className="mono">{one.host}</span> },
  { id: 'severity', head: 'Severity', width: '6rem', cell: (one) => one.severity ?? one.kind },
  {
    id: 'text',
    head: 'Message',
    width: 'minmax(16rem, 1fr)',
    narrow: 'whole',
    cell: (one) => (
      <Text size="sm" className="mono" lineClamp={2}>
        {one.text}
      </Text>
    ),
  },
  { id: 'outcome', head: 'Became', width: '11rem', narrow: 'whole', cell: (one) => <Outcome outcome={one.outcome} rule={one.rule} /> },
];

export function Results({ query, onOpen }: ResultsProps) {
  const found = useInfiniteQuery<FoundPage, ProblemError, { pages: FoundPage[] }, unknown[], string | undefined>({
    queryKey: ['/messages', { query }],
    queryFn: ({ pageParam, signal }) => ask('/messages', { query: { ...query, after: pageParam } }, signal),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    staleTime: 60_000,
    retry: false,
  });
  if (found.error !== null && found.data === undefined) {
    return <Failed error={found.error} what="The messages could not be searched" onRetry={() => void found.refetch()} />;
  }
  if (found.data === undefined) return <Loading what="messages" lines={8} />;
  const { pages } = found.data;
  const rows = pages.flatMap((one) => one.items);
  const looked = pages.reduce((all, one) => all + one.looked_at, 0);
  return (
    <>
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {plural(rows.length, 'message')} found; looked at {formatNumber(looked)}, the newest first
        </Text>
        {found.hasNextPage && (
          <Button
            variant="default"
            leftSection={<IconHistory size={14} aria-hidden />}
            loading={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            Look further back
          </Button>
        )}
      </Group>
      {found.error !== null && <Failed error={found.error} onRetry={() => void found.fetchNextPage()} />}
      <DataTable
        label="Messages found"
        rows={rows}
        columns={COLUMNS}
        rowKey={(one) => one.id}
        onOpen={(one) => onOpen(one.id)}
        empty={
          <Empty title="No message found">
            {found.hasNextPage ? 'None among the newest: “Look further back” goes on.' : 'None that is still stored fits. A device is asked for by its whole name.'}
          </Empty>
        }
      />
    </>
  );
}
