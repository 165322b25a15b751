// All pages: from this table come the routes, the navigation in its order, and the keys `g …`. A page that is
// not written is not in it.
import {
  type Icon,
  IconBellRinging,
  IconFilter,
  IconHeartbeat,
  IconHelpHexagon,
  IconHistory,
  IconListCheck,
  IconMailSearch,
  IconMailX,
  IconMapPin,
  IconScale,
  IconSend,
  IconServer,
  IconSettings,
  IconShieldSearch,
  IconUsers,
  IconUsersGroup,
  IconVolumeOff,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Role } from '@/api/session';

export interface Page {
  /** With parameters, `/alerts/:id`, it is reached from other pages and not in the navigation. */
  path: string;
  title: string;
  icon: Icon;
  group: Group;
  /** Who may see it; the API refuses others in any case. */
  role: Role;
  /** After `g`: leads here. No two pages have the same. */
  key?: string;
  load: () => Promise<{ default: ComponentType }>;
}

/** Whose pages they are, in the navigation's order. */
export const GROUPS = ['Operate', 'Engineer', 'Direct', 'Administer'] as const;
export type Group = (typeof GROUPS)[number];

export const PAGES: readonly Page[] = [
  {
    path: '/',
    title: 'Now',
    icon: IconBellRinging,
    group: 'Operate',
    role: 'viewer',
    key: 'n',
    load: () => import('@/pages/now/Now'),
  },
  {
    path: '/alerts/:id',
    title: 'Alert',
    icon: IconBellRinging,
    group: 'Operate',
    role: 'viewer',
    load: () => import('@/pages/alert/Alert'),
  },
  {
    path: '/find',
    title: 'Find a message',
    icon: IconMailSearch,
    group: 'Operate',
    role: 'viewer',
    key: 'f',
    load: () => import('@/pages/find/Find'),
  },
  {
    path: '/quiet',
    title: 'Quiet',
    icon: IconVolumeOff,
    group: 'Operate',
    role: 'viewer',
    key: 'q',
    load: () => import('@/pages/quiet/Quiet'),
  },
  {
    path: '/rules',
    title: 'Rules',
    icon: IconListCheck,
    group: 'Engineer',
    role: 'viewer',
    key: 'r',
    load: () => import('@/pages/rules/Rules'),
  },
  {
    path: '/rules/new/:from?',
    title: 'New rule',
    icon: IconListCheck,
    group: 'Engineer',
    role: 'author',
    load: () => import('@/pages/rules/editor/NewRule'),
  },
  {
    path: '/rules/import/:revision?',
    title: 'Import rules',
    icon: IconListCheck,
    group: 'Engineer',
    role: 'author',
    load: () => import('@/pages/rules/import/Import'),
  },
  {
    path: '/rules/:id',
    title: 'Rule',
    icon: IconListCheck,
    group: 'Engineer',
    role: 'viewer',
    load: () => import('@/pages/rules/editor/Editor'),
  },
  {
    path: '/unknown',
    title: 'Unknown',
    icon: IconHelpHexagon,
    group: 'Engineer',
    role: 'viewer',
    key: 'u',
    load: () => import('@/pages/unknown/Unknown'),
  },
  {
    path: '/unknown/:id',
    title: 'Unknown pattern',
    icon: IconHelpHexagon,
    group: 'Engineer',
    role: 'viewer',
    load: () => import('@/pages/unknown/Pattern'),
  },
  {
    path: '/revisions',
    title: 'Revisions',
    icon: IconHistory,
    group: 'Engineer',
    role: 'viewer',
    key: 'v',
    load: () => import('@/pages/revisions/Revisions'),
  },
  {
    path: '/revisions/:number',
    title: 'Revision',
    icon: IconHistory,
    group: 'Engineer',
    role: 'viewer',
    load: () => import('@/pages/revisions/Revision'),
  },
  {
    path: '/noise',
    title: 'Noise filtered',
    icon: IconFilter,
    group: 'Direct',
    role: 'viewer',
    key: 'o',
    load: () => import('@/pages/noise/Noise'),
  },
  {
    path: '/noise/:list',
    title: 'Alerts behind the numbers',
    icon: IconFilter,
    group: 'Direct',
    role: 'viewer',
    load: () => import('@/pages/noise/Alerts'),
  },
  {
    path: '/trust',
    title: 'Trust',
    icon: IconScale,
    group: 'Direct',
    role: 'viewer',
    key: 't',
    load: () => import('@/pages/trust/Trust'),
  },
  {
    path: '/delivery',
    title: 'Delivery',
    icon: IconSend,
    group: 'Administer',
    role: 'viewer',
    key: 'd',
    load: () => import('@/pages/delivery/Delivery'),
  },
  {
    path: '/delivery/:list',
    title: 'Notices',
    icon: IconMailX,
    group: 'Administer',
    role: 'viewer',
    load: () => import('@/pages/delivery/Letters'),
  },
  {
    path: '/inventory',
    title: 'Inventory',
    icon: IconServer,
    group: 'Administer',
    role: 'viewer',
    key: 'i',
    load: () => import('@/pages/inventory/Inventory'),
  },
  {
    path: '/inventory/locate/:host?',
    title: 'Where a host belongs',
    icon: IconMapPin,
    group: 'Administer',
    role: 'viewer',
    load: () => import('@/pages/inventory/Locate'),
  },
  {
    path: '/teams/:name?',
    title: 'Teams',
    icon: IconUsersGroup,
    group: 'Administer',
    role: 'viewer',
    load: () => import('@/pages/inventory/Teams'),
  },
  {
    path: '/users',
    title: 'Users',
    icon: IconUsers,
    group: 'Administer',
    role: 'admin',
    key: 'p',
    load: () => import('@/pages/users/Users'),
  },
  {
    path: '/audit',
    title: 'Audit',
    icon: IconShieldSearch,
    group: 'Administer',
    role: 'admin',
    key: 'a',
    load: () => import('@/pages/audit/Audit'),
  },
  {
    path: '/health',
    title: 'Health',
    icon: IconHeartbeat,
    group: 'Administer',
    role: 'viewer',
    key: 'h',
    load: () => import('@/pages/health/Health'),
  },
  {
    path: '/settings',
    title: 'Settings',
    icon: IconSettings,
    group: 'Administer',
    role: 'viewer',
    key: 's',
    load: () => import('@/pages/settings/Settings'),
  },
];

export function isInNavigation(page: Page): boolean {
  return !page.path.includes(':');
}
