// Many rules at once: files or a pasted text, a report of each rule before anything is changed, then one revision.
// To: PUT /rules, first with dry_run.
import { Alert, Button, Checkbox, Group, List, Radio, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useAskAgain } from '@/api/query';
import { Confirm } from '@/shared/Confirm';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { Sign } from '@/shared/Sign';
import { formatNumber, plural } from '@/shared/format';
import { DataTable } from '@/shared/table/DataTable';
import { putRules } from '../api';
import { Done } from './Done';
import classes from './Import.module.css';
import { Sources } from './Sources';
import { COLUMNS, SIGNS } from './columns';
import type { RuleFile } from './files';
import { counts } from './report';
import { type DryImport, useDryImport } from './useDryImport';

const CALLS = [{ method: 'PUT', path: '/rules', query: { keep: true, dry_run: true }, ifMatch: '*', body: { rules: [] } }] as const;

export default function Import() {
  const { revision } = useParams();
  return revision === undefined ? <Begin /> : <Done number={Number(revision)} />;
}

function Begin() {
  const [files, setFiles] = useState<RuleFile[]>([]);
  const [keep, setKeep] = useState(true);
  const [skips, setSkips] = useState(false);
  const dry = useDryImport(files, keep, skips);
  return (
    <>
      <PageHead title="Import rules" subtitle="Nothing is changed before you have seen what would be." calls={CALLS} />
      <Sources files={files} onChange={setFiles} />
      {files.length > 0 && (
        <>
          <Radio.Group
            className={classes.choice}
            label="Rules that the files do not name"
            value={keep ? 'keep' : 'replace'}
            onChange={(value) => setKeep(value === 'keep')}
          >
            <Group gap="lg" mt={4}>
              <Radio size="xs" value="keep" label="stay as they are" />
              <Radio size="xs" value="replace" label="are removed: the files are all rules then" />
            </Group>
          </Radio.Group>
          <Report dry={dry} skips={skips} onSkips={setSkips} keep={keep} />
        </>
      )}
    </>
  );
}

interface ReportProps {
  dry: DryImport;
  skips: boolean;
  keep: boolean;
  onSkips: (skips: boolean) => void;
}

function Report({ dry, skips, keep, onSkips }: ReportProps) {
  const { rows, others, problem, isAsking, isReady } = dry;
  const [asks, ask] = useDisclosure(false);
  const again = useAskAgain();
  const navigate = useNavigate();
  const apply = async (why: string) => {
    if (dry.revision === null) return;
    const saved = await putRules(dry.body, dry.media, { keep, state: dry.revision, why });
    await navigate(`/rules/import/${saved.revision}`);
    await again(['/rules', '/rules/{id}', '/revisions']);
  };
  if (problem !== null) return <Failed error={problem} what="The files could not be checked" onRetry={dry.again} />;
  const changed = rows.filter((row) => ['new', 'changed', 'removed'].includes(row.state)).length;
  const refused = rows.filter((row) => row.state === 'refused').length;
  return (
    <Stack>
      <Group gap="md" role="status" aria-label="What the import would do">
        {counts(rows).map(([state, count]) => (
          <span key={state}>
            <b className="tabular">{formatNumber(count)}</b> <Sign {...SIGNS[state]} />
          </span>
        ))}
        {isAsking && <Text size="sm">checking</Text>}
      </Group>
      {others.length > 0 && (
        <Alert role="alert" variant="outline" color="red" icon={<IconAlertTriangle aria-hidden />} title={plural(others.length, 'fault')}>
          <List size="sm">
            {others.map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {(refused > 0 || skips) && (
        <Checkbox
          size="xs"
          label="Leave out the rules that are refused, and take the rest"
          description="One fault refuses the whole import otherwise"
          checked={skips}
          onChange={(event) => onSkips(event.currentTarget.checked)}
        />
      )}
      {rows.length === 0 && isAsking ? (
        <Loading what="the report" />
      ) : (
        rows.length > 0 && <DataTable label="What becomes of each rule" rows={rows} columns={COLUMNS} rowKey={(row) => row.key} />
      )}
      <Group justify="flex-end">
        <Text size="sm" c="dimmed">
          {isReady ? (changed === 0 ? 'All of it is so already' : 'All of it becomes one revision') : 'Faults first'}
        </Text>
        <Button disabled={!isReady || changed === 0} onClick={ask.open}>
          Apply: {plural(changed, 'change')}
        </Button>
      </Group>
      <Confirm opened={asks} onClose={ask.close} title={`Apply ${plural(changed, 'change')}?`} confirm="Apply" asksWhy isDanger={!keep} onConfirm={apply}>
        <Text size="sm" mb="xs">
          {counts(rows)
            .map(([state, count]) => `${formatNumber(count)} ${state}`)
            .join(', ')}
          . It is in force at once, and there is a way back.
        </Text>
      </Confirm>
    </Stack>
  );
}
