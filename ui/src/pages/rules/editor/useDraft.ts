// The draft that the editor works on: one text, from which the form is read. From: the rule as it is live, or what
// was kept of an earlier visit. To: code and form, which both change the text.
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type KeptDraft, keepDraft, keptDraft } from '@/shared/ruleDraft';
import type { RuleView } from '../api';
import { type RuleValue, readable } from '../model/rule';
import { type Format, type Parsed, parse, print, withPart } from '../model/text';

export interface Draft {
  text: string;
  format: Format;
  parsed: Parsed;
  /** The revision that it changes; null: the rule is new. */
  revision: number | null;
  /** The rule of that revision as text; empty: it is new. */
  base: string;
  isDirty: boolean;
  /** It was kept of an earlier visit. */
  isFromBefore: boolean;
  setText: (text: string) => void;
  setFormat: (format: Format) => void;
  /** Changes one part; undefined takes it away. */
  setPart: (part: string | readonly string[], value: unknown) => void;
  /** Another rule in its place: a revision of before. */
  replace: (rule: RuleValue) => void;
  /** Drops the changes: the rule as it is in `view`. */
  reset: (view: RuleView | null) => void;
  /** The same text, as a change to what `view` is now. */
  rebase: (view: RuleView | null) => void;
}

interface Base {
  revision: number | null;
  rule: RuleValue | null;
}

interface Edited {
  text: string;
  format: Format;
  isFromBefore: boolean;
}

function baseOf(view: RuleView | null): Base {
  return view === null ? { revision: null, rule: null } : { revision: view.revision, rule: readable(view.rule as RuleValue) };
}

function firstOf(kept: KeptDraft | null, first: RuleValue): Edited {
  if (kept !== null) return { text: kept.text, format: kept.format, isFromBefore: true };
  return { text: print(first, 'yaml'), format: 'yaml', isFromBefore: false };
}

/** `first`: what a new rule begins with. */
export function useDraft(key: string, view: RuleView | null, first: RuleValue): Draft {
  const [kept] = useState(() => keptDraft(key));
  const [base, setBase] = useState<Base>(() => ({ ...baseOf(view), revision: kept?.revision ?? view?.revision ?? null }));
  const [edited, setEdited] = useState<Edited>(() => firstOf(kept, view === null ? first : readable(view.rule as RuleValue)));
  const { text, format } = edited;
  const parsed = useMemo(() => parse(text, format), [text, format]);
  const start = print(base.rule ?? first, format);
  const isDirty = text !== start && print(parsed.value, format) !== start;
  useEffect(() => {
    keepDraft(key, isDirty ? { text, format, revision: base.revision } : null);
  }, [key, isDirty, text, format, base.revision]);

  const setText = useCallback((next: string) => setEdited((now) => ({ ...now, text: next })), []);
  const setPart = useCallback((part: string | readonly string[], value: unknown) => {
    const path = typeof part === 'string' ? [part] : part;
    setEdited((now) => ({ ...now, text: withPart(now.text, now.format, path, value) }));
  }, []);
  const setFormat = (next: Format) => {
    if (parsed.value !== null) setEdited({ ...edited, format: next, text: print(parsed.value, next) });
  };
  const replace = (rule: RuleValue) => setEdited({ format, text: print(readable(rule), format), isFromBefore: false });
  const reset = (to: RuleView | null) => {
    const next = baseOf(to);
    setBase(next);
    setEdited({ format, text: print(next.rule ?? first, format), isFromBefore: false });
  };
  const rebase = (to: RuleView | null) => setBase(baseOf(to));
  return {
    text,
    format,
    parsed,
    revision: base.revision,
    base: base.rule === null ? '' : start,
    isDirty,
    isFromBefore: edited.isFromBefore,
    setText,
    setFormat,
    setPart,
    replace,
    reset,
    rebase,
  };
}
