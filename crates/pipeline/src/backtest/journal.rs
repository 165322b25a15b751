//! The journal's past as messages. From: a reader of its own. To: the two sets.
//!
//! As the judge does, it leaves out its senders' repeats. To know those of its first messages it
//! reads the minutes before them too. A message that may be a repeat is decided by what stands
//! behind it in its batch and in the next; one that is open even then counts as new.

use std::ops::Range;
use std::time::Duration;

use mutt_event::{Envelope, Timestamp};
use mutt_journal::{Lane, LaneReader, Position, ReadBatch, ReadError, Record};

use super::Settings;
use super::source::{Message, Progress, Source};
use crate::repeats::{Decision, Repeats};

/// One lane.
struct FromJournal<L: Lane> {
    reader: L::Reader,
    batch: ReadBatch,
    /// The record of it that comes next.
    place: usize,
    /// Whether it is not done.
    is_open: bool,
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
    unauthenticated: u64,
    unreadable: u64,
}

impl<L: Lane> FromJournal<L> {
    fn new(
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
            place: 0,
            is_open: false,
            ahead: None,
            repeats: Repeats::new(settings.repeats.clone()),
            start,
            begins: begins.unwrap_or_default(),
            warm,
            from,
            to,
            done: start,
            repeated: 0,
            unauthenticated: 0,
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

    /// When the next message was appended; none: there is none left.
    fn peek(&mut self, bytes: usize) -> Result<Option<Timestamp>, ReadError> {
        while self.place >= self.batch.len() {
            self.end_batch();
            if self.done >= self.to {
                return Ok(None);
            }
            self.read(bytes)?;
            self.place = 0;
            self.is_open = true;
        }
        Ok(self.batch.record(self.place).map(|record| record.time))
    }

    /// Has the next message judged, if it counts; answers its size in bytes.
    fn take(&mut self, judge: &mut dyn FnMut(&Message<'_>)) -> usize {
        let batch = std::mem::take(&mut self.batch);
        if let Some(record) = batch.record(self.place) {
            self.one(&record, judge);
        }
        let size = batch.record(self.place).map_or(0, |record| record.payload.len());
        self.place += 1;
        self.batch = batch;
        size
    }

    fn one(&mut self, record: &Record<'_>, judge: &mut dyn FnMut(&Message<'_>)) {
        if record.position < self.warm || record.position >= self.to {
            return;
        }
        let warms_up = record.position < self.from;
        let Ok(envelope) = Envelope::decode(record.payload) else {
            self.unreadable += u64::from(!warms_up);
            return;
        };
        if Repeats::concerns(&envelope)
            && self.repeats.decision(record.position) == Decision::Repeat
        {
            self.repeated += u64::from(!warms_up);
            return;
        }
        if envelope.usm.is_some_and(|usm| !usm.is_accepted()) {
            self.unauthenticated += u64::from(!warms_up);
            return;
        }
        let (id, at) = (record.id(), record.time);
        judge(&Message { id, at, envelope, line: None, warms_up });
    }

    /// All of the batch in hand is judged.
    fn end_batch(&mut self) {
        if !std::mem::take(&mut self.is_open) {
            return;
        }
        let lost = self.batch.lost().to_vec();
        self.count_lost(&lost);
        self.repeats.done_before(self.batch.next());
        // Nothing more stands there only if the journal has become shorter than it was.
        self.done = match self.batch.is_empty() {
            true => self.to,
            false => self.batch.next().min(self.to),
        };
    }

    fn count_lost(&mut self, lost: &[Range<Position>]) {
        for lost in lost {
            let (start, end) = (lost.start.max(self.from), lost.end.min(self.to));
            self.unreadable += end.0.saturating_sub(start.0);
        }
    }
}

/// The lanes of a journal, merged by append time.
pub(super) struct FromLanes<L: Lane>(Vec<FromJournal<L>>);

impl<L: Lane> FromLanes<L> {
    /// Each lane with the positions that are judged.
    pub fn new(
        lanes: &[(L, Range<Position>)],
        window: Duration,
        settings: &Settings,
    ) -> Result<Self, ReadError> {
        let of = |(lane, range): &(L, Range<Position>)| {
            FromJournal::new(lane, range.clone(), window, settings)
        };
        Ok(Self(lanes.iter().map(of).collect::<Result<_, _>>()?))
    }

    /// The lane whose next message comes first.
    fn first(&mut self, bytes: usize) -> Result<Option<&mut FromJournal<L>>, ReadError> {
        let mut first: Option<(Timestamp, usize)> = None;
        for (place, lane) in self.0.iter_mut().enumerate() {
            let next = lane.peek(bytes)?.map(|at| (at, place));
            first = first.into_iter().chain(next).min();
        }
        Ok(first.and_then(|(_, place)| self.0.get_mut(place)))
    }
}

impl<L: Lane> Source for FromLanes<L> {
    fn next(&mut self, bytes: usize, judge: &mut dyn FnMut(&Message<'_>)) -> Result<(), ReadError> {
        let mut done = 0;
        while done < bytes {
            let Some(lane) = self.first(bytes)? else { break };
            done += lane.take(judge);
        }
        Ok(())
    }

    fn progress(&self) -> Progress {
        let sum = |of: fn(&FromJournal<L>) -> u64| self.0.iter().map(of).sum();
        Progress {
            done: sum(|lane| lane.done.0 - lane.start.0),
            total: sum(|lane| lane.to.0 - lane.start.0),
        }
    }

    fn begins(&self) -> Timestamp {
        self.0.iter().map(|lane| lane.begins).min().unwrap_or_default()
    }

    fn repeated(&self) -> u64 {
        self.0.iter().map(|lane| lane.repeated).sum()
    }

    fn unauthenticated(&self) -> u64 {
        self.0.iter().map(|lane| lane.unauthenticated).sum()
    }

    fn unreadable(&self) -> u64 {
        self.0.iter().map(|lane| lane.unreadable).sum()
    }
}

/// When the first message from `at` on was appended.
fn first_time<L: Lane>(journal: &L, at: Position) -> Result<Option<Timestamp>, ReadError> {
    let mut batch = ReadBatch::default();
    journal.reader(at).read(1, &mut batch)?;
    Ok(batch.records().next().map(|record| record.time))
}
