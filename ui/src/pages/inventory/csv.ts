// The inventory as CSV. From and to: /inventory as text/csv.
import { type Schemas, api } from '@/api/client';

export async function inventoryCsv(): Promise<string> {
  const answer = await api.GET('/inventory', { headers: { Accept: 'text/csv' }, parseAs: 'text' });
  return answer.data as unknown as string;
}

interface Upload {
  text: string;
  /** Entries that the table does not name stay. */
  keep: boolean;
  why: string;
  /** The catalog's revision that was checked against; null: only looks what would differ. */
  checked: number | null;
}

export async function putCsv({ text, keep, why, checked }: Upload): Promise<Schemas['Saved']> {
  const query = { keep, dry_run: checked === null, why: why.trim() || undefined };
  const headers = { 'Content-Type': 'text/csv', ...(checked === null ? {} : { 'If-Match': `"${checked}"` }) };
  const init = { params: { query }, headers, body: text, bodySerializer: (body: unknown) => body as string };
  const answer = await api.PUT('/inventory', init as never);
  return (answer as { data: Schemas['Saved'] }).data;
}

/** Hands a text to the browser as a file. */
export function saveFile(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
