// One stored message: its way with times, what the rules say, what became of it, its fields and its bytes.
import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconArrowLeft } from '@tabler/icons-react';
import { type Schemas, api, data } from '@/api/client';
import type { ProblemError } from '@/api/problem';
import { ask } from '@/api/query';
import { Copy } from '@/shared/Copy';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { Panel } from '@/shared/Panel';
import { toMessage } from '@/shared/links';
import { Answered } from './Answered';
import { Way } from './Way';

interface MessageProps {
  id: string;
  /** Back to what was found; without it there is nothing to go back to. */
  onBack?: () => void;
}

export function Message({ id, onBack }: MessageProps) {
  const answer = useQuery<Schemas['Answer'], ProblemError>({
    queryKey: ['/explain', id],
    queryFn: ({ signal }) => data(api.POST('/explain', { body: { id }, signal })),
    retry: false,
  });
  const way = useQuery<Schemas['MessageWay'], ProblemError>({
    queryKey: ['/messages/{id}/way', { path: { id } }],
    queryFn: ({ signal }) => ask('/messages/{id}/way', { path: { id } }, signal),
    retry: false,
    // A step that waits becomes another by itself.
    refetchInterval: (query) => (query.state.data?.steps.some((one) => one.state === 'waiting') === true ? 3_000 : false),
  });
  return (
    <>
      <Group justify="space-between">
        <Group gap={4}>
          <span className="mono">{id}</span>
          <Copy text={`${window.location.origin}${toMessage(id)}`} what="a link to this message" />
        </Group>
        {onBack !== undefined && (
          <Button variant="default" leftSection={<IconArrowLeft size={14} aria-hidden />} onClick={onBack}>
            Back to what was found
          </Button>
        )}
      </Group>
      <Panel title="Its way from packet to page">
        {way.error !== null && <Failed error={way.error} what="Its way is not known" onRetry={() => void way.refetch()} />}
        {way.isPending && <Loading what="its way" lines={5} />}
        {way.data !== undefined && <Way steps={way.data.steps} />}
      </Panel>
      {answer.error !== null && (
        <Failed
          error={answer.error}
          what={answer.error.status === 404 ? 'There is no such message, or it is no longer stored' : 'What the rules say of it is not known'}
          onRetry={() => void answer.refetch()}
        />
      )}
      {answer.isPending && <Loading what="what the rules say" lines={6} />}
      {answer.data !== undefined && <Answered answer={answer.data} />}
    </>
  );
}
