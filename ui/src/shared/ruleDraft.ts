// Drafts of rules that nobody saved yet, kept for this tab. From: the editor, and pages that propose a rule.
// To: the editor, when somebody comes back to it.

export interface KeptDraft {
  text: string;
  format: 'yaml' | 'json';
  /** The revision of the rule that it began with; null: a new rule. */
  revision: number | null;
}

/** The draft of a rule that is not there yet. */
export const NEW_RULE = '/new';

const PREFIX = 'mutt-rule-draft:';

/** `id` is a rule's id, or NEW_RULE. A browser without room for it keeps nothing, and all else works. */
export function keepDraft(id: string, draft: KeptDraft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(PREFIX + id);
    else sessionStorage.setItem(PREFIX + id, JSON.stringify(draft));
  } catch {
    // Nothing is kept then.
  }
}

export function keptDraft(id: string): KeptDraft | null {
  try {
    const text = sessionStorage.getItem(PREFIX + id);
    return text === null ? null : (JSON.parse(text) as KeptDraft);
  } catch {
    return null;
  }
}

const HANDED = 'mutt.draft';

/** A rule that another page proposes, such as that of a pattern, and where it comes from. */
export interface HandedRule {
  rule: Record<string, unknown>;
  from: string;
}

/** What was handed over for `/rules/new`. */
export function handedRule(): HandedRule | null {
  try {
    const text = sessionStorage.getItem(HANDED);
    return text === null ? null : (JSON.parse(text) as HandedRule);
  } catch {
    return null;
  }
}

/** It is in the editor by now. */
export function forgetHanded(): void {
  try {
    sessionStorage.removeItem(HANDED);
  } catch {
    // Then there was none.
  }
}
