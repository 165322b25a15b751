//! A lane for one partition, as a journal over Redis has them, on a log of its own: for simulation
//! and tests.

use std::ops::Range;

use mutt_event::Timestamp;
use tokio::sync::watch;

use crate::append::Position;
use crate::disk::Disk;
use crate::handle::{Handle, Totals};
use crate::lane::Lane;
use crate::reader::{ReadError, Reader};

/// A log in which only one partition's records stand, as one of a journal's lanes.
pub struct SimLane<D: Disk> {
    log: Handle<D>,
    identity: String,
    partition: u16,
}

impl<D: Disk> SimLane<D> {
    /// The lane of `partition` in the journal `identity`; the log must hold no other's records.
    pub fn new(log: Handle<D>, identity: &str, partition: u16) -> Self {
        Self { log, identity: identity.to_owned(), partition }
    }
}

impl<D: Disk> Clone for SimLane<D> {
    fn clone(&self) -> Self {
        Self::new(self.log.clone(), &self.identity, self.partition)
    }
}

impl<D: Disk> Lane for SimLane<D> {
    type Reader = Reader<D>;

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn partitions(&self) -> Range<u16> {
        self.partition..self.partition + 1
    }

    fn totals(&self) -> Totals {
        let totals = self.log.totals();
        let stored = vec![self.log.stored(self.partition)];
        Totals { stored, ..totals }
    }

    fn start(&self) -> Position {
        self.log.start()
    }

    fn end(&self) -> Position {
        self.log.end()
    }

    fn last_append(&self) -> Timestamp {
        self.log.last_append()
    }

    fn nothing_older_than(&self, now: Timestamp) -> Timestamp {
        self.log.nothing_older_than(now)
    }

    fn reader(&self, from: Position) -> Reader<D> {
        self.log.reader(from)
    }

    fn seek_back(&self, from: Position, bytes: u64) -> Position {
        self.log.seek_back(from, bytes)
    }

    fn seek_time(&self, time: Timestamp) -> Result<Position, ReadError> {
        self.log.seek_time(time)
    }

    fn notify(&self) -> watch::Receiver<Position> {
        self.log.notify()
    }
}
