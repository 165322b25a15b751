// All pages: from this table come the routes, the navigation, and the keys `g …`. A page that is not
// written is not in it.
import { type Icon, IconBellRinging, IconMailSearch } from '@tabler/icons-react';
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
];

export function isInNavigation(page: Page): boolean {
  return !page.path.includes(':');
}
