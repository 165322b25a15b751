// Whether changes come by themselves, and if not, since when.
import { Tooltip } from '@mantine/core';
import { IconAccessPointOff, IconPointFilled } from '@tabler/icons-react';
import { useLiveState } from '@/api/live';
import { formatAgo, formatClock } from '@/shared/format';
import { useTimed } from '@/shared/now';
import classes from './Live.module.css';

export function Live() {
  const { state, since_ms } = useLiveState();
  const ago = useTimed((now_ms) => formatAgo(since_ms, now_ms));
  if (state === 'live') {
    return (
      <Tooltip label={`Changes show at once, since ${formatClock(since_ms)}`}>
        <span className={classes.live} role="status">
          <IconPointFilled size={16} aria-hidden />
          live
        </span>
      </Tooltip>
    );
  }
  if (state !== 'broken') return null;
  return (
    <Tooltip label="No live changes at the moment: lists are asked again every 15 seconds">
      <span className={classes.broken}>
        <IconAccessPointOff size={16} aria-hidden />
        <span role="status">reconnecting</span>
        <span className={classes.since}>{ago === 'now' ? '' : `since ${formatClock(since_ms)}`}</span>
      </span>
    </Tooltip>
  );
}
