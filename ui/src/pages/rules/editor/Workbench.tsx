// The editor of a rule that is loaded, or new. From: Editor and NewRule. To: the draft, and its save.
import { Alert, Button, Group, Tabs, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconInfoCircle, IconUsers } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { PageHead } from '@/shared/PageHead';
import { type Permission, permission } from '@/shared/permission';
import { useMe } from '@/api/session';
import { NEW_RULE, keepDraft } from '@/shared/ruleDraft';
import { Diff } from '@/shared/diff/Diff';
import { useUrlState } from '@/shared/urlState';
import type { RuleView } from '../api';
import { toOwnRule } from '@/shared/links';
import { examplesOf, judged } from '../model/examples';
import { foundOf, sentence } from '../model/past';
import { type RuleValue, modeOf, textOf, without } from '../model/rule';
import { print } from '../model/text';
import { CheckPanel } from './CheckPanel';
import { CodePane } from './CodePane';
import classes from './Editor.module.css';
import { ExamplesPanel } from './ExamplesPanel';
import { HistoryPanel } from './HistoryPanel';
import { Leave } from './Leave';
import { PastPanel } from './PastPanel';
import { RuleActions } from './RuleActions';
import { RuleForm } from './RuleForm';
import { SaveDialog, saveVerb } from './SaveDialog';
import { Steps } from './Steps';
import { useBacktest } from './useBacktest';
import { type Checks, useChecks, useTested } from './useChecks';
import { type Draft, useDraft } from './useDraft';

const DEFAULTS = { tab: 'past', hours: 1, try: true };

interface WorkbenchProps {
  /** null: the rule is new. */
  id: string | null;
  view: RuleView | null;
  begin?: RuleValue;
  /** Where a proposal comes from. */
  from?: string;
  draftKey?: string;
}

const NOTHING: RuleValue = {};

function usePermissionFor(view: RuleView | null): Permission {
  const me = useMe();
  return permission(me, 'author', view?.rule.team ?? undefined);
}

export function Workbench({ id, view, begin = NOTHING, from, draftKey }: WorkbenchProps) {
  const key = draftKey ?? id ?? NEW_RULE;
  const [first] = useState(begin);
  const draft = useDraft(key, view, first);
  const may = usePermissionFor(view);
  const checks = useChecks(draft, id, may.allowed);
  const [goTo, setGoTo] = useState<{ line: number } | null>(null);
  const [saves, save] = useDisclosure(false);
  const mayLeave = useRef(false);
  const navigate = useNavigate();
  const now = view === null ? null : modeOf(view.rule as RuleValue);
  const { value } = draft.parsed;
  const named = textOf(value, 'id');
  const tools = useTools(draft, checks, may, named);
  const isChanged = view !== null && (draft.revision ?? 0) < view.revision;
  const onSaved = (saved: RuleView) => {
    save.close();
    draft.reset(saved);
    if (id !== null) return;
    mayLeave.current = true;
    keepDraft(key, null);
    void navigate(toOwnRule(saved.rule.id), { replace: true });
  };
  useFollow(draft, view);
  return (
    <>
      <PageHead
        title={id === null ? 'New rule' : `Rule ${id}`}
        subtitle={view === null ? (from ?? 'Begins as a draft, which judges nothing') : <Subtitle view={view} />}
        actions={id !== null && view !== null && <RuleActions id={id} view={view} may={may} onGone={() => (mayLeave.current = true)} />}
        calls={callsOf(named)}
      />
      {!may.allowed && (
        <Alert variant="default" icon={<IconInfoCircle aria-hidden />} title="To read only">
          {may.why}
        </Alert>
      )}
      {draft.isFromBefore && draft.isDirty && <Back draft={draft} view={view} isProposal={from !== undefined} />}
      {isChanged && draft.isDirty && <Changed view={view} draft={draft} />}
      <Steps now={now} draft={modeOf(value)} isReadOnly={!may.allowed || value === null} onChoose={(mode) => draft.setPart('mode', mode === 'live' ? undefined : mode)} />
      <div className={classes.columns}>
        <RuleForm draft={draft} faults={checks.faults.filter((one) => one.name == null || one.name === named)} isNew={id === null} isReadOnly={!may.allowed} />
        <div className={classes.column}>
          <CodePane draft={draft} checks={checks} isReadOnly={!may.allowed} goTo={goTo} />
          {may.allowed && <CheckPanel checks={checks} id={named} onLine={(line) => setGoTo({ line })} />}
          <Panels draft={draft} id={id} named={named} may={may} tools={tools} />
        </div>
      </div>
      {may.allowed && (
        <SaveBar draft={draft} checks={checks} verb={saveVerb(now, modeOf(value))} isNew={id === null} onSave={save.open} onDiscard={() => draft.reset(view)} />
      )}
      <SaveDialog
        opened={saves}
        onClose={save.close}
        draft={draft}
        now={now}
        warnings={checks.warnings}
        past={tools.past.report !== null && tools.past.isOfNow && tools.past.phase === 'done' ? sentence(foundOf(tools.past.report, named)) : ''}
        onSaved={onSaved}
      />
      <Leave isDirty={draft.isDirty} mayLeave={mayLeave} onDiscard={() => draft.reset(view)} />
    </>
  );
}

/** A rule that is not being edited follows what is saved, by whoever. */
function useFollow(draft: Draft, view: RuleView | null): void {
  if (view !== null && (draft.revision ?? 0) < view.revision && !draft.isDirty) draft.reset(view);
}

