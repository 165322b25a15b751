// A page is shown to whom it is for; others are told why not.
import { Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Empty } from '@/shared/Empty';
import { PageHead } from '@/shared/PageHead';
import { usePermission } from '@/shared/permission';
import type { Page } from './pages';

export function PageGuard({ page, children }: { page: Page; children: ReactNode }) {
  const { allowed, why } = usePermission(page.role);
  if (allowed) return children;
  return (
    <>
      <PageHead title={page.title} />
      <Empty title="This page is not for your role" icon={IconLock}>
        <Text size="sm">{why} An admin can change it.</Text>
      </Empty>
    </>
  );
}
