// Addresses that pages of rules link to. Pure.

export const toRule = (id: string) => `/rules/${encodeURIComponent(id)}`;
export const toCopyOf = (id: string) => `/rules/new/${encodeURIComponent(id)}`;
export const toMessage = (id: string) => `/find?id=${encodeURIComponent(id)}`;
export const toRevision = (number: number) => `/revisions/${number}`;
