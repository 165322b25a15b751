// Whether the draft could be saved. From: PUT /rules/{id} with dry_run, and POST /rules/test as if it were live.
// To: faults at their fields and lines, and what came of the examples.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, data, type Schemas } from '@/api/client';
import { ProblemError, asProblem } from '@/api/problem';
import { type Fault, type Saved, putRule } from '../api';
import { asLive, textOf } from '../model/rule';
import { lineOf } from '../model/text';
import type { Draft } from './useDraft';
import { useLater } from './useLater';

const WAIT_MS = 400;

export interface Checks {
  state: 'checking' | 'fine' | 'faulty' | 'failed';
  faults: Fault[];
  warnings: Fault[];
  /** No answer to the check itself. */
  problem: ProblemError | null;
}

function local(path: string, message: string, line?: number): Fault {
  return { kind: 'rule', path, message, line };
}

/** What is wrong before anybody is asked. */
function ownFaults(draft: Draft, id: string | null): Fault[] {
  const { fault, value } = draft.parsed;
  if (fault !== null) return [local('', fault.message, fault.line)];
  const named = textOf(value, 'id');
  if (named === '') return [local('id', 'The rule needs an id: letters, digits, `-`, `_`, `.`')];
  if (id !== null && named !== id) {
    return [local('id', `The id of a rule that is there stays ${id}: to have another, copy it as a new rule`)];
  }
  return [];
}

async function dryRun(id: string, draft: Pick<Draft, 'text' | 'format' | 'revision'>, signal: AbortSignal) {
  const { text, format, revision } = draft;
  try {
    const state = revision === null ? null : '*';
    return { saved: await putRule(id, text, format, { dryRun: true, state, signal }), faults: [] as Fault[] };
  } catch (error) {
    const problem = asProblem(error);
    if (problem.status === 412) {
      const message = revision === null ? 'A rule of this id is there already' : 'The rule was deleted meanwhile';
      return { saved: null, faults: [local('id', message)] };
    }
    if (problem.status === 422) return { saved: null, faults: problem.errors };
    if (problem.status === 400) return { saved: null, faults: [local('', problem.detail)] };
    throw problem;
  }
}

/** `id`: null for a new rule. */
export function useChecks(draft: Draft, id: string | null, isAllowed: boolean): Checks {
  const own = ownFaults(draft, id);
  const { text, format, revision } = draft;
  const isNow = useLater(text, WAIT_MS) === text;
  const named = textOf(draft.parsed.value, 'id');
  const query = useQuery<{ saved: Saved | null; faults: Fault[] }, ProblemError>({
    queryKey: ['rule-checks', named, revision, format, text],
    queryFn: ({ signal }) => dryRun(named, { text, format, revision }, signal),
    enabled: isAllowed && isNow && own.length === 0,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
  const at = (fault: Fault): Fault =>
    fault.name !== undefined && fault.name !== null && fault.name !== named
      ? { ...fault, line: undefined }
      : { ...fault, line: fault.line ?? lineOf(text, fault.path) ?? undefined };
  if (own.length > 0) return { state: 'faulty', faults: own.map(at), warnings: [], problem: null };
  if (!isAllowed) return { state: 'fine', faults: [], warnings: [], problem: null };
  const faults = (query.data?.faults ?? []).map(at);
  const warnings = (query.data?.saved?.warnings ?? []).map(at);
  if (query.error !== null) return { state: 'failed', faults: [], warnings, problem: query.error };
  if (!isNow || query.isPending || query.isPlaceholderData) return { state: 'checking', faults, warnings, problem: null };
  return { state: faults.length > 0 ? 'faulty' : 'fine', faults, warnings, problem: null };
}

/** What came of the examples, as if the rule were live. */
export function useTested(draft: Draft, isAllowed: boolean) {
  const { value } = draft.parsed;
  const rule = value === null || textOf(value, 'id') === '' ? null : JSON.stringify(asLive(value));
  const later = useLater(rule, WAIT_MS);
  return useQuery<Schemas['Tested'], ProblemError>({
    queryKey: ['rule-test', later],
    queryFn: ({ signal }) => {
      const body = { rules: [JSON.parse(later ?? '{}') as Schemas['Rule']] };
      return data(api.POST('/rules/test', { params: { query: { keep: true } }, body, signal }));
    },
    enabled: isAllowed && later !== null,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
}
