// One change: who, when, why, and each item before and after; the way back. From: GET /revisions/{number}.
import { Button, Group, Stack, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { Link, useParams } from 'react-router';
import { useGet } from '@/api/query';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { TimeAgo } from '@/shared/TimeAgo';
import { formatExact } from '@/shared/format';
import { toRevision } from '@/shared/links';
import { Items } from './Items';
import { RestoreAll } from './Restore';

export default function Revision() {
  const { number: text = '' } = useParams();
  const number = Number(text);
  const { data, error, isPending, refetch } = useGet('/revisions/{number}', { path: { number } });
  const { data: status } = useGet('/status');
  const last = status?.revision ?? number;
  const is = data?.number === number ? data : undefined;
  return (
    <>
      <PageHead
        title={`Revision ${text}`}
        subtitle={
          is && (
            <>
              <TimeAgo at={is.at} /> ({formatExact(is.at)}), by {is.who}
              {number === last && ', the last one'}
            </>
          )
        }
        actions={
          <Group gap="xs">
            <Step to={number - 1} isOpen={number > 1} what="Before" />
            <Step to={number + 1} isOpen={number < last} what="After" />
            {is !== undefined && <RestoreAll number={number} isLast={number === last} />}
          </Group>
        }
        calls={[
          { method: 'GET', path: `/revisions/${text}` },
          { method: 'POST', path: `/revisions/${text}/restore`, query: { dry_run: true }, body: {} },
        ]}
      />
      {error !== null && is === undefined && <Failed error={error} what={`Revision ${text} could not be loaded`} onRetry={() => void refetch()} />}
      {isPending && <Loading what="the revision" lines={8} />}
      {is !== undefined && (
        <Stack>
          <Text>
            <Text component="span" c="dimmed">
              Why:{' '}
            </Text>
            {is.why === '' ? 'no reason given' : is.why}
          </Text>
          {is.items.length === 0 ? (
            <Empty title="Nothing that you may see">Keys and users are shown to admins alone.</Empty>
          ) : (
            <Items number={number} items={is.items} />
          )}
        </Stack>
      )}
    </>
  );
}

function Step({ to, isOpen, what }: { to: number; isOpen: boolean; what: 'Before' | 'After' }) {
  const Mark = what === 'Before' ? IconChevronLeft : IconChevronRight;
  const label = what === 'Before' ? 'Revision before' : 'Revision after';
  if (!isOpen) {
    return (
      <Button variant="default" disabled leftSection={<Mark size={14} aria-hidden />}>
        {label}
      </Button>
    );
  }
  return (
    <Button component={Link} to={toRevision(to)} variant="default" leftSection={<Mark size={14} aria-hidden />}>
      {label}
    </Button>
  );
}
