//! One partition of the simulated server as one process sees it.
//!
//! From: the server, when the process looks or reads. To: workers. As with the real lane, how far
//! the partition is was seen at the last look, and reading stops there.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use mutt_event::Timestamp;
use tokio::sync::watch;

use super::super::core::locked;
use super::super::trouble::Trouble;
use super::server::SimRedis;
use crate::append::Position;
use crate::batch::ReadBatch;
use crate::handle::Totals;
use crate::lane::{Lane, LaneReader};
use crate::reader::ReadError;

/// What a process saw at its last look.
#[derive(Debug)]
pub(super) struct View {
    pub end: u64,
    /// The server's time at the look.
    pub seen: Timestamp,
    pub last_append: Timestamp,
    pub stored: u64,
    pub free: u64,
    /// How far somebody has read.
    pub reached: u64,
}

impl View {
    /// Up to where reading goes.
    fn readable(&self) -> Position {
        Position(self.end.max(self.reached))
    }
}

/// See the module. Clones are of the same process.
#[derive(Clone)]
pub struct SimRedisLane {
    redis: SimRedis,
    partition: u16,
    view: Arc<Mutex<View>>,
    end: watch::Sender<Position>,
}

impl fmt::Debug for SimRedisLane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SimRedisLane").field(&self.partition).finish()
    }
}

impl SimRedisLane {
    pub(super) fn new(redis: SimRedis, partition: u16) -> Self {
        let mut view = View {
            end: 1,
            seen: Timestamp::ZERO,
            last_append: Timestamp::ZERO,
            stored: 0,
            free: 0,
            reached: 1,
        };
        // A process starts only when it has seen all lanes.
        let _ = redis.truth().look(partition, &mut view);
        let end = watch::Sender::new(Position(view.end));
        Self { redis, partition, view: Arc::new(Mutex::new(view)), end }
    }

    /// Looks how far the partition is now; without an answer it is as it was.
    pub fn look(&self) {
        let _ = self.redis.look(self.partition, &mut self.view());
        self.end.send_replace(self.end());
    }

    fn view(&self) -> MutexGuard<'_, View> {
        locked(&self.view)
    }
}

fn read_error(partition: u16, trouble: Trouble) -> ReadError {
    ReadError { file: format!("partition {partition}"), source: trouble.into_io() }
}

impl Lane for SimRedisLane {
    type Reader = SimRedisReader;

    fn identity(&self) -> String {
        self.redis.identity()
    }

    fn partitions(&self) -> Range<u16> {
        self.partition..self.partition + 1
    }

    fn totals(&self) -> Totals {
        let view = self.view();
        Totals {
            start: Position::FIRST,
            end: Position(view.end),
            stored: vec![view.stored],
            lost: 0,
            free: view.free,
        }
    }

    fn start(&self) -> Position {
        Position::FIRST
    }

    fn end(&self) -> Position {
        Position(self.view().end)
    }

    fn last_append(&self) -> Timestamp {
        self.view().last_append
    }

    fn nothing_older_than(&self, _now: Timestamp) -> Timestamp {
        self.view().seen
    }

    fn reader(&self, from: Position) -> SimRedisReader {
        SimRedisReader { lane: self.clone(), position: from }
    }

    fn seek_back(&self, from: Position, bytes: u64) -> Position {
        let found = self.redis.seek_back(self.partition, from.0, bytes);
        found.map_or_else(|_| self.start().min(from), Position)
    }

    fn seek_time(&self, time: Timestamp) -> Result<Position, ReadError> {
        let found = self.redis.seek_time(self.partition, time);
        found.map(Position).map_err(|trouble| read_error(self.partition, trouble))
    }

    fn reaches(&self, position: Position) {
        let mut view = self.view();
        view.reached = view.reached.max(position.0);
    }

    fn notify(&self) -> watch::Receiver<Position> {
        self.end.subscribe()
    }
}

/// Reads a [`SimRedisLane`] in order.
#[derive(Debug)]
pub struct SimRedisReader {
    lane: SimRedisLane,
    position: Position,
}

impl LaneReader for SimRedisReader {
    fn position(&self) -> Position {
        self.position
    }

    fn seek(&mut self, position: Position) {
        self.position = position;
    }

    fn read(&mut self, max_bytes: usize, into: &mut ReadBatch) -> Result<(), ReadError> {
        into.restart(self.position);
        if self.position >= self.lane.view().readable() {
            return Ok(());
        }
        let SimRedisLane { redis, partition, .. } = &self.lane;
        redis
            .read(*partition, (self.position.0, max_bytes), into)
            .map_err(|trouble| read_error(*partition, trouble))?;
        self.position = into.next();
        Ok(())
    }
}
