// What an import would do, asked while the files are chosen. From: the files. To: the report, and the body to apply.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type ProblemError, asProblem } from '@/api/problem';
import { type Saved, putRules } from '../api';
import { useLater } from '../editor/useLater';
import { FILE_MEDIA, type RuleFile, readRules, together } from './files';
import { type Answer, type ReportRow, otherFaults, reportOf } from './report';

export interface DryImport {
  rows: ReportRow[];
  others: string[];
  problem: ProblemError | null;
  isAsking: boolean;
  /** It can be applied as it is. */
  isReady: boolean;
  /** The revision that the report is of. */
  revision: number | null;
  body: string;
  media: string;
  again: () => void;
}

const WAIT_MS = 400;
const NOT_YET: Answer = { saved: null, faults: [] };

async function dryRun(body: string, media: string, keep: boolean, signal: AbortSignal): Promise<Answer> {
  try {
    const saved: Saved = await putRules(body, media, { keep, dryRun: true, state: '*', signal });
    return { saved, faults: [] };
  } catch (error) {
    const problem = asProblem(error);
    if (problem.status === 422) return { saved: null, faults: problem.errors };
    throw problem;
  }
}

function useAnswer(body: string, media: string, keep: boolean, isOn: boolean) {
  return useQuery<Answer, ProblemError>({
    queryKey: ['rules-import', body, media, keep],
    queryFn: ({ signal }) => dryRun(body, media, keep, signal),
    enabled: isOn && body !== '',
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
}

export function useDryImport(now: readonly RuleFile[], keep: boolean, skips: boolean): DryImport {
  const files = useLater(now, WAIT_MS);
  const read = useMemo(() => files.map(readRules), [files]);
  const rules = read.flatMap((one) => one.rules);
  const unread = read.flatMap((one) => (one.fault === null ? [] : [one.fault]));
  const [only] = files;
  // One whole file goes as it is: then the API's own lines are told.
  const isRaw = files.length === 1 && only !== undefined && /rules/.test(only.text) && !isAlone(only, rules.length);
  const body = isRaw && only !== undefined ? only.text : rules.length === 0 ? '' : together(rules);
  const media = isRaw && only !== undefined ? FILE_MEDIA[only.format] : 'application/json';
  const whole = useAnswer(body, media, keep, true);
  const refused = new Set((whole.data?.faults ?? []).flatMap((fault) => (fault.name == null ? [] : [fault.name])));
  const leftOut = skips ? refused : new Set<string>();
  const rest = rules.filter((rule) => !leftOut.has(rule.id));
  const isPart = leftOut.size > 0 && rest.length > 0;
  const part = useAnswer(isPart ? together(rest) : '', 'application/json', keep, isPart);
  const asked = isPart ? part : whole;
  const answer = asked.data ?? NOT_YET;
  const isAsking = asked.isFetching || files !== now;
  return {
    rows: asked.data === undefined ? [] : reportOf(rules, leftOut, files, answer, isRaw && !isPart),
    others: otherFaults(rules, isRaw && answer.faults.length > 0 ? [] : unread, answer),
    problem: asked.error,
    isAsking,
    isReady: !isAsking && answer.saved !== null && unread.length === 0,
    revision: answer.saved?.revision ?? null,
    body: isPart ? together(rest) : body,
    media: isPart ? 'application/json' : media,
    again: () => void asked.refetch(),
  };
}

/** A file of one rule without a list. */
function isAlone(file: RuleFile, count: number): boolean {
  return count === 1 && file.format !== 'toml' && !/^\s*["']?rules["']?\s*:|^\s*\{\s*"rules"/m.test(file.text);
}
