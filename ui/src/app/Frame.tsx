// Around all pages but the sign-in: who is signed in decides what there is.
import { Box } from '@mantine/core';
import { Navigate, useLocation } from 'react-router';
import { useState } from 'react';
import { takeWanted, useSession } from '@/api/session';
import { useLiveStream } from '@/api/refresh';
import { Failed } from '@/shared/Failed';
import { MustChange } from './MustChange';
import { Shell } from './Shell';

export function Frame() {
  const { data: session, error, isPending, refetch } = useSession();
  const { pathname, search } = useLocation();
  useLiveStream(session !== undefined && session !== null && !session.must_change);
  if (isPending) return null;
  if (error !== null && session === undefined) {
    return (
      <Box component="main" p="lg" maw="50rem" mx="auto">
        <title>No answer · MUTT</title>
        <Failed error={error} onRetry={() => void refetch()} />
      </Box>
    );
  }
  if (session === null || session === undefined) {
    return <Navigate to={`/sign-in?to=${encodeURIComponent(pathname + search)}`} replace />;
  }
  if (session.must_change) return <MustChange />;
  return pathname === '/' ? <Home /> : <Shell />;
}

/** A provider leads back to `/`: whoever wanted to go elsewhere before is led on. */
function Home() {
  const [wanted] = useState(takeWanted);
  return wanted !== null && wanted !== '/' ? <Navigate to={wanted} replace /> : <Shell />;
}
