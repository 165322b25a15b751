// Something did not work: what was wrong, where, what to do, and a way to try again.
import { Alert, Button, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import { type Fault, asProblem } from '@/api/problem';

/** Where a fault is, in words: `rule link-down, when.any[1], line 4`. */
function place(fault: Fault): string {
  const item = [fault.kind === 'request' ? null : fault.kind, fault.name].filter(Boolean).join(' ');
  const line = fault.line === undefined || fault.line === null ? null : `line ${fault.line}`;
  return [item, fault.path, line].filter(Boolean).join(', ');
}

function advice(status: number): string | null {
  if (status === 403) return 'Your role or your teams do not allow this. An admin can change that under Users.';
  if (status === 409) return 'Something else is so by now: look at it again first.';
  if (status === 412) return 'Somebody was faster: load it again, and make your change to what is there now.';
  if (status >= 500) return 'It is MUTT’s fault, not yours: its log has more, and Health shows what is wrong.';
  return null;
}

interface FailedProps {
  error: unknown;
  /** What did not work: `The alerts could not be loaded`. */
  what?: string;
  onRetry?: () => void;
}

export function Failed({ error, what, onRetry }: FailedProps) {
  const problem = asProblem(error);
  const toDo = advice(problem.status);
  return (
    <Alert
      role="alert"
      color="red"
      variant="outline"
      icon={<IconAlertTriangle aria-hidden />}
      title={what ?? problem.title}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{what === undefined ? problem.detail : problem.message}</Text>
        {problem.errors.length > 0 && (
          <List size="sm" spacing={2}>
            {problem.errors.map((fault) => (
              <List.Item key={`${place(fault)} ${fault.message}`}>
                {place(fault) !== '' && <code>{place(fault)}</code>} {fault.message}
              </List.Item>
            ))}
          </List>
        )}
        {toDo !== null && (
          <Text size="sm" c="dimmed">
            {toDo}
          </Text>
        )}
        {onRetry !== undefined && (
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
