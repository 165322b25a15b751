//! Reads a lane on a worker's own thread, which waits while a task of the runtime asks Redis.
//!
//! From: [`fetch`](super::fetch). To: archiver, judge, backtests. While the worker works on one
//! piece the next is fetched; so it holds at most two.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use super::core::Core;
use super::fetch::{Chunk, Cursor, fetch};
use super::trouble::Trouble;
use crate::append::Position;
use crate::batch::ReadBatch;
use crate::lane::LaneReader;
use crate::reader::ReadError;

/// The least and the most that is fetched at once, in bytes before compression.
const FETCH_BYTES: (usize, usize) = (64 << 10, 8 << 20);

/// Reads a lane in order; see [`LaneReader`].
pub struct RedisReader {
    core: Arc<Core>,
    cursor: Cursor,
    pending: Option<Fetching>,
    /// A buffer that is used again.
    spare: ReadBatch,
}

/// A fetch under way.
struct Fetching {
    from: u64,
    answer: Receiver<Result<Chunk, Trouble>>,
}

impl RedisReader {
    pub(super) fn new(core: Arc<Core>, from: Position) -> Self {
        Self { core, cursor: Cursor::at(from.0), pending: None, spare: ReadBatch::default() }
    }

    fn begin(&mut self, max_bytes: usize) -> Fetching {
        let (core, cursor) = (Arc::clone(&self.core), self.cursor.clone());
        let (from, spare) = (cursor.position, std::mem::take(&mut self.spare));
        let ask = async move { fetch(&core, cursor, max_bytes, spare).await };
        Fetching { from, answer: self.core.site.begin(ask) }
    }

    /// Waits for a fetch; one that does not answer in time stays pending.
    fn wait(&mut self, fetching: Fetching) -> Result<Chunk, Trouble> {
        let answer = self.core.site.wait(&fetching.answer);
        if answer.is_err() {
            self.pending = Some(fetching);
        }
        answer?
    }
}

impl LaneReader for RedisReader {
    fn position(&self) -> Position {
        Position(self.cursor.position)
    }

    fn seek(&mut self, position: Position) {
        if position.0 != self.cursor.position {
            self.cursor = Cursor::at(position.0);
            self.pending = None;
        }
    }

    fn read(&mut self, max_bytes: usize, into: &mut ReadBatch) -> Result<(), ReadError> {
        let max_bytes = max_bytes.clamp(FETCH_BYTES.0, FETCH_BYTES.1);
        into.restart(Position(self.cursor.position));
        if self.cursor.position >= self.core.view().readable() {
            return Ok(());
        }
        let early = self.pending.take().filter(|pending| pending.from == self.cursor.position);
        let fresh = early.is_none();
        let fetching = early.unwrap_or_else(|| self.begin(max_bytes));
        let mut chunk = self.wait(fetching);
        // What was fetched earlier may have found nothing where there is something now.
        if !fresh && chunk.as_ref().map_or(true, |chunk| chunk.batch.is_empty()) {
            let again = self.begin(max_bytes);
            chunk = self.wait(again);
        }
        let chunk = chunk.map_err(|trouble| self.core.read_error(trouble))?;
        self.cursor = chunk.next;
        self.spare = std::mem::replace(into, chunk.batch);
        if self.cursor.position < self.core.view().readable() {
            self.pending = Some(self.begin(max_bytes));
        }
        Ok(())
    }
}
