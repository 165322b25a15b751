// The groups of paths that a key may be narrowed to: the first parts of the API's paths.
export const SCOPES = [
  'alerts',
  'audit',
  'backtests',
  'drills',
  'explain',
  'hours',
  'inventory',
  'keys',
  'maintenance',
  'messages',
  'mibs',
  'noise',
  'patterns',
  'quiet',
  'revisions',
  'rules',
  'settings',
  'silences',
  'status',
  'teams',
  'users',
];

export const ROLES = [
  { value: 'viewer', label: 'viewer: reads' },
  { value: 'operator', label: 'operator: and works on alerts, silences' },
  { value: 'author', label: 'author: and changes rules, decides on patterns' },
  { value: 'admin', label: 'admin: and users, keys, inventory, settings' },
];