function useTools(draft: Draft, checks: Checks, may: Permission, id: string) {
  const [state, setState] = useUrlState(DEFAULTS);
  const tested = useTested(draft, may.allowed);
  const { value } = draft.parsed;
  const blocking = checks.faults.some((fault) => !/^(examples|scenarios)\[/.test(fault.path));
  const whyNot = !may.allowed
    ? may.why
    : !state.try
      ? 'Not tried: “Try while typing” is off.'
      : value === null || id === '' || blocking
        ? 'Waits until the rule has no faults.'
        : '';
  const past = useBacktest(whyNot === '' ? withoutExamples(value) : null, state.hours);
  return { state, setState, tested, past, whyNot };
}

/** What comes of messages does not depend on examples, and who types one does not wait. */
function withoutExamples(rule: RuleValue | null): RuleValue | null {
  return rule === null ? null : without(rule, ['examples', 'scenarios', 'note']);
}

interface PanelsProps {
  draft: Draft;
  id: string | null;
  named: string;
  may: Permission;
  tools: ReturnType<typeof useTools>;
}

function Panels({ draft, id, named, may, tools }: PanelsProps) {
  const { state, setState, tested, past, whyNot } = tools;
  const list = judged(draft.parsed.value, named, tested.data?.faults ?? []);
  const failing = list.filter((one) => one.faults.length > 0).length;
  const count = examplesOf(draft.parsed.value).length;
  return (
    <Tabs className={classes.card} value={state.tab} onChange={(tab) => setState({ tab: tab ?? 'past' })} keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="past">Recent past</Tabs.Tab>
        <Tabs.Tab value="examples">
          Examples {failing > 0 ? `(${failing} of ${count} fail)` : `(${count})`}
        </Tabs.Tab>
        <Tabs.Tab value="difference">Difference</Tabs.Tab>
        {id !== null && <Tabs.Tab value="history">History</Tabs.Tab>}
      </Tabs.List>
      <div className={classes.cardBody}>
        <Tabs.Panel value="past">
          <PastPanel past={past} id={named} hours={state.hours} isOn={state.try} whyNot={whyNot} onHours={(hours) => setState({ hours })} onToggle={(isOn) => setState({ try: isOn })} />
        </Tabs.Panel>
        <Tabs.Panel value="examples">
          <ExamplesPanel draft={draft} tested={tested} isReadOnly={!may.allowed} />
        </Tabs.Panel>
        <Tabs.Panel value="difference">
          <Diff before={draft.base} after={draft.parsed.value === null ? draft.text : print(draft.parsed.value, draft.format)} label="From what is saved to the draft" same="The draft is what is saved." />
        </Tabs.Panel>
        {id !== null && (
          <Tabs.Panel value="history">
            <HistoryPanel id={id} draft={draft} whyNot={may.why} />
          </Tabs.Panel>
        )}
      </div>
    </Tabs>
  );
}

function Subtitle({ view }: { view: RuleView }) {
  return (
    <>
      Revision {view.revision}, hash <span className="mono">{view.hash}</span>
    </>
  );
}

function callsOf(id: string) {
  const path = id === '' ? '/rules/ID' : `/rules/${id}`;
  return [
    { method: 'GET', path },
    { method: 'PUT', path, query: { dry_run: true }, ifMatch: '*', body: {} },
    { method: 'POST', path: '/rules/test', query: { keep: true }, body: { rules: [] } },
    { method: 'POST', path: '/backtests', body: { rules: [], keep: true } },
    { method: 'GET', path: '/revisions', query: { kind: 'rule', name: id } },
  ] as const;
}

function Back({ draft, view, isProposal }: { draft: Draft; view: RuleView | null; isProposal: boolean }) {
  if (isProposal) return null;
  return (
    <Alert variant="default" icon={<IconInfoCircle aria-hidden />} title="Your unsaved changes of before are here again">
      <Button variant="default" onClick={() => draft.reset(view)}>
        Drop them
      </Button>
    </Alert>
  );
}

function Changed({ view, draft }: { view: RuleView; draft: Draft }) {
  return (
    <Alert role="status" variant="outline" color="yellow" icon={<IconUsers aria-hidden />} title={`Somebody saved revision ${view.revision} of this rule while you edit`}>
      <Group gap="xs">
        <Button variant="default" onClick={() => draft.rebase(view)}>
          Go on with mine, over theirs
        </Button>
        <Button variant="default" onClick={() => draft.reset(view)}>
          Take theirs
        </Button>
      </Group>
    </Alert>
  );
}

interface SaveBarProps {
  draft: Draft;
  checks: Checks;
  verb: string;
  isNew: boolean;
  onSave: () => void;
  onDiscard: () => void;
}

function SaveBar({ draft, checks, verb, isNew, onSave, onDiscard }: SaveBarProps) {
  const why = checks.state === 'fine' ? '' : checks.state === 'checking' ? 'It is being checked' : 'Faults first: see Checks';
  const isIdle = !draft.isDirty && !isNew;
  return (
    <div className={classes.bar} role="group" aria-label="Save">
      <Text size="sm" c="dimmed">
        {isIdle ? 'Nothing to save' : why === '' ? 'Unsaved changes, kept in this tab' : why}
      </Text>
      <Group gap="xs">
        <Button variant="default" disabled={!draft.isDirty} onClick={onDiscard}>
          Discard changes
        </Button>
        <Button disabled={isIdle || why !== ''} title={why} onClick={onSave}>
          {verb}
        </Button>
      </Group>
    </div>
  );
}
