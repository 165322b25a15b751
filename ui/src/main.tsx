// Begins the app: theme, cache, routes.
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import './app/styles';
import { makeQueryClient } from './api/query';
import { watchSession } from './api/session';
import { cspNonce, shareNonce } from './app/nonce';
import { makeRouter } from './app/router';
import { theme, variables } from './app/theme';

shareNonce();
const cache = makeQueryClient();
watchSession(cache);
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={cspNonce}>
      <QueryClientProvider client={cache}>
        <Notifications position="bottom-right" />
        <RouterProvider router={makeRouter()} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
