//! How old the oldest message is that a reader has not done. From: cursors, and the journal at them.
//! To: metrics, and people.

use std::collections::BTreeMap;
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::{Lane, LaneReader, Position, ReadBatch};
use mutt_store::Cursor;

/// The age by reader; none waits: zero. It reads from the journal, perhaps from a disk.
pub fn oldest_unread<L: Lane>(
    lanes: &[L],
    cursors: &[Cursor],
    readers: &[String],
    at: Timestamp,
) -> BTreeMap<String, Duration> {
    let mut oldest = BTreeMap::new();
    for reader in readers {
        let of_lanes = lanes.iter().filter_map(|lane| {
            let of = lane.partitions();
            let mine =
                |cursor: &&Cursor| cursor.reader == *reader && of.contains(&cursor.partition);
            let lowest = cursors.iter().filter(mine).map(|cursor| cursor.position).min()?;
            let lowest = Position(lowest);
            (lowest < lane.end()).then(|| age(lane, lowest, at))
        });
        oldest.insert(reader.clone(), of_lanes.max().unwrap_or_default());
    }
    oldest
}

fn age<L: Lane>(lane: &L, from: Position, at: Timestamp) -> Duration {
    let mut batch = ReadBatch::default();
    // An unreadable journal is said by its readers; the age is then not known.
    if lane.reader(from).read(1, &mut batch).is_err() {
        return Duration::ZERO;
    }
    batch.records().next().map_or(Duration::ZERO, |record| at.since(record.time))
}
