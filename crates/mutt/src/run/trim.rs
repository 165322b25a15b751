//! The journal in Redis is trimmed by one process: the one that correlates.
//!
//! From: the cursors in the database. To: each lane, up to the lowest that any reader still wants.

use std::sync::Arc;
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::{Lane, Position, RedisJournal};
use mutt_pipeline::CORRELATE;
use mutt_store::{Cursor, Database, SqlStore};
use tokio_util::sync::CancellationToken;

use super::fleet::readers;
use crate::config::Settings;
use crate::status::Status;

/// How often.
const EVERY: Duration = Duration::from_secs(1);

/// Trims until `stop`, as long as this process is the one that does.
pub async fn run(
    journal: RedisJournal,
    (store, status): (SqlStore, Status),
    settings: Arc<Settings>,
    stop: CancellationToken,
) {
    let readers = readers(&settings);
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        if !status.holds(CORRELATE) {
            continue;
        }
        // Without the database nobody knows what is still wanted: nothing goes.
        let Ok(cursors) = store.cursors().await else { continue };
        for lane in journal.lanes() {
            let lowest = lowest(&cursors, &readers, lane.partitions().start);
            // No time of this machine's own: the server's clock gave the append times.
            let now = lane.nothing_older_than(Timestamp::ZERO);
            if let Err(error) = journal.trim(lane, lowest, now).await {
                tracing::warn!(%error, "journal: trim will be tried again");
            }
        }
    }
}

/// The lowest position of a partition that a reader still wants; one without a cursor wants all.
fn lowest(cursors: &[Cursor], readers: &[String], partition: u16) -> Position {
    let of = |reader: &String| {
        let is_it = |cursor: &&Cursor| cursor.reader == *reader && cursor.partition == partition;
        cursors.iter().find(is_it).map_or(1, |cursor| cursor.position)
    };
    Position(readers.iter().map(of).min().unwrap_or(1))
}
