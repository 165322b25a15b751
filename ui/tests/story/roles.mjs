// Who may do what. From: the table of docs/security.md, which MUTT's own tests hold to its code. To: requests that
// a role is refused.
import { readFile } from 'node:fs/promises';

export const ROLES = ['viewer', 'operator', 'author', 'admin'];

export const hasRole = (role, least) => ROLES.indexOf(role) >= ROLES.indexOf(least);

const ROW = /^\| `(?<method>[A-Z]+) (?<path>\/\S*)` \| (?<least>\w+)(?: \((?<but>[^)]*)\))? \|$/gm;

/** `{method, path, least, but}` of each operation that somebody must be signed in for. */
export async function operations() {
  const text = await readFile(new URL('../../../docs/security.md', import.meta.url), 'utf8');
  const all = [...text.matchAll(ROW)].map(({ groups }) => ({ ...groups }));
  return all.filter(({ least }) => ROLES.includes(least));
}

/** What a broad silence or window is: it names no host, site or label. */
const BROAD = {
  '/silences/{name}': { matchers: [{ field: 'severity', operator: 'equals', value: 'minor' }], reason: 'a try', start: '2030-01-01T00:00:00Z', end: '2030-01-01T01:00:00Z' },
  '/maintenance/{name}': {
    matchers: [{ field: 'severity', operator: 'equals', value: 'minor' }],
    reason: 'a try',
    start: '2030-01-01T00:00:00',
    zone: 'UTC',
    duration_minutes: 60,
  },
};

/** What this role may not ask for: each operation that needs more, and the broad ones of those that do not. */
export function refused(all, role) {
  return all.flatMap(({ method, path, least, but }) => {
    const filled = path.replaceAll('{number}', '1').replaceAll(/\{\w+\}/g, 'no-such-thing');
    if (!hasRole(role, least)) return [{ method, path: filled, body: {} }];
    const isBroad = but === 'a broad one: admin' && role !== 'admin';
    return isBroad ? [{ method, path: filled, body: { name: 'no-such-thing', ...BROAD[path] } }] : [];
  });
}

/** The first part of a path: what keys are limited to. */
export const groupOf = (path) => path.split('/')[1];
