// From the table of pages to routes. Each page's code is loaded when somebody goes there.
import { createBrowserRouter } from 'react-router';
import { SignIn } from '@/pages/sign-in/SignIn';
import { NotFound } from '@/pages/not-found/NotFound';
import { Frame } from './Frame';
import { PAGES, type Page } from './pages';
import { PageGuard } from './PageGuard';
import { PageFailed, RootFailed } from './PageFailed';

function route(page: Page) {
  return {
    path: page.path,
    errorElement: <PageFailed />,
    lazy: async () => {
      const { default: Shown } = await page.load();
      const Component = () => (
        <PageGuard page={page}>
          <Shown />
        </PageGuard>
      );
      return { Component };
    },
  };
}

export function makeRouter() {
  return createBrowserRouter([
    { path: '/sign-in', element: <SignIn />, errorElement: <RootFailed /> },
    {
      element: <Frame />,
      errorElement: <RootFailed />,
      hydrateFallbackElement: <div />,
      children: [...PAGES.map(route), { path: '*', element: <NotFound /> }],
    },
  ]);
}
