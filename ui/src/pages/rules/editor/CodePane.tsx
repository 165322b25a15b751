// The code beside the form: which format, how to leave it by the keyboard, and the editor itself, which is loaded late.
import { Group, SegmentedControl, Text } from '@mantine/core';
import { Suspense, lazy, useId } from 'react';
import { Loading } from '@/shared/Loading';
import type { Format } from '../model/text';
import classes from './Editor.module.css';
import type { Checks } from './useChecks';
import type { Draft } from './useDraft';

const Code = lazy(() => import('./Code'));

const FORMATS = [
  { value: 'yaml', label: 'YAML' },
  { value: 'json', label: 'JSON' },
];

interface CodePaneProps {
  draft: Draft;
  checks: Checks;
  isReadOnly: boolean;
  goTo: { line: number } | null;
}

export function CodePane({ draft, checks, isReadOnly, goTo }: CodePaneProps) {
  const keys = useId();
  return (
    <section aria-label="Code" className={classes.card}>
      <Group justify="space-between" className={classes.cardHead} wrap="nowrap">
        <Text size="xs" c="dimmed" id={keys}>
          Tab indents. To leave by the keyboard press Escape, then Tab.
        </Text>
        <SegmentedControl
          flex="none"
          aria-label="Format of the code"
          data={FORMATS}
          value={draft.format}
          disabled={draft.parsed.value === null}
          onChange={(format) => draft.setFormat(format as Format)}
        />
      </Group>
      <Suspense fallback={<Loading what="the code" lines={8} />}>
        <Code
          text={draft.text}
          format={draft.format}
          isReadOnly={isReadOnly}
          faults={checks.faults}
          warnings={checks.warnings}
          describedBy={keys}
          goTo={goTo}
          onChange={draft.setText}
        />
      </Suspense>
    </section>
  );
}
