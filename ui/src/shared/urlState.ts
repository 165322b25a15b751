// Filters in the URL: a link shows what its sender saw. What is as by default is left out.
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

type Value = string | number | boolean | readonly string[];
type State = Record<string, Value>;

/** `{team: '', deep: false}` has the types of a string and a boolean, not of just these values. */
export type Wide<S> = {
  [K in keyof S]: S[K] extends string ? string : S[K] extends number ? number : S[K] extends boolean ? boolean : string[];
};

function read(text: string, sample: Value): Value {
  if (typeof sample === 'boolean') return text === 'true';
  if (typeof sample === 'string') return text;
  if (typeof sample === 'number') return Number.isFinite(Number(text)) ? Number(text) : sample;
  return text.split(',').filter((part) => part !== '');
}

function write(value: Value): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}

export function readState<S extends State>(params: URLSearchParams, defaults: S): Wide<S> {
  const entries = Object.entries(defaults).map(([name, value]) => {
    const text = params.get(name);
    return [name, text === null ? value : read(text, value)];
  });
  return Object.fromEntries(entries) as Wide<S>;
}

/** The parameters with a change in them; those of others stay. */
export function writeState<S extends State>(
  params: URLSearchParams,
  defaults: S,
  change: Partial<Wide<S>>,
): URLSearchParams {
  const written = new URLSearchParams(params);
  for (const [name, value] of Object.entries(change) as [string, Value | undefined][]) {
    const usual = defaults[name];
    if (value === undefined || usual === undefined || write(value) === write(usual)) written.delete(name);
    else written.set(name, write(value));
  }
  return written;
}

/**
 * `const [filter, setFilter] = useUrlState(DEFAULTS)`, where DEFAULTS stands outside of the component.
 * A change is no new entry of the browser's history, unless `{push: true}`: for what one goes back from.
 */
export function useUrlState<const S extends State>(defaults: S) {
  const [params, setParams] = useSearchParams();
  const state = useMemo(() => readState(params, defaults), [params, defaults]);
  const set = useCallback(
    (change: Partial<Wide<S>>, { push = false } = {}) =>
      setParams((before) => writeState(before, defaults, change), { replace: !push }),
    [setParams, defaults],
  );
  return [state, set] as const;
}
