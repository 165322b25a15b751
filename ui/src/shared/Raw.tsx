// A message as it came: monospace, wrapped or not, with control characters to be seen.
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconTextWrap, IconTextWrapDisabled } from '@tabler/icons-react';
import { useState } from 'react';
import { Copy } from './Copy';
import classes from './Raw.module.css';
import { visible } from './raw';

interface RawProps {
  text: string;
  /** What it is, for screen readers and the copy button. */
  what?: string;
}

export function Raw({ text, what = 'the message' }: RawProps) {
  const [wrap, setWrap] = useState(true);
  const Mark = wrap ? IconTextWrap : IconTextWrapDisabled;
  return (
    <div className={classes.frame}>
      {/* Long lines scroll, so the keyboard has to get here. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={classes.text} data-wrap={wrap} tabIndex={0} role="group" aria-label={what}>
        {visible(text)}
      </pre>
      <div className={classes.tools}>
        <Tooltip label={wrap ? 'Do not wrap' : 'Wrap'}>
          <ActionIcon variant="subtle" color="gray" aria-label="Wrap lines" aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
            <Mark size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <Copy text={text} what={what} />
      </div>
    </div>
  );
}
