//! A lane of whichever journal a process has: the choice is made when it starts.

use std::ops::Range;

use mutt_event::Timestamp;
use tokio::sync::watch;

use crate::append::Position;
use crate::batch::ReadBatch;
use crate::handle::{Handle, Totals};
use crate::lane::{Lane, LaneReader};
use crate::reader::{ReadError, Reader};
use crate::real_disk::RealDisk;
use crate::redis::{RedisLane, RedisReader};

/// A lane of the segmented log on a disk, or of a journal in Redis.
#[derive(Clone)]
pub enum AnyLane {
    /// The segmented log, all partitions.
    Log(Handle<RealDisk>),
    /// A stream, one partition.
    Redis(RedisLane),
}

/// What reads one.
pub enum AnyReader {
    /// Segments.
    Log(Reader<RealDisk>),
    /// A stream.
    Redis(RedisReader),
}

/// The same of either.
macro_rules! either {
    ($of:ident: $self:expr, $lane:ident => $do:expr) => {
        match $self {
            $of::Log($lane) => $do,
            $of::Redis($lane) => $do,
        }
    };
}

impl Lane for AnyLane {
    type Reader = AnyReader;

    fn identity(&self) -> String {
        either!(AnyLane: self, lane => Lane::identity(lane))
    }

    fn partitions(&self) -> Range<u16> {
        either!(AnyLane: self, lane => Lane::partitions(lane))
    }

    fn totals(&self) -> Totals {
        either!(AnyLane: self, lane => Lane::totals(lane))
    }

    fn start(&self) -> Position {
        either!(AnyLane: self, lane => Lane::start(lane))
    }

    fn end(&self) -> Position {
        either!(AnyLane: self, lane => Lane::end(lane))
    }

    fn last_append(&self) -> Timestamp {
        either!(AnyLane: self, lane => Lane::last_append(lane))
    }

    fn nothing_older_than(&self, now: Timestamp) -> Timestamp {
        either!(AnyLane: self, lane => Lane::nothing_older_than(lane, now))
    }

    fn reader(&self, from: Position) -> AnyReader {
        match self {
            AnyLane::Log(lane) => AnyReader::Log(Lane::reader(lane, from)),
            AnyLane::Redis(lane) => AnyReader::Redis(Lane::reader(lane, from)),
        }
    }

    fn seek_back(&self, from: Position, bytes: u64) -> Position {
        either!(AnyLane: self, lane => Lane::seek_back(lane, from, bytes))
    }

    fn seek_time(&self, time: Timestamp) -> Result<Position, ReadError> {
        either!(AnyLane: self, lane => Lane::seek_time(lane, time))
    }

    fn reaches(&self, position: Position) {
        either!(AnyLane: self, lane => Lane::reaches(lane, position));
    }

    fn notify(&self) -> watch::Receiver<Position> {
        either!(AnyLane: self, lane => Lane::notify(lane))
    }
}

impl LaneReader for AnyReader {
    fn position(&self) -> Position {
        either!(AnyReader: self, reader => LaneReader::position(reader))
    }

    fn seek(&mut self, position: Position) {
        either!(AnyReader: self, reader => LaneReader::seek(reader, position));
    }

    fn read(&mut self, max_bytes: usize, into: &mut ReadBatch) -> Result<(), ReadError> {
        either!(AnyReader: self, reader => LaneReader::read(reader, max_bytes, into))
    }
}
