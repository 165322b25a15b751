// A rule that is not there yet: blank, a copy of another, or one that another page proposes. To: the same editor.
import { useEffect, useState } from 'react';
import { useParams } from 'react-router';
import { useGet } from '@/api/query';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { NEW_RULE, forgetHanded, handedRule, keepDraft } from '@/shared/ruleDraft';
import { type RuleValue, blank, readable, without } from '../model/rule';
import { print } from '../model/text';
import { Workbench } from './Workbench';

export default function NewRule() {
  const { from } = useParams();
  return from === undefined ? <Fresh /> : <Copied key={from} from={from} />;
}

function Fresh() {
  const [handed] = useState(() => {
    const found = handedRule();
    // What is handed over stands in the place of a draft of before.
    if (found !== null) {
      const rule = readable({ ...found.rule, mode: found.rule.mode ?? 'off' });
      keepDraft(NEW_RULE, { text: print(rule, 'yaml'), format: 'yaml', revision: null });
    }
    return found;
  });
  useEffect(() => forgetHanded(), []);
  return <Workbench id={null} view={null} begin={blank()} from={handed?.from} />;
}

function Copied({ from }: { from: string }) {
  const { data, error, refetch } = useGet('/rules/{id}', { path: { id: from } }, { poll_ms: 0 });
  if (error !== null || data?.rule.id !== from) {
    return (
      <>
        <PageHead title="New rule" />
        {error === null ? <Loading what="the rule" lines={10} /> : <Failed error={error} what={`${from} could not be copied`} onRetry={() => void refetch()} />}
      </>
    );
  }
  const rest = without(data.rule as RuleValue, ['examples', 'scenarios']);
  const copy = readable({ ...rest, id: `${from}-copy`, mode: 'off' });
  return <Workbench id={null} view={null} begin={copy} from={`a copy of ${from}, without its examples`} draftKey={`/copy/${from}`} />;
}
