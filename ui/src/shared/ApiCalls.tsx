// The API calls behind a page: what a person sees, a program can have.
import { Anchor, Code, Group, Stack, Text } from '@mantine/core';
import classes from './ApiCalls.module.css';
import { Copy } from './Copy';
import { type ApiCall, curlLine, pathOf } from './curl';

export function ApiCalls({ calls }: { calls: readonly ApiCall[] }) {
  return (
    <Stack gap="xs" className={classes.calls}>
      {calls.map((call) => (
        <div key={`${call.method} ${pathOf(call)}`}>
          <Text size="xs" fw={600} className={classes.path}>
            {call.method} {pathOf(call)}
          </Text>
          <Group gap={4} wrap="nowrap">
            <Code className={classes.line}>{curlLine(call)}</Code>
            <Copy text={curlLine(call)} what="the curl line" />
          </Group>
        </div>
      ))}
      <Text size="xs" c="dimmed">
        MUTT_URL and MUTT_API_KEY are those of the command line; an admin makes keys. All paths:{' '}
        <Anchor href="/api/v1/openapi.json" inherit underline="always">
          openapi.json
        </Anchor>
      </Text>
    </Stack>
  );
}
