// An alert's life, the newest first; events in a row are one line that opens to their messages.
import { Anchor } from '@mantine/core';
import {
  type Icon,
  IconAlertTriangle,
  IconBell,
  IconBellOff,
  IconCheck,
  IconCircleDot,
  IconHistory,
  IconMessage,
  IconPoint,
  IconRefresh,
  IconSend,
  IconStack2,
  IconUser,
} from '@tabler/icons-react';
import type { CSSProperties } from 'react';
import { Link } from 'react-router';
import { Raw } from '@/shared/Raw';
import { formatExact, plural } from '@/shared/format';
import { toMessage } from '@/shared/links';
import classes from './Alert.module.css';
import { type Group, type Kind, type Told, grouped } from './moments';

const ICONS: Record<Kind, Icon> = {
  opened: IconCircleDot,
  event: IconMessage,
  made_up_of: IconStack2,
  clear_event: IconCheck,
  reopened: IconRefresh,
  told: IconSend,
  quiet: IconBellOff,
  audible: IconBell,
  flapping: IconAlertTriangle,
  calm: IconHistory,
  ended: IconCheck,
  decided: IconUser,
  other: IconPoint,
};

export function TimeLine({ moments }: { moments: readonly Told[] }) {
  return (
    <ol className={classes.line}>
      {grouped(moments)
        .toReversed()
        .map((group) => (
          <Line key={group.key} group={group} />
        ))}
    </ol>
  );
}

function Line({ group: { first, more } }: { group: Group }) {
  const Mark = ICONS[first.kind];
  return (
    <li className={classes.moment}>
      <span className={classes.mark} style={{ '--tone': `var(--tone-${first.tone})` } as CSSProperties}>
        <Mark size={13} aria-hidden />
      </span>
      <One moment={first} />
      {more.length > 0 && (
        <details>
          <summary className={classes.summary}>and {plural(more.length, 'more event')} like it</summary>
          {more.map((one) => (
            <One key={`${one.at} ${one.words}`} moment={one} />
          ))}
        </details>
      )}
    </li>
  );
}

function One({ moment }: { moment: Told }) {
  return (
    <>
      <div className={classes.words}>
        <span className={classes.said}>{moment.words}</span>
        <time dateTime={moment.at} className={classes.at}>
          {formatExact(moment.at)}
        </time>
      </div>
      {moment.raw !== null && <Raw text={moment.raw} what={`the message of: ${moment.words}`} />}
      {moment.ids.map((id) => (
        <Anchor key={id} component={Link} to={toMessage(id)} size="xs">
          Its way from packet to page<span className="sr-only">, message {id}</span>
        </Anchor>
      ))}
    </>
  );
}
