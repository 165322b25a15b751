//! A reader's cursors in memory: one a partition, all moved together to one journal position.
//!
//! From: the database, when a worker claims them. To: the same, as [`CursorMove`]s in a change.
//!
//! The journal's positions are dense over all partitions and one worker owns all of them, so a
//! commit moves every cursor to the same position: 16 small rows, and the lowest cursor, which
//! the trimming waits for, is never held back by a partition that receives nothing.

use std::ops::Range;

use mutt_journal::Position;
use mutt_store::{Counts, CursorMove, Database, Outcome, StoreError};

/// The cursors of one reader, with the counts of what is done but perhaps not committed yet.
#[derive(Debug)]
pub(crate) struct Cursors {
    reader: String,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    epoch: u64,
    /// Where the database has it; everything below is counted already.
    committed: u64,
    counts: Counts,
    /// The counts at the last commit.
    told: Counts,
}

impl Cursors {
    /// Takes the reader's cursors over from whoever had them.
    pub(crate) async fn claim<B: Database>(
        database: &B,
        reader: &str,
        journal: &str,
        partitions: u16,
    ) -> Result<Self, StoreError> {
        let mut claimed = database.claim(reader, journal, partitions).await?;
        claimed.sort_by_key(|cursor| cursor.partition);
        let rows = claimed
            .into_iter()
            .map(|cursor| Row {
                epoch: cursor.epoch,
                committed: cursor.position,
                counts: cursor.counts,
                told: cursor.counts,
            })
            .collect::<Vec<_>>();
        if rows.len() != usize::from(partitions) {
            return Err(StoreError::Damaged(format!(
                "reader `{reader}` has {} cursors, but the journal has {partitions} partitions",
                rows.len()
            )));
        }
        Ok(Self { reader: reader.to_owned(), rows })
    }

    /// The first position that is not done in every partition.
    pub(crate) fn lowest(&self) -> Position {
        Position(self.rows.iter().map(|row| row.committed).min().unwrap_or(1).max(1))
    }

    /// Counts one message, unless that was committed before; answers whether it counted.
    pub(crate) fn count(&mut self, partition: u16, at: Position, outcome: Outcome) -> bool {
        let Some(row) = self.rows.get_mut(usize::from(partition)) else { return false };
        if at.0 < row.committed {
            return false;
        }
        row.counts.add(outcome, 1);
        true
    }

    /// Counts positions that nobody can read any more. Their partition is not known; they stand
    /// in partition 0. Answers how many were counted.
    pub(crate) fn count_lost(&mut self, lost: &Range<Position>) -> u64 {
        let Some(row) = self.rows.first_mut() else { return 0 };
        let from = lost.start.0.max(row.committed);
        let count = lost.end.0.saturating_sub(from);
        row.counts.add(Outcome::Lost, count);
        count
    }

    /// The moves that bring every cursor to `to`.
    pub(crate) fn moves(&self, to: Position) -> Vec<CursorMove> {
        let moves = self.rows.iter().zip(0u16..).filter(|(row, _)| row.committed < to.0);
        moves
            .map(|(row, partition)| CursorMove {
                reader: self.reader.clone(),
                partition,
                epoch: row.epoch,
                from: row.committed,
                to: to.0,
                counts: row.counts,
            })
            .collect()
    }

    /// The moves to `to` are true now; answers what became of the messages passed by them.
    pub(crate) fn committed(&mut self, to: Position) -> Counts {
        let mut done = Counts::default();
        for row in &mut self.rows {
            row.committed = row.committed.max(to.0);
            for ((outcome, now), (_, before)) in row.counts.iter().zip(row.told.iter()) {
                done.add(outcome, now.saturating_sub(before));
            }
            row.told = row.counts;
        }
        done
    }
}
