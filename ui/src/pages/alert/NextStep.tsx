// What to do: the runbook, and what the rule's author noted.
import { Anchor, Stack, Text } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { useGet } from '@/api/query';
import { toRule } from '@/shared/links';

export function NextStep({ alert }: { alert: Schemas['AlertView'] }) {
  const to = toRule(alert.rule);
  const { data } = useGet('/rules/{id}', { path: { id: alert.rule } }, { enabled: to !== undefined });
  const runbook = alert.runbook ?? data?.rule.runbook;
  const { note, owner } = data?.rule ?? {};
  return (
    <Stack gap="xs">
      {runbook != null && runbook !== '' ? (
        <Runbook text={runbook} />
      ) : (
        <Text size="sm" c="dimmed">
          The rule names no runbook.{' '}
          {to !== undefined && (
            <Anchor component={Link} to={to} inherit underline="always">
              Add one to {alert.rule}
            </Anchor>
          )}
        </Text>
      )}
      {note !== undefined && note !== '' && <Text size="sm">{note}</Text>}
      {to === undefined && <Text size="sm">MUTT raised it about itself or about what it saw: {alert.reason}.</Text>}
      {alert.taken_by != null ? (
        <Text size="sm">{alert.taken_by} works on it.</Text>
      ) : (
        alert.state === 'open' && <Text size="sm">Nobody works on it: “Take” says that you do.</Text>
      )}
      {owner !== undefined && owner !== '' && (
        <Text size="xs" c="dimmed">
          The rule is of {owner}.
        </Text>
      )}
    </Stack>
  );
}

/** Only an address of the web becomes a link: rules are written by people. */
function Runbook({ text }: { text: string }) {
  if (!/^https?:\/\//.test(text)) return <Text size="sm">{text}</Text>;
  return (
    <Anchor href={text} target="_blank" rel="noreferrer" size="sm" fw={600}>
      Runbook: {text} <IconExternalLink size={14} aria-label="opens another page" />
    </Anchor>
  );
}
