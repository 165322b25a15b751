// Hands a rule that is not saved to the editor, `/rules/new`: by this tab's session storage.
import type { Schemas } from '@/api/client';

export const DRAFT_KEY = 'mutt.draft';

export function handDraft(rule: Schemas['Rule'], patternId: string): void {
  sessionStorage.setItem(DRAFT_KEY, JSON.stringify({ rule, from: `pattern ${patternId}` }));
}
