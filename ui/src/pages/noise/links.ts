// Where the numbers of this page lead. Pure.

function to(path: string, query: Record<string, string>): string {
  return `${path}?${new URLSearchParams(query).toString()}`;
}

export function alertsOf(filter: Record<string, string>, since: string): string {
  return to('/alerts', { state: '', ...filter, since });
}

export function messagesSince(since: string): string {
  return to('/messages', { since });
}

export function ruleOf(name: string): string {
  return `/rules/${encodeURIComponent(name)}`;
}
