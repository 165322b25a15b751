// The frame of the pages: head, navigation, and the page itself.
import { AppShell, Burger, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useEffect } from 'react';
import { Link, Outlet, useLocation, useNavigate, useNavigation } from 'react-router';
import { PAGE_TITLE_ID } from '@/shared/PageHead';
import { useShortcut, useShortcutKeys } from '@/shared/shortcuts';
import { Live } from './Live';
import { Navigation } from './Navigation';
import { Person } from './Person';
import { SchemeSwitch } from './SchemeSwitch';
import classes from './Shell.module.css';
import { ShortcutHelp } from './ShortcutHelp';
import { PAGES } from './pages';

const MAIN_ID = 'main';

export function Shell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const [helps, help] = useDisclosure(false);
  useShortcutKeys();
  useShortcut('?', 'All keys', help.open, 'Everywhere');
  useFocusOnPage(close);
  const isLeading = useNavigation().state !== 'idle';
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a href={`#${MAIN_ID}`} className={classes.skip}>
        Skip to the page
      </a>
      {PAGES.map((page) => page.key !== undefined && <PageKey key={page.path} keys={`g ${page.key}`} page={page} />)}
      <AppShell.Header className={classes.header}>
        <Group gap="xs" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label="Navigation"
            aria-expanded={opened}
          />
          <Link to="/" className={classes.brand}>
            <img src="/mutt.svg" alt="" width={24} height={24} />
            MUTT
          </Link>
        </Group>
        <Group gap="xs" wrap="nowrap">
          <Live />
          <SchemeSwitch />
          <Person onKeys={help.open} />
        </Group>
        {isLeading && <div className={classes.leading} role="progressbar" aria-label="Loading the page" />}
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label="Pages">
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id={MAIN_ID} tabIndex={-1} className={classes.main}>
        <div className={classes.page}>
          <Suspense>
            <Outlet />
          </Suspense>
        </div>
      </AppShell.Main>
      <ShortcutHelp opened={helps} onClose={help.close} />
    </AppShell>
  );
}

function PageKey({ keys, page }: { keys: string; page: { path: string; title: string } }) {
  const navigate = useNavigate();
  useShortcut(keys, page.title, () => void navigate(page.path), 'Go to');
  return null;
}

let shown: string | null = null;

/** Another page takes the focus to its title, which screen readers then read; not at the first one. */
function useFocusOnPage(onChange: () => void): void {
  const { pathname } = useLocation();
  useEffect(() => {
    const isFirst = shown === null;
    if (shown === pathname) return;
    shown = pathname;
    onChange();
    if (isFirst) return;
    window.scrollTo({ top: 0 });
    const target = document.getElementById(PAGE_TITLE_ID) ?? document.getElementById(MAIN_ID);
    target?.focus({ preventScroll: true });
  }, [pathname, onChange]);
}
