// What else can be done with a rule: copy it, take it away.
import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCopyPlus, IconTrash } from '@tabler/icons-react';
import { Link, useNavigate } from 'react-router';
import { useAskAgain } from '@/api/query';
import { Confirm } from '@/shared/Confirm';
import type { Permission } from '@/shared/permission';
import { keepDraft } from '@/shared/ruleDraft';
import { type RuleView, deleteRule } from '../api';
import { toCopyOf } from '@/shared/links';

interface RuleActionsProps {
  id: string;
  view: RuleView;
  may: Permission;
  onGone: () => void;
}

export function RuleActions({ id, view, may, onGone }: RuleActionsProps) {
  const [asks, ask] = useDisclosure(false);
  const again = useAskAgain();
  const navigate = useNavigate();
  const remove = async (why: string) => {
    await deleteRule(id, view.revision, why);
    keepDraft(id, null);
    onGone();
    await navigate('/rules');
    await again(['/rules', '/revisions']);
  };
  return (
    <>
      <Button component={Link} to={toCopyOf(id)} variant="default" leftSection={<IconCopyPlus size={14} aria-hidden />}>
        Copy as new
      </Button>
      <Button variant="default" color="red" leftSection={<IconTrash size={14} aria-hidden />} disabled={!may.allowed} title={may.why} onClick={ask.open}>
        Delete
      </Button>
      <Confirm opened={asks} onClose={ask.close} title={`Delete ${id}?`} confirm="Delete it" isDanger asksWhy onConfirm={remove}>
        <Text size="sm" mb="xs">
          Its messages go to the next rule that wants them, or to the unknown. Revisions keep it: it can be brought back.
        </Text>
      </Confirm>
    </>
  );
}
