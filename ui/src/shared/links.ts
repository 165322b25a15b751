// Where things are shown: the one place for the addresses that pages link to. Pure.

type Asked = Record<string, string | undefined>;

function address(path: string, asked: Asked = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value !== undefined && value !== '') query.set(name, value);
  return query.size === 0 ? path : `${path}?${query}`;
}

function part(text: string): string {
  return encodeURIComponent(text);
}

export const toAlert = (id: string) => `/alerts/${part(id)}`;
/** Now, narrowed: `{team: 'network', show: 'quiet'}`. */
export const toAlerts = (filter: Asked = {}) => address('/', filter);
/** Alerts since a time, also those that are over: Now knows the last day alone. */
export const toPastAlerts = (filter: Asked, since: string) => address('/noise/alerts', { ...filter, since });
export const toMessage = (id: string) => address('/find', { id });
/** `{host: 'r1', since: '2026-11-28T20:00:00Z'}`. */
export const toMessages = (filter: Asked = {}) => address('/find', filter);
export const toSilence = (name: string) => address('/quiet', { name });
/** A destination's card. */
export const toDestination = (name: string) => `/delivery#${part(name)}`;
export const toDestinations = () => '/delivery';
/** Notices of a destination in a state, as `dead`. */
export const toNotices = (state: string, destination: string) => address(`/delivery/${state}`, { destination });
export const toHealth = () => '/health';
export const toPattern = (id: string) => `/unknown/${part(id)}`;
export const toHostOfInventory = (host: string, peer = '') => address(`/inventory/locate/${part(host)}`, { peer });
export const toRevision = (number: number) => `/revisions/${number}`;
export const toCopyOf = (rule: string) => `/rules/new/${part(rule)}`;
/** A rule that people wrote. */
export const toOwnRule = (id: string) => `/rules/${part(id)}`;

/** What MUTT raises itself, `mutt/pattern`, has no rule that could be looked at. */
export function toRule(id: string): string | undefined {
  return id.startsWith('mutt/') ? undefined : toOwnRule(id);
}
