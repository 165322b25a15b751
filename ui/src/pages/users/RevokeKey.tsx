// Takes a key away: from then on it opens nothing.
import { Text } from '@mantine/core';
import { api } from '@/api/client';
import { useChange } from '@/api/query';
import { Confirm } from '@/shared/Confirm';

export function RevokeKey({ name, onClose }: { name: string | null; onClose: () => void }) {
  const revoke = useChange({
    change: ({ key, why }: { key: string; why: string }) =>
      api.DELETE('/keys/{name}', {
        params: { path: { name: key }, query: { why: why || undefined } },
        headers: { 'If-Match': '*' },
      }),
    changes: ['/keys', '/audit', '/revisions'],
  });
  return (
    <Confirm
      opened={name !== null}
      onClose={onClose}
      title={`Revoke the key ${name ?? ''}?`}
      confirm="Revoke it"
      isDanger
      asksWhy
      onConfirm={(why) => revoke.mutateAsync({ key: name ?? '', why })}
    >
      <Text size="sm">Whatever uses it is refused within two seconds. It cannot be brought back.</Text>
    </Confirm>
  );
}
