//! Reads the journal from a position on, at the reader's own pace.
//!
//! From: segment files, synced bytes only. To: archiver, judge, export, as [`ReadBatch`]es.

use std::io;
use std::sync::Arc;

use mutt_event::Timestamp;
use thiserror::Error;

use crate::append::Position;
use crate::batch::ReadBatch;
use crate::disk::Disk;
use crate::handle::Shared;
use crate::scan::{Stop, Walk};
use crate::segment;
use crate::view::Place;

/// The least that is read from disk at once, in bytes.
const READ_MIN: usize = 256 << 10;
/// How finely [`seek_back`] knows where records stand, in bytes.
const SEEK_STEP: usize = 64 << 10;

/// A segment could not be read; trying again may help.
#[derive(Debug, Error)]
#[error("journal: cannot read {file}: {source}")]
pub struct ReadError {
    /// The segment's file name.
    pub file: String,
    /// The system's error.
    pub source: io::Error,
}

impl ReadError {
    fn new(segment: u64, source: io::Error) -> Self {
        Self { file: segment::name(segment), source }
    }
}

/// Reads records in order; see [`Handle::reader`](crate::Handle::reader).
pub struct Reader<D: Disk> {
    shared: Arc<Shared<D>>,
    position: u64,
    open: Option<OpenSegment<D::File>>,
}

struct OpenSegment<F> {
    file: F,
    first: u64,
    /// Its size when it was opened: an empty segment may be replaced by a larger one.
    bytes: u64,
    walk: Walk,
}

impl<D: Disk> Reader<D> {
    pub(crate) fn new(shared: Arc<Shared<D>>, from: Position) -> Self {
        Self { shared, position: from.0, open: None }
    }

    /// The position that is read next.
    pub fn position(&self) -> Position {
        Position(self.position)
    }

    /// Goes on from `position`, forwards or backwards.
    pub fn seek(&mut self, position: Position) {
        self.position = position.0;
        if self.open.as_ref().is_some_and(|open| open.walk.expected > position.0) {
            self.open = None;
        }
    }

    /// Reads about `max_bytes` of synced records into `into`, at least one if there is one.
    /// An empty batch says that the end was reached for now.
    ///
    /// # Errors
    /// When the disk does not answer; the position stays, so the read can be tried again.
    pub fn read(&mut self, max_bytes: usize, into: &mut ReadBatch) -> Result<(), ReadError> {
        into.clear(Position(self.position));
        while into.is_empty() {
            let Some(place) = self.shared.view().place(self.position) else { break };
            if self.position < place.start {
                into.push_lost(self.position, place.start);
                self.position = place.start;
                break;
            }
            if self.position >= place.end {
                break;
            }
            self.read_segment(&place, max_bytes.max(READ_MIN), into)?;
        }
        into.set_next(Position(self.position));
        Ok(())
    }

    /// Reads on in one segment, to its end at most.
    fn read_segment(
        &mut self,
        place: &Place,
        max_bytes: usize,
        into: &mut ReadBatch,
    ) -> Result<(), ReadError> {
        let segment_end = place.next.unwrap_or(place.end);
        let mut open = match self.open.take().filter(|o| o.is(place)) {
            Some(open) => open,
            None => match self.open_segment(place) {
                Ok(open) => open,
                // Trimmed since we looked, or taken away by someone else.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    if self.shared.view().start() <= place.segment {
                        self.lose(into, segment_end);
                    }
                    return Ok(());
                }
                Err(error) => return Err(ReadError::new(place.segment, error)),
            },
        };
        let stop = open
            .walk
            .fill(&open.file, place.limit, max_bytes, into)
            .map_err(|error| ReadError::new(place.segment, error))?;
        into.cut_before(Position(self.position));
        for range in into.lost() {
            self.shared.note_unreadable(range.start.0..range.end.0);
        }
        self.position = self.position.max(open.walk.expected);
        if stop != Stop::More && open.walk.expected < segment_end {
            self.lose(into, segment_end);
            open.walk = Walk { offset: place.limit, expected: segment_end };
        }
        self.open = Some(open);
        Ok(())
    }

    fn open_segment(&self, place: &Place) -> io::Result<OpenSegment<D::File>> {
        let file = self.shared.disk.open_read(&segment::name(place.segment))?;
        let offset = segment::data_start(self.shared.partitions);
        let walk = Walk { offset, expected: place.segment };
        Ok(OpenSegment { file, first: place.segment, bytes: place.bytes, walk })
    }

    /// Goes to `to`, saying that everything before it cannot be read.
    fn lose(&mut self, into: &mut ReadBatch, to: u64) {
        if self.position < to {
            into.push_lost(self.position, to);
            self.shared.note_unreadable(self.position..to);
            self.position = to;
        }
    }
}

impl<F> OpenSegment<F> {
    fn is(&self, place: &Place) -> bool {
        self.first == place.segment && self.bytes == place.bytes
    }
}

/// See [`Handle::seek_back`](crate::Handle::seek_back).
pub(crate) fn seek_back<D: Disk>(shared: &Shared<D>, from: Position, bytes: u64) -> Position {
    let mut batch = ReadBatch::default();
    let mut from = from.0.min(shared.view().end);
    let mut left = bytes;
    while left > 0 {
        let Some(place) = shared.view().place(from.saturating_sub(1)) else { break };
        if from <= place.start {
            return Position(place.start);
        }
        let Ok(steps) = steps_before(shared, &place, from, &mut batch) else {
            // Going back further than asked repeats more, but loses nothing.
            return Position(place.segment);
        };
        let (Some((_, first)), Some((_, last))) = (steps.first(), steps.last()) else { break };
        let inside = last - first;
        if inside >= left {
            let target = last - left;
            let step = steps.iter().rev().find(|(_, offset)| *offset <= target);
            return Position(step.map_or(place.segment, |(seq, _)| *seq));
        }
        left -= inside;
        from = place.segment;
    }
    Position(from)
}

/// See [`Handle::seek_time`](crate::Handle::seek_time).
pub(crate) fn seek_time<D: Disk>(
    shared: &Arc<Shared<D>>,
    time: Timestamp,
) -> Result<Position, ReadError> {
    let (from, end) = {
        let view = shared.view();
        (view.appended_since(time), view.end)
    };
    let mut reader = Reader::new(Arc::clone(shared), Position(from));
    let mut batch = ReadBatch::default();
    while reader.position < end {
        reader.read(READ_MIN, &mut batch)?;
        if let Some(found) = batch.records().find(|record| record.time >= time) {
            return Ok(found.position);
        }
        if batch.is_empty() {
            break;
        }
    }
    Ok(reader.position())
}

/// Where records stand in a segment, every [`SEEK_STEP`] bytes, up to the one at `from`.
fn steps_before<D: Disk>(
    shared: &Shared<D>,
    place: &Place,
    from: u64,
    batch: &mut ReadBatch,
) -> io::Result<Vec<(u64, u64)>> {
    let file = shared.disk.open_read(&segment::name(place.segment))?;
    let offset = segment::data_start(shared.partitions);
    let mut walk = Walk { offset, expected: place.segment };
    let mut steps = Vec::new();
    while walk.expected <= from {
        steps.push((walk.expected, walk.offset));
        batch.clear(Position(from));
        if walk.fill(&file, place.limit, SEEK_STEP, batch)? != Stop::More {
            if walk.expected <= from {
                steps.push((walk.expected, walk.offset));
            }
            break;
        }
    }
    Ok(steps)
}
