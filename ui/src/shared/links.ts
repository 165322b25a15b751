// Where things are shown: one place for the addresses that pages link to. Pure.

type Asked = Record<string, string | undefined>;

function address(path: string, asked: Asked = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value !== undefined && value !== '') query.set(name, value);
  return query.size === 0 ? path : `${path}?${query}`;
}

export const toAlert = (id: string) => `/alerts/${encodeURIComponent(id)}`;
/** Now, narrowed: `{team: 'network', show: 'quiet'}`. */
export const toAlerts = (filter: Asked = {}) => address('/', filter);
export const toMessage = (id: string) => address('/find', { id });
export const toMessages = (filter: Asked = {}) => address('/find', filter);
export const toSilence = (name: string) => address('/quiet', { name });
export const toDestinations = (asked: Asked = {}) => address('/delivery', asked);
export const toHealth = () => '/health';

/** What MUTT raises itself, `mutt/pattern`, has no rule that could be looked at. */
export function toRule(id: string): string | undefined {
  return id.startsWith('mutt/') ? undefined : `/rules/${encodeURIComponent(id)}`;
}
