// The pages by whose they are. What the role does not open is not shown.
import { NavLink, ScrollArea, Text } from '@mantine/core';
import { Link, useLocation } from 'react-router';
import { useMe } from '@/api/session';
import { hasRole } from '@/shared/permission';
import classes from './Navigation.module.css';
import { GROUPS, PAGES, isInNavigation } from './pages';

function isHere(pathname: string, path: string): boolean {
  return path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`);
}

export function Navigation() {
  const me = useMe();
  const { pathname } = useLocation();
  const open = PAGES.filter((page) => isInNavigation(page) && hasRole(me, page.role));
  return (
    <ScrollArea className={classes.scroll} type="auto">
      {GROUPS.map((group) => {
        const pages = open.filter((page) => page.group === group);
        if (pages.length === 0) return null;
        return (
          <section key={group} aria-label={group} className={classes.group}>
            <Text className={classes.name} aria-hidden>
              {group}
            </Text>
            {pages.map((page) => (
              <NavLink
                key={page.path}
                component={Link}
                to={page.path}
                label={page.title}
                leftSection={<page.icon size={18} stroke={1.7} aria-hidden />}
                active={isHere(pathname, page.path)}
                aria-current={isHere(pathname, page.path) ? 'page' : undefined}
                className={classes.link}
              />
            ))}
          </section>
        );
      })}
    </ScrollArea>
  );
}
