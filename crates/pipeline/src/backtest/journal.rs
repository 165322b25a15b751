//! The journal's past as messages. From: a reader of its own. To: the two sets.
//!
//! As the judge does, it leaves out its senders' repeats. To know those of its first messages it
//! reads the minutes before them too. A message that may be a repeat is decided by what stands
//! behind it in its batch and in the next; one that is open even then counts as new.

use std::ops::Range;
use std::time::Duration;

use mutt_event::{Envelope, Timestamp};
use mutt_journal::{Lane, LaneReader, Position, ReadBatch, ReadError};

use super::Settings;
use super::source::{Message, Progress, Source};
use crate::repeats::{Decision, Repeats};

pub(super) struct FromJournal<L: Lane> {
    reader: L::Reader,
    batch: ReadBatch,
    /// The batch behind, if it had to be looked at.
    ahead: Option<ReadBatch>,
    repeats: Repeats,
    /// Where it begins to read,
    start: Position,
    /// to judge so that windows are full,
    warm: Position,
    /// to count,
    from: Position,
    /// and where it ends.
    to: Position,
    /// Everything below is done.
    done: Position,
    begins: Timestamp,
    repeated: u64,
    unreadable: u64,
}

impl<L: Lane> FromJournal<L> {
    pub fn new(
        journal: &L,
        range: Range<Position>,
        window: Duration,
        settings: &Settings,
    ) -> Result<Self, ReadError> {
        let to = range.end.min(journal.end());
        let from = range.start.max(Position::FIRST).min(to);
        let first = first_time(journal, from)?;
        let back = |time: Timestamp| Ok(journal.seek_time(time)?.min(from));
        let warm = first.map_or(Ok(from), |time| back(time.before(window)))?;
        let begins = first_time(journal, warm)?;
        let repeats = settings.repeats.window;
        let start = begins.map_or(Ok(warm), |time| back(time.before(repeats)))?.min(warm);
        Ok(Self {
            reader: journal.reader(start),
            batch: ReadBatch::default(),
            ahead: None,
            repeats: Repeats::new(settings.repeats.clone()),
            start,
            begins: begins.unwrap_or_default(),
            warm,
            from,
            to,
            done: start,
            repeated: 0,
            unreadable: 0,
        })
    }

    /// The next batch, with all that has to be seen to know its repeats.
    fn read(&mut self, bytes: usize) -> Result<(), ReadError> {
        match self.ahead.take() {
            Some(ahead) => self.batch = ahead,
            None => {
                // After an error it stands where it stood.
                self.reader.seek(self.done);
                self.reader.read(bytes, &mut self.batch)?;
            }
        }
        self.repeats.see_all(&self.batch);
        if self.repeats.hold_ends().is_some() {
            let mut ahead = ReadBatch::default();
            self.reader.seek(self.batch.next());
            self.reader.read(bytes, &mut ahead)?;
            self.repeats.see_all(&ahead);
            self.ahead = Some(ahead);
        }
        Ok(())
    }

    fn count_lost(&mut self, lost: &[Range<Position>]) {
        for lost in lost {
            let (start, end) = (lost.start.max(self.from), lost.end.min(self.to));
            self.unreadable += end.0.saturating_sub(start.0);
        }
    }
}

impl<L: Lane> Source for FromJournal<L> {
    fn next(&mut self, bytes: usize, judge: &mut dyn FnMut(&Message<'_>)) -> Result<(), ReadError> {
        if self.done >= self.to {
            return Ok(());
        }
        self.read(bytes)?;
        let batch = std::mem::take(&mut self.batch);
        for record in batch.records() {
            if record.position < self.warm || record.position >= self.to {
                continue;
            }
            let warms_up = record.position < self.from;
            let Ok(envelope) = Envelope::decode(record.payload) else {
                self.unreadable += u64::from(!warms_up);
                continue;
            };
            if Repeats::concerns(&envelope)
                && self.repeats.decision(record.position) == Decision::Repeat
            {
                self.repeated += u64::from(!warms_up);
                continue;
            }
            let (id, at) = (record.id(), record.time);
            judge(&Message { id, at, envelope, line: None, warms_up });
        }
        self.count_lost(batch.lost());
        self.repeats.done_before(batch.next());
        // Nothing more stands there only if the journal has become shorter than it was.
        self.done = if batch.is_empty() { self.to } else { batch.next().min(self.to) };
        self.batch = batch;
        Ok(())
    }

    fn progress(&self) -> Progress {
        Progress { done: self.done.0 - self.start.0, total: self.to.0 - self.start.0 }
    }

    fn begins(&self) -> Timestamp {
        self.begins
    }

    fn repeated(&self) -> u64 {
        self.repeated
    }

    fn unreadable(&self) -> u64 {
        self.unreadable
    }
}

/// When the first message from `at` on was appended.
fn first_time<L: Lane>(journal: &L, at: Position) -> Result<Option<Timestamp>, ReadError> {
    let mut batch = ReadBatch::default();
    journal.reader(at).read(1, &mut batch)?;
    Ok(batch.records().next().map(|record| record.time))
}
