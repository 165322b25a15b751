//! Signals of all partitions in one order: by append time, then by partition and position.
//!
//! From: rows, of each partition in order, and how far in time its judge is. To: the correlator, one
//! signal after the other, as far as every judge has come.

use std::collections::VecDeque;
use std::ops::Range;

use mutt_alert::Signal;
use mutt_event::Timestamp;
use mutt_store::{Cursor, SIGNAL_ROWS_MAX, SignalRow, StoreError};

use crate::packed::{Packed, Plans, Run};

/// The order of all signals: append time, partition, position.
type Key = (Timestamp, u16, u64);

/// What waits of a row.
#[derive(Debug)]
enum Waiting {
    Signal(Box<Packed>),
    /// The row is done up to here.
    End(u64),
}

/// What is known of a partition.
#[derive(Debug)]
struct Line {
    partition: u16,
    /// What waits, in order.
    waiting: VecDeque<Waiting>,
    /// Where the rows end that it has taken in.
    rows_end: u64,
    /// Everything below is applied.
    done: u64,
    /// How far its judge is: all that it has not judged comes after that.
    judged: Key,
    /// All that is not taken in comes after that.
    bound: Key,
}

impl Line {
    fn take_in(&mut self, row: &SignalRow) -> Result<Vec<(String, Timestamp)>, StoreError> {
        if row.to <= self.rows_end {
            return Ok(Vec::new());
        }
        let run = Run::read(&row.body)?;
        let is_new = |packed: &Packed| packed.position() >= self.done;
        self.waiting
            .extend(run.signals.into_iter().filter(is_new).map(Box::new).map(Waiting::Signal));
        self.waiting.push_back(Waiting::End(row.to));
        self.rows_end = row.to;
        Ok(run.heard)
    }

    /// The key of what waits first; the end of a row waits for nobody.
    fn first(&self) -> Option<Key> {
        match self.waiting.front()? {
            Waiting::Signal(packed) => Some((packed.at(), self.partition, packed.position())),
            Waiting::End(_) => Some((Timestamp::ZERO, 0, 0)),
        }
    }
}

/// The lines of all partitions.
#[derive(Debug)]
pub(super) struct Merge {
    lines: Vec<Line>,
    heard: Vec<(String, Timestamp)>,
}

impl Merge {
    /// Of these partitions, each done up to a position.
    pub fn new(partitions: Range<u16>, done: impl Iterator<Item = u64>) -> Self {
        let line = |(partition, done)| Line {
            partition,
            waiting: VecDeque::new(),
            rows_end: done,
            done,
            judged: (Timestamp::ZERO, partition, 0),
            bound: (Timestamp::ZERO, partition, 0),
        };
        Self { lines: partitions.zip(done).map(line).collect(), heard: Vec::new() }
    }

    /// Takes in how far the judges are; rows are read after that.
    pub fn reached(&mut self, cursors: &[Cursor], judge: &str) {
        for cursor in cursors.iter().filter(|cursor| cursor.reader == judge) {
            if let Some(line) = self.line(cursor.partition) {
                line.judged = (cursor.time, cursor.partition, cursor.position);
            }
        }
    }

    fn line(&mut self, partition: u16) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.partition == partition)
    }

    /// Takes in rows: of each partition the first that are not taken away yet.
    pub fn add(&mut self, rows: Vec<SignalRow>) -> Result<(), StoreError> {
        self.lines.iter_mut().for_each(|line| line.bound = line.judged);
        let of_one = rows.chunk_by(|one, next| one.partition == next.partition);
        for rows in of_one {
            let [.., last] = rows else { continue };
            let Some(line) = self.line(last.partition) else { continue };
            if rows.len() >= SIGNAL_ROWS_MAX as usize {
                // There may be more, behind this one.
                line.bound = line.bound.min((last.time, last.partition, last.to));
            }
            let mut heard = Vec::new();
            for row in rows {
                heard.extend(line.take_in(row)?);
            }
            self.heard.extend(heard);
        }
        Ok(())
    }

    /// When watched hosts were heard, by the rows taken in since the last call.
    pub fn take_heard(&mut self) -> Vec<(String, Timestamp)> {
        std::mem::take(&mut self.heard)
    }

    fn bound(&self) -> Key {
        self.lines.iter().map(|line| line.bound).min().unwrap_or_default()
    }

    /// The time that every judge has reached and all rows tell.
    pub fn time(&self) -> Timestamp {
        self.bound().0
    }

    /// The partition whose judge is least far in time, and that time.
    pub fn slowest(&self) -> (u16, Timestamp) {
        let slowest = self.lines.iter().min_by_key(|line| line.judged);
        slowest.map(|line| (line.partition, line.judged.0)).unwrap_or_default()
    }

    /// The time of what comes first: nothing that is applied later is older.
    pub fn begins(&self) -> Timestamp {
        let waiting = self.lines.iter().flat_map(|line| &line.waiting);
        let first = waiting.filter_map(|waiting| match waiting {
            Waiting::Signal(packed) => Some(packed.at()),
            Waiting::End(_) => None,
        });
        first.chain([self.time()]).min().unwrap_or_default()
    }

    /// The next signal, and whether it is a shadow rule's; none: a judge has to go on first. One
    /// whose rule is gone is left out.
    pub fn next(&mut self, plans: &Plans) -> Option<(Signal, bool)> {
        let bound = self.bound();
        loop {
            let firsts = self.lines.iter_mut().filter_map(|line| Some((line.first()?, line)));
            let (first, line) = firsts.min_by_key(|(first, _)| *first)?;
            if first >= bound && first.0 > Timestamp::ZERO {
                return None;
            }
            match line.waiting.pop_front()? {
                Waiting::End(to) => line.done = to,
                Waiting::Signal(packed) => {
                    line.done = packed.position() + 1;
                    if let Some(found) = packed.unpack(plans) {
                        return Some(found);
                    }
                }
            }
        }
    }

    /// Up to where each partition is applied.
    pub fn done(&self) -> impl Iterator<Item = u64> {
        self.lines.iter().map(|line| line.done)
    }
}
