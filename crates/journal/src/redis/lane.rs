//! One partition of a journal in Redis, as workers see it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use mutt_event::Timestamp;
use tokio::sync::watch;

use super::core::Core;
use super::reader::RedisReader;
use super::seek;
use super::trouble::Trouble;
use crate::append::Position;
use crate::handle::Totals;
use crate::lane::Lane;
use crate::reader::ReadError;

/// One partition: a stream. Cheap to clone; it is watched as long as somebody has it.
#[derive(Clone)]
pub struct RedisLane(pub(super) Arc<Core>);

impl fmt::Debug for RedisLane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisLane").field(&self.0.keys.events).finish()
    }
}

/// Figures of a lane. Of what is in Redis, as it was looked at last; `damaged` and `withdrawn` are
/// of this process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedisFigures {
    /// The partition.
    pub partition: u16,
    /// The oldest position that is kept, looked at once a second.
    pub start: Position,
    /// The next position.
    pub end: Position,
    /// Records stored since the lane's birth: `end - 1 = stored + free`.
    pub stored: u64,
    /// Positions left free after failovers and restarts, so that none is given twice.
    pub free: u64,
    /// Bytes of blobs that are kept.
    pub bytes: u64,
    /// Positions that readers of this process found damaged.
    pub damaged: u64,
    /// Positions that readers of this process had read and a failover then lost.
    pub withdrawn: u64,
}

impl RedisLane {
    /// The lane's figures.
    pub fn figures(&self) -> RedisFigures {
        let view = self.0.view().clone();
        RedisFigures {
            partition: self.0.partition,
            start: Position(view.kept.start),
            end: Position(view.end),
            stored: view.stored,
            free: view.free,
            bytes: view.bytes_kept(),
            damaged: self.0.damaged(),
            withdrawn: self.0.withdrawn(),
        }
    }

    /// Waits on this thread for what the runtime finds out.
    fn wait<T: Send + 'static>(
        &self,
        ask: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.0.site.wait(&self.0.site.begin(ask))?
    }
}

impl Lane for RedisLane {
    type Reader = RedisReader;

    fn identity(&self) -> String {
        self.0.site.identity.to_string()
    }

    fn partitions(&self) -> Range<u16> {
        self.0.partition..self.0.partition + 1 // at most 1,024
    }

    fn totals(&self) -> Totals {
        let view = self.0.view();
        Totals {
            start: Position(view.kept.start),
            end: Position(view.end),
            stored: vec![view.stored],
            lost: 0,
            free: view.free,
        }
    }

    fn start(&self) -> Position {
        Position(self.0.view().kept.start)
    }

    fn end(&self) -> Position {
        Position(self.0.view().end)
    }

    fn last_append(&self) -> Timestamp {
        self.0.view().last_append
    }

    /// The server's time before the last look, since its clock gives append times. A server whose
    /// clock is set back, or that takes over with one that is behind, gives times that are older
    /// by as much, but never older than its lane's last.
    fn nothing_older_than(&self, _now: Timestamp) -> Timestamp {
        self.0.view().seen
    }

    fn reader(&self, from: Position) -> RedisReader {
        RedisReader::new(Arc::clone(&self.0), from)
    }

    fn seek_back(&self, from: Position, bytes: u64) -> Position {
        let core = Arc::clone(&self.0);
        let found = self.wait(async move { seek::back(&core, from.0, bytes).await });
        // Going back further than asked repeats more, but loses nothing.
        found.map_or_else(|_| self.start().min(from), Position)
    }

    fn seek_time(&self, time: Timestamp) -> Result<Position, ReadError> {
        let core = Arc::clone(&self.0);
        let found = self.wait(async move { seek::time(&core, time).await });
        found.map(Position).map_err(|trouble| self.0.read_error(trouble))
    }

    fn reaches(&self, position: Position) {
        let mut view = self.0.view();
        view.reached = view.reached.max(position.0);
    }

    fn notify(&self) -> watch::Receiver<Position> {
        self.0.end.subscribe()
    }
}
