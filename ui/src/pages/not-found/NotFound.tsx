// There is no such page.
import { Anchor } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { Link, useLocation } from 'react-router';
import { Empty } from '@/shared/Empty';
import { PageHead } from '@/shared/PageHead';

export function NotFound() {
  const { pathname } = useLocation();
  return (
    <>
      <PageHead title="No such page" />
      <Empty
        title="Nothing is here"
        icon={IconMapOff}
        action={
          <Anchor component={Link} to="/">
            To the open alerts
          </Anchor>
        }
      >
        <code>{pathname}</code> is no page of MUTT. The link may be of another version, or cut off.
      </Empty>
    </>
  );
}
