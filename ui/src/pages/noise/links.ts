// Where the numbers of this page lead. Pure.

function to(path: string, query: Record<string, string>): string {
  return `${path}?${new URLSearchParams(query).toString()}`;
}

/** The alerts of the same time, by this page's own list: Now knows the last day alone. */
export function alertsOf(filter: Record<string, string>, since: string): string {
  return to('/noise/alerts', { ...filter, since });
}

export function messagesSince(since: string): string {
  return to('/find', { since });
}

export function ruleOf(name: string): string {
  return `/rules/${encodeURIComponent(name)}`;
}
