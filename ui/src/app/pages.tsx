// All pages: from this table come the routes, the navigation, and the keys `g …`. A page that is not
// written is not in it.
import {
  type Icon,
  IconBellRinging,
  IconHelpHexagon,
  IconMapPin,
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
  /** After `g`: leads here. */
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
    path: '/quiet',
    title: 'Quiet',
    icon: IconVolumeOff,
    group: 'Operate',
    role: 'viewer',
    key: 'q',
    load: () => import('@/pages/quiet/Quiet'),
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
    path: '/settings',
    title: 'Settings',
    icon: IconSettings,
    group: 'Administer',
    role: 'viewer',
    key: 's',
    load: () => import('@/pages/settings/Settings'),
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
];

export function isInNavigation(page: Page): boolean {
  return !page.path.includes(':');
}
