// The page of one rule: form and code side by side, checks, examples, the recent past, the way to live and back.
// From: GET /rules/{id}, or a new rule. To: PUT /rules/{id}.
import { Text } from '@mantine/core';
import { useParams } from 'react-router';
import { useGet } from '@/api/query';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import type { RuleView } from '../api';
import { Workbench } from './Workbench';

export default function Editor() {
  const { id = '' } = useParams();
  const { data, error, isPending, refetch } = useGet('/rules/{id}', { path: { id } });
  // While another rule is loaded the one before is still there.
  const view = data as RuleView | undefined;
  if (error !== null && view?.rule.id !== id) {
    return (
      <>
        <PageHead title={`Rule ${id}`} />
        {error.status === 404 ? (
          <Empty title={`There is no rule ${id}`}>
            <Text size="sm">
              It may have been deleted: <a href={`/revisions?kind=rule&name=${encodeURIComponent(id)}`}>its revisions</a> have it.
            </Text>
          </Empty>
        ) : (
          <Failed error={error} what="The rule could not be loaded" onRetry={() => void refetch()} />
        )}
      </>
    );
  }
  if (isPending || view === undefined || view.rule.id !== id) {
    return (
      <>
        <PageHead title={`Rule ${id}`} />
        <Loading what="the rule" lines={10} />
      </>
    );
  }
  return <Workbench key={id} id={id} view={view} />;
}
