// Signing in by a password, or at a provider of OpenID Connect. From: a person. To: POST /session, and
// then the page that they wanted.
import { Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core';
import { IconLogin2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Navigate, useSearchParams } from 'react-router';
import { API_BASE } from '@/api/client';
import { ProblemError } from '@/api/problem';
import { hasProvider, keepWanted, localPath, useSession, useSessionChanges } from '@/api/session';
import { Door } from '@/app/Door';
import { Failed } from '@/shared/Failed';
import { useProblemForm } from '@/shared/form';

/** What is wrong in the words of somebody who signs in: the API speaks of headers, too. */
function told(problem: ProblemError): string {
  if (problem.status === 401) return 'The name or the password is wrong, or you may not sign in';
  if (problem.status === 429) return 'Too many attempts failed';
  return 'Not signed in';
}

export function SignIn() {
  const [params] = useSearchParams();
  const { data: session } = useSession();
  const wanted = localPath(params.get('to'));
  if (session !== undefined && session !== null) return <Navigate to={wanted} replace />;
  return (
    <Door title="Sign in">
      <Provider wanted={wanted} />
      <Password />
    </Door>
  );
}

function Password() {
  const { signIn } = useSessionChanges();
  const { form, onSubmit, isSending, problem } = useProblemForm({
    initialValues: { name: '', password: '' },
    send: async ({ name, password }) => {
      try {
        await signIn(name.trim(), password);
      } catch (error) {
        form.setFieldValue('password', '');
        throw error instanceof ProblemError ? worded(error) : error;
      }
    },
  });
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        {problem !== null && <Failed error={problem} />}
        <TextInput
          size="sm"
          label="Name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          {...form.getInputProps('name')}
        />
        <PasswordInput label="Password" autoComplete="current-password" required {...form.getInputProps('password')} />
        <Button type="submit" size="sm" loading={isSending}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}

function worded(error: ProblemError): ProblemError {
  const detail = error.status === 401 ? 'After five failures the name is locked for a while.' : error.detail;
  return new ProblemError(error.status, told(error), detail, error.errors, error.retryAfterSeconds);
}

function Provider({ wanted }: { wanted: string }) {
  const { data: isThere } = useQuery({
    queryKey: ['provider'],
    queryFn: ({ signal }) => hasProvider(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (isThere !== true) return null;
  return (
    <Stack>
      <Button
        component="a"
        href={`${API_BASE}/session/oidc`}
        size="sm"
        variant="default"
        leftSection={<IconLogin2 size={18} aria-hidden />}
        onClick={() => keepWanted(wanted)}
      >
        Sign in with your organisation
      </Button>
      <Divider label="or by a password here" />
    </Stack>
  );
}
