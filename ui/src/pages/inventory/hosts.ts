// Entries of the inventory: what one stands for, which the page shows, between API and form. Pure.
import type { Schemas } from '@/api/client';

export type HostView = Schemas['HostView'];
export type HostEntry = Schemas['InventoryEntry'];

export const DEFAULTS = { text: '', environment: '', team: '', kind: '', sort: '', edit: '' };
export type Filter = Record<keyof typeof DEFAULTS, string>;

/** What edits an entry that is not there yet: no host has such a name. */
export const NEW = '+';

export type HostKind = 'host' | 'pattern' | 'network';

export function kindOf(host: string): HostKind {
  if (/^[0-9a-fA-F.:]+\/\d+$/.test(host)) return 'network';
  return /[*?[]/.test(host) ? 'pattern' : 'host';
}

export function shows({ entry }: HostView, filter: Filter): boolean {
  if (filter.environment !== '' && entry.environment !== filter.environment) return false;
  if (filter.team !== '' && entry.team !== filter.team) return false;
  if (filter.kind !== '' && kindOf(entry.host) !== filter.kind) return false;
  const text = filter.text.trim().toLowerCase();
  if (text === '') return true;
  const labels = Object.entries(entry.labels ?? {}).map(([name, value]) => `${name}=${value}`);
  return [entry.host, entry.site ?? '', ...labels].some((part) => part.toLowerCase().includes(text));
}

export interface Label {
  key: number;
  name: string;
  value: string;
}

export interface Values extends Record<string, unknown> {
  host: string;
  environment: string;
  site: string;
  team: string;
  labels: Label[];
}

let keys = 0;

export function label(name = '', value = ''): Label {
  keys += 1;
  return { key: keys, name, value };
}

export function toValues(entry: HostEntry): Values {
  return {
    host: entry.host,
    environment: entry.environment ?? '',
    site: entry.site ?? '',
    team: entry.team ?? '',
    labels: Object.entries(entry.labels ?? {}).map(([name, value]) => label(name, value)),
  };
}

/** What is empty is not known, and left out. */
export function toEntry(values: Values): HostEntry {
  const entry: HostEntry = { host: values.host.trim() };
  if (values.environment !== '') entry.environment = values.environment as Schemas['Environment'];
  if (values.site.trim() !== '') entry.site = values.site.trim();
  if (values.team !== '') entry.team = values.team;
  const labels = values.labels.filter((one) => one.name.trim() !== '').map((one) => [one.name.trim(), one.value.trim()]);
  if (labels.length > 0) entry.labels = Object.fromEntries(labels);
  return entry;
}
