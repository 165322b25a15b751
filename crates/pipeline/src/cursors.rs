//! A reader's cursors in memory: one for each partition of a lane, all moved together to one
//! position of it.
//!
//! From: the database, when a worker claims them. To: the same, as [`CursorMove`]s in a change.
//!
//! A lane's positions are dense over its partitions and one worker owns all of them, so a
//! commit moves every cursor to the same position: 16 small rows, and the lowest cursor, which
//! the trimming waits for, is never held back by a partition that receives nothing.

use std::ops::Range;

use mutt_event::Timestamp;
use mutt_journal::Position;
use mutt_store::{Counts, CursorMove, Database, Outcome, StoreError};

/// The cursors of one reader, with the counts of what is done but perhaps not committed yet.
#[derive(Debug)]
pub(crate) struct Cursors {
    reader: String,
    /// The first partition.
    first: u16,
    rows: Vec<Row>,
    /// What was told last when it was claimed: nothing behind is older.
    time: Timestamp,
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
        partitions: Range<u16>,
    ) -> Result<Self, StoreError> {
        let count = partitions.len();
        let mut claimed = database.claim(reader, journal, partitions.clone()).await?;
        claimed.sort_by_key(|cursor| cursor.partition);
        let time = claimed.iter().map(|cursor| cursor.time).max().unwrap_or_default();
        let rows = claimed
            .into_iter()
            .map(|cursor| Row {
                epoch: cursor.epoch,
                committed: cursor.position,
                counts: cursor.counts,
                told: cursor.counts,
            })
            .collect::<Vec<_>>();
        if rows.len() != count {
            return Err(StoreError::Damaged(format!(
                "reader `{reader}` has {} cursors of partitions {partitions:?}",
                rows.len()
            )));
        }
        Ok(Self { reader: reader.to_owned(), first: partitions.start, rows, time })
    }

    /// The first position that is not done in every partition.
    pub(crate) fn lowest(&self) -> Position {
        Position(self.rows.iter().map(|row| row.committed).min().unwrap_or(1).max(1))
    }

    /// When it was claimed nothing behind was older than this.
    pub(crate) fn time(&self) -> Timestamp {
        self.time
    }

    /// The first of its partitions.
    pub(crate) fn first(&self) -> u16 {
        self.first
    }

    /// Counts one message, unless that was committed before; answers whether it counted.
    pub(crate) fn count(&mut self, partition: u16, at: Position, outcome: Outcome) -> bool {
        let place = usize::from(partition.wrapping_sub(self.first));
        let Some(row) = self.rows.get_mut(place) else { return false };
        if at.0 < row.committed {
            return false;
        }
        row.counts.add(outcome, 1);
        true
    }

    /// Counts positions that nobody can read any more. Their partition is not known; they stand
    /// in the first. Answers how many were counted.
    pub(crate) fn count_lost(&mut self, lost: &Range<Position>) -> u64 {
        let Some(row) = self.rows.first_mut() else { return 0 };
        let from = lost.start.0.max(row.committed);
        let count = lost.end.0.saturating_sub(from);
        row.counts.add(Outcome::Lost, count);
        count
    }

    /// Counts positions that the journal left free. Their partition is the lane's one.
    pub(crate) fn count_free(&mut self, free: &Range<Position>) {
        if let Some(row) = self.rows.first_mut() {
            let from = free.start.0.max(row.committed);
            row.counts.add(Outcome::Free, free.end.0.saturating_sub(from));
        }
    }

    /// The moves that bring every cursor to `to`, of which nothing behind is older than `time`.
    pub(crate) fn moves(&self, to: Position, time: Timestamp) -> Vec<CursorMove> {
        let mut moves = self.times(to, time);
        moves.retain(|step| step.from < step.to);
        moves
    }

    /// The same of every cursor, also if only its time moves.
    pub(crate) fn times(&self, to: Position, time: Timestamp) -> Vec<CursorMove> {
        let rows = self.rows.iter().zip(self.first..);
        let step = |(row, partition): (&Row, u16)| CursorMove {
            reader: self.reader.clone(),
            partition,
            epoch: row.epoch,
            from: row.committed,
            to: to.0.max(row.committed),
            time,
            counts: row.counts,
        };
        rows.map(step).collect()
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
