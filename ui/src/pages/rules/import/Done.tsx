// An import that was applied: what it became, and the way back.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useGet } from '@/api/query';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { ChangeList } from '@/shared/ChangeList';
import { plural } from '@/shared/format';
import { RestoreAll } from '@/pages/revisions/Restore';
import { toRevision } from '@/shared/links';

export function Done({ number }: { number: number }) {
  const { data, error } = useGet('/revisions/{number}', { path: { number } });
  return (
    <>
      <PageHead title="Import rules" calls={[{ method: 'GET', path: `/revisions/${number}` }]} />
      {error !== null && <Failed error={error} what={`Revision ${number} could not be loaded`} />}
      {error === null && data === undefined && <Loading what="the revision" />}
      {data !== undefined && (
        <Stack>
          <Alert role="status" variant="outline" color="green" icon={<IconCircleCheck aria-hidden />} title={`The import is revision ${number}: ${plural(data.changes, 'item')}`}>
            <Text size="sm">It is in force.</Text>
          </Alert>
          <Group gap="xs">
            <Button component={Link} to={toRevision(number)} variant="default">
              See revision {number}
            </Button>
            <RestoreAll number={number - 1} isLast={false} label="Take the import back" />
            <Button component={Link} to="/rules/import" variant="default">
              Import more
            </Button>
            <Button component={Link} to="/rules" variant="default">
              To the rules
            </Button>
          </Group>
          <ChangeList changes={data.items} same="Nothing was changed." />
        </Stack>
      )}
    </>
  );
}
