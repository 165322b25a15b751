// A pattern's template in parts: what is the same in all messages, and what varies. Pure.

const WILDCARD = '<*>';

export interface Part {
  /** Where it begins; also its key. */
  at: number;
  text: string;
  varies: boolean;
}

export function parts(template: string): Part[] {
  const found: Part[] = [];
  let at = 0;
  for (const [index, text] of template.split(WILDCARD).entries()) {
    if (index > 0) {
      found.push({ at, text: WILDCARD, varies: true });
      at += WILDCARD.length;
    }
    if (text !== '') found.push({ at, text, varies: false });
    at += text.length;
  }
  return found;
}
