//! What a reader hands over: verified records in one reusable buffer.

use std::ops::Range;

use mutt_event::{MessageId, Timestamp};

use crate::append::Position;
use crate::segment;

/// A record as it was appended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    /// Where it stands.
    pub position: Position,
    /// Its partition.
    pub partition: u16,
    /// When it was appended; never goes backwards.
    pub time: Timestamp,
    /// Its bytes.
    pub payload: &'a [u8],
}

impl Record<'_> {
    /// The message's id, by which alerts and log lines name it.
    pub fn id(&self) -> MessageId {
        MessageId { appended: self.time, partition: self.partition, position: self.position.0 }
    }
}

/// A run of records, and the positions among them that cannot be read.
///
/// Use one again and again: it keeps its buffer.
#[derive(Debug, Default)]
pub struct ReadBatch {
    bytes: Vec<u8>,
    records: Vec<(u32, u32)>, // start and length in bytes
    lost: Vec<Range<Position>>,
    free: Vec<Range<Position>>,
    next: Position,
}

impl ReadBatch {
    /// The records, in order of position.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.records.iter().filter_map(|place| self.at(*place))
    }

    /// One of them, from 0 to [`ReadBatch::len`].
    pub fn record(&self, number: usize) -> Option<Record<'_>> {
        self.at(*self.records.get(number)?)
    }

    fn at(&self, (start, length): (u32, u32)) -> Option<Record<'_>> {
        let start = start as usize;
        let fields = segment::fields(&self.bytes[start..start + length as usize])?;
        Some(Record {
            position: Position(fields.seq),
            partition: fields.partition,
            time: fields.time,
            payload: fields.payload,
        })
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Positions that were skipped, damaged or trimmed, in order, each in one range.
    pub fn lost(&self) -> &[Range<Position>] {
        &self.lost
    }

    /// How many positions were skipped.
    pub fn lost_count(&self) -> u64 {
        self.lost.iter().map(|range| range.end.0 - range.start.0).sum()
    }

    /// Positions that were skipped because they were never given to a record, in order, each in one
    /// range: a journal leaves some free so that none is given twice.
    pub fn free(&self) -> &[Range<Position>] {
        &self.free
    }

    /// All ranges of positions without a record, in order, and whether they were left free.
    pub fn gaps(&self) -> Vec<(Range<Position>, bool)> {
        let lost = self.lost.iter().map(|range| (range.clone(), false));
        let free = self.free.iter().map(|range| (range.clone(), true));
        let mut gaps: Vec<_> = lost.chain(free).collect();
        gaps.sort_by_key(|(range, _)| range.start);
        gaps
    }

    /// The position after all that this batch holds or skipped: a reader's new cursor.
    pub fn next(&self) -> Position {
        self.next
    }

    /// Whether it says nothing: no record, nothing lost, nothing free.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.lost.is_empty() && self.free.is_empty()
    }

    /// Empties it for a read from `next` on.
    pub(crate) fn clear(&mut self, next: Position) {
        self.records.clear();
        self.lost.clear();
        self.free.clear();
        self.next = next;
    }

    /// Empties it, its buffer too, to be filled by [`Self::push`].
    pub(crate) fn restart(&mut self, next: Position) {
        self.clear(next);
        self.bytes.clear();
    }

    /// Adds a record, after [`Self::restart`].
    pub(crate) fn push(&mut self, seq: u64, partition: u16, time: Timestamp, payload: &[u8]) {
        let start = self.bytes.len();
        segment::put_record(&mut self.bytes, seq, partition, time, payload);
        self.push_record(start, self.bytes.len() - start);
    }

    pub(crate) fn set_next(&mut self, next: Position) {
        self.next = next;
    }

    /// Room for `length` bytes; only while no record is held.
    pub(crate) fn buffer(&mut self, length: usize) -> &mut [u8] {
        if self.bytes.len() < length {
            self.bytes.resize(length, 0);
        }
        &mut self.bytes[..length]
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn has_records(&self) -> bool {
        !self.records.is_empty()
    }

    pub(crate) fn push_record(&mut self, start: usize, length: usize) {
        self.records.push((start as u32, length as u32));
    }

    /// Adds `from..to` to what is lost, unless it is empty.
    pub(crate) fn push_lost(&mut self, from: u64, to: u64) {
        push_range(&mut self.lost, from, to);
    }

    /// Adds `from..to` to what is free, unless it is empty.
    pub(crate) fn push_free(&mut self, from: u64, to: u64) {
        push_range(&mut self.free, from, to);
    }

    /// Forgets everything before `position`.
    pub(crate) fn cut_before(&mut self, position: Position) {
        let keep = self.records().take_while(|record| record.position < position).count();
        self.records.drain(..keep);
        self.lost.retain_mut(|range| {
            range.start = range.start.max(position);
            range.start < range.end
        });
    }
}

fn push_range(ranges: &mut Vec<Range<Position>>, from: u64, to: u64) {
    if from >= to {
        return;
    }
    match ranges.last_mut() {
        Some(last) if last.end.0 == from => last.end = Position(to),
        _ => ranges.push(Position(from)..Position(to)),
    }
}
