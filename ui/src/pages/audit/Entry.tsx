// One entry of the audit: all of it, with before and after.
import { Drawer, Stack } from '@mantine/core';
import { Link } from 'react-router';
import { Changes, Lines } from '@/shared/Changes';
import { Copy } from '@/shared/Copy';
import { linesBetween } from '@/shared/change';
import { formatExact } from '@/shared/format';
import { toRevision } from '@/shared/links';
import classes from './Audit.module.css';
import { Done } from './columns';
import type { AuditView } from './filter';

export function Entry({ entry, onClose }: { entry: AuditView | null; onClose: () => void }) {
  return (
    <Drawer opened={entry !== null} onClose={onClose} position="right" size="lg" title={`Entry ${entry?.number ?? ''}`}>
      {entry !== null && <Shown entry={entry} />}
    </Drawer>
  );
}

function Shown({ entry }: { entry: AuditView }) {
  const { revision, items, before, after } = entry;
  const between = linesBetween(before, after);
  return (
    <Stack>
      <dl className={classes.facts}>
        <dt>When</dt>
        <dd className="tabular">{formatExact(entry.at)}</dd>
        <dt>Who</dt>
        <dd>{entry.who}</dd>
        <dt>From</dt>
        <dd className="mono">{entry.from || 'no address'}</dd>
        <dt>What</dt>
        <dd>
          {entry.what}, {entry.item} <Done done={entry.done} />
        </dd>
        <dt>Why</dt>
        <dd>{entry.why || 'not said'}</dd>
        {revision != null && (
          <>
            <dt>Revision</dt>
            <dd>
              <Link to={toRevision(revision)}>Revision {revision}</Link>: all of it, and the way back
            </dd>
          </>
        )}
        <dt>Hash</dt>
        <dd className="mono">
          {entry.hash} <Copy text={entry.hash} what="the hash" />
        </dd>
      </dl>
      {items.length > 0 && <Changes changes={items} />}
      <Lines lines={between} />
      {items.length === 0 && between.length === 0 && revision != null && (
        <p>It changed many items at once: the revision has them.</p>
      )}
    </Stack>
  );
}
