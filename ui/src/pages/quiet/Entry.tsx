// One silence, or one time of a maintenance window, on a day of the calendar: an icon, its name, its hours.
import { IconTool, IconVolumeOff } from '@tabler/icons-react';
import classes from './Quiet.module.css';
import { type Item, type Placed, hoursWords } from './calendar';

interface EntryProps {
  placed: Placed;
  className?: string;
  style?: React.CSSProperties;
  onOpen: (item: Item) => void;
}

export function Entry({ placed, className, style, onOpen }: EntryProps) {
  const { item } = placed;
  const Mark = item.kind === 'silence' ? IconVolumeOff : IconTool;
  const what = item.kind === 'silence' ? 'Silence' : 'Maintenance';
  return (
    <button
      type="button"
      data-kind={item.kind}
      className={className === undefined ? classes.entry : `${classes.entry} ${className}`}
      style={style}
      title={`${what} ${item.name}, ${hoursWords(placed)}: ${item.reason} (${item.owner})`}
      onClick={() => onOpen(item)}
    >
      <Mark size={13} aria-hidden />
      <span className={classes.entryText}>
        <span className="sr-only">{what} </span>
        {item.name} <span className="tabular">{hoursWords(placed)}</span>
      </span>
    </button>
  );
}
