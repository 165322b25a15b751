//! A lane: one sequence of records, densely numbered, that workers read behind their own cursors.
//!
//! From: a journal, which has one lane (the segmented log, for all its partitions) or one for each
//! partition (Redis Streams). To: the judge, archivers, backtests, which know nothing else of a
//! journal.

use std::ops::Range;

use mutt_event::Timestamp;
use tokio::sync::watch;

use crate::append::Position;
use crate::batch::ReadBatch;
use crate::disk::Disk;
use crate::handle::{Handle, Totals};
use crate::reader::{ReadError, Reader};

/// The reading side of one sequence of records. Cheap to clone.
pub trait Lane: Clone + Send + Sync + 'static {
    /// What reads it.
    type Reader: LaneReader;

    /// The journal's own name, made with it; every cursor carries it.
    fn identity(&self) -> String;

    /// The partitions whose messages it holds, all of them.
    fn partitions(&self) -> Range<u16>;

    /// All counts, of one moment.
    fn totals(&self) -> Totals;

    /// The oldest position that is kept.
    fn start(&self) -> Position;

    /// The next position to be written; all below is safe.
    fn end(&self) -> Position;

    /// When the last record was appended; [`Timestamp::ZERO`] before the first.
    fn last_append(&self) -> Timestamp;

    /// No record that becomes readable from now on is older than this. `now` must have been taken
    /// before the call.
    fn nothing_older_than(&self, now: Timestamp) -> Timestamp;

    /// A reader that starts at `from`.
    fn reader(&self, from: Position) -> Self::Reader;

    /// A position at least `bytes` bytes of records before `from`, and not much more; the oldest
    /// kept if there are not so many.
    fn seek_back(&self, from: Position, bytes: u64) -> Position;

    /// The first position appended at `time` or after it; the end if there is none yet.
    ///
    /// # Errors
    /// The journal does not answer.
    fn seek_time(&self, time: Timestamp) -> Result<Position, ReadError>;

    /// Says that somebody has read all below `position`, perhaps in another process that has seen
    /// more of the lane by now: reading goes on to there, whatever [`Lane::end`] is yet.
    fn reaches(&self, _position: Position) {}

    /// Tells each new end.
    fn notify(&self) -> watch::Receiver<Position>;
}

/// Reads a lane in order, at its own pace.
pub trait LaneReader: Send {
    /// The position that is read next.
    fn position(&self) -> Position;

    /// Goes on from `position`, forwards or backwards.
    fn seek(&mut self, position: Position);

    /// Reads about `max_bytes` of safe records into `into`, at least one if there is one. An empty
    /// batch says that the end was reached for now: all that was below [`Lane::end`] when it was
    /// asked has been read. It may hold its thread up for as long as a disk or a server takes.
    ///
    /// # Errors
    /// When the journal does not answer; the position stays, so the read can be tried again.
    fn read(&mut self, max_bytes: usize, into: &mut ReadBatch) -> Result<(), ReadError>;
}

impl<D: Disk> Lane for Handle<D> {
    type Reader = Reader<D>;

    fn identity(&self) -> String {
        Handle::identity(self)
    }

    fn partitions(&self) -> Range<u16> {
        0..Handle::partitions(self)
    }

    fn totals(&self) -> Totals {
        Handle::totals(self)
    }

    fn start(&self) -> Position {
        Handle::start(self)
    }

    fn end(&self) -> Position {
        Handle::end(self)
    }

    fn last_append(&self) -> Timestamp {
        Handle::last_append(self)
    }

    fn nothing_older_than(&self, now: Timestamp) -> Timestamp {
        Handle::nothing_older_than(self, now)
    }

    fn reader(&self, from: Position) -> Reader<D> {
        Handle::reader(self, from)
    }

    fn seek_back(&self, from: Position, bytes: u64) -> Position {
        Handle::seek_back(self, from, bytes)
    }

    fn seek_time(&self, time: Timestamp) -> Result<Position, ReadError> {
        Handle::seek_time(self, time)
    }

    fn notify(&self) -> watch::Receiver<Position> {
        Handle::notify(self)
    }
}

impl<D: Disk> LaneReader for Reader<D> {
    fn position(&self) -> Position {
        Reader::position(self)
    }

    fn seek(&mut self, position: Position) {
        Reader::seek(self, position);
    }

    fn read(&mut self, max_bytes: usize, into: &mut ReadBatch) -> Result<(), ReadError> {
        Reader::read(self, max_bytes, into)
    }
}
