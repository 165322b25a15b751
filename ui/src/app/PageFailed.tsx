// A page threw, or its code could not be loaded: mostly since another version is served by now.
import { Box } from '@mantine/core';
import { useRouteError } from 'react-router';
import { Failed } from '@/shared/Failed';
import { PageHead } from '@/shared/PageHead';

export function PageFailed() {
  const error = useRouteError();
  return (
    <>
      <PageHead title="This page failed" />
      <Failed error={error} what="The page could not be shown: load it again" onRetry={() => window.location.reload()} />
    </>
  );
}

/** The same without the frame around it. */
export function RootFailed() {
  return (
    <Box component="main" p="lg" maw="50rem" mx="auto">
      <PageFailed />
    </Box>
  );
}
