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
    next: Position,
}

impl ReadBatch {
    /// The records, in order of position.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.records.iter().filter_map(|(start, length)| {
            let start = *start as usize;
            let fields = segment::fields(&self.bytes[start..start + *length as usize])?;
            Some(Record {
                position: Position(fields.seq),
                partition: fields.partition,
                time: fields.time,
                payload: fields.payload,
            })
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

    /// The position after all that this batch holds or skipped: a reader's new cursor.
    pub fn next(&self) -> Position {
        self.next
    }

    /// Whether it says nothing: no record, nothing lost.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.lost.is_empty()
    }

    /// Empties it for a read from `next` on.
    pub(crate) fn clear(&mut self, next: Position) {
        self.records.clear();
        self.lost.clear();
        self.next = next;
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
        if from >= to {
            return;
        }
        match self.lost.last_mut() {
            Some(last) if last.end.0 == from => last.end = Position(to),
            _ => self.lost.push(Position(from)..Position(to)),
        }
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
