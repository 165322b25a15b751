// What processes say of themselves. From: GET /health, GET /destinations. To: pages. A process of another
// version may say less, so the document calls every member optional; what MUTT answers always has them all.
import type { Schemas } from './client';

type Whole<T> = T extends (infer Item)[]
  ? Whole<Item>[]
  : T extends object
    ? { [Name in keyof T]-?: Whole<Exclude<T[Name], undefined>> }
    : T;

export type Process = Whole<Schemas['ProcessView']>;
export type Check = Whole<Schemas['CheckReport']>;
export type InputReport = Whole<Schemas['InputReport']>;
export type DestinationReport = Whole<Schemas['DestinationReport']>;

export function processesOf(health: Schemas['Health'] | undefined): Process[] {
  return (health?.processes ?? []) as Process[];
}

/** What the process says that sends there; null: none reports. */
export function senderOf({ sender }: Pick<Schemas['DestinationView'], 'sender'>): DestinationReport | null {
  return (sender ?? null) as DestinationReport | null;
}
