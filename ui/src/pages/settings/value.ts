// A setting's value in a field, and back. From: what the API says of the setting. Pure.
import type { Schemas } from '@/api/client';

export type Setting = Schemas['SettingView'];

export type Sort = 'list' | 'truth' | 'number' | 'text';

export function sortOf({ value, default: usual }: Setting): Sort {
  const known = value ?? usual;
  if (Array.isArray(known)) return 'list';
  if (typeof known === 'boolean') return 'truth';
  return typeof known === 'number' ? 'number' : 'text';
}

/** As a person reads it. */
export function shown(value: unknown, unit?: string | null): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return unit == null ? text : `${text} ${unit}`;
}

/** As it stands in its field: a list has one on each line. */
export function toField(value: unknown): string {
  if (Array.isArray(value)) return value.join('\n');
  return value === null || value === undefined ? '' : String(value);
}

export function fromField(text: string, sort: Sort): unknown {
  if (sort === 'list') return text.split('\n').map((one) => one.trim()).filter((one) => one !== '');
  if (sort === 'truth') return text === 'true';
  if (sort === 'number') return text.trim() === '' ? null : Number(text);
  return text.trim();
}

/** `1 to 168`, as far as there are bounds. */
export function bounds({ least, most }: Setting): string | null {
  if (least != null && most != null) return `${least} to ${most}`;
  if (least != null) return `at least ${least}`;
  return most == null ? null : `at most ${most}`;
}
