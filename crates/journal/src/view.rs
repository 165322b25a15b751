//! What is synced, as the log publishes it and readers see it.

use std::collections::VecDeque;
use std::ops::Range;

use mutt_event::Timestamp;

use crate::handle::Shared;
use crate::options::Options;
use crate::segment::{self, Header};

/// A segment as the reading side knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub first: u64,
    /// Its size on disk.
    pub bytes: u64,
    /// Its last append, or the last before it.
    pub last_append: Timestamp,
    /// Records stored before it, in all partitions.
    pub stored_before: u64,
}

/// What is synced, seen at one moment.
#[derive(Debug)]
pub(crate) struct View {
    pub segments: VecDeque<Segment>,
    /// The next position to be written; all below is synced.
    pub end: u64,
    /// Where that is in the last segment.
    pub end_offset: u64,
    pub stored: Vec<u64>,
    pub last_append: Timestamp,
    /// Bytes that cannot be trimmed now, of `limit`.
    pub held: u64,
    pub limit: u64,
    /// Ranges that readers found unreadable, in order, none touching another.
    pub unreadable: Vec<Range<u64>>,
}

/// Where a position stands.
pub(crate) struct Place {
    pub start: u64,
    pub end: u64,
    pub segment: u64,
    /// The segment's size on disk.
    pub bytes: u64,
    /// First position of the next segment; none if this is the last.
    pub next: Option<u64>,
    /// Where synced bytes end in this segment.
    pub limit: u64,
}

impl View {
    /// The oldest position that is kept.
    pub fn start(&self) -> u64 {
        self.segments.front().map_or(self.end, |segment| segment.first)
    }

    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    pub fn stored_total(&self) -> u64 {
        self.stored.iter().sum()
    }

    /// The place of `position`, or of the oldest if it is gone.
    pub fn place(&self, position: u64) -> Option<Place> {
        let after = self.segments.partition_point(|segment| segment.first <= position).max(1);
        let segment = self.segments.get(after - 1)?;
        let next = self.segments.get(after).map(|segment| segment.first);
        let limit = if next.is_some() { segment.bytes } else { self.end_offset };
        let (start, end) = (self.start(), self.end);
        Some(Place { start, end, segment: segment.first, bytes: segment.bytes, next, limit })
    }

    /// The first position of the first segment that was still appended to at `time`; the end if
    /// none was.
    pub fn appended_since(&self, time: Timestamp) -> u64 {
        let before = self.segments.partition_point(|segment| segment.last_append < time);
        self.segments.get(before).map_or(self.end, |segment| segment.first)
    }

    /// Remembers what a reader could not read; answers how many stored positions that adds.
    pub fn note_unreadable(&mut self, range: Range<u64>) -> u64 {
        let mut added = 0;
        let bounds: Vec<(u64, u64, u64)> = (0..self.segments.len())
            .filter_map(|i| {
                let (segment, next) = (self.segments.get(i)?, self.segments.get(i + 1));
                let end = next.map_or(self.end, |next| next.first);
                let stored_after = next.map_or(self.stored_total(), |next| next.stored_before);
                let stored = stored_after.saturating_sub(segment.stored_before);
                (segment.first < range.end && range.start < end).then_some((
                    segment.first,
                    end,
                    (end - segment.first).saturating_sub(stored),
                ))
            })
            .collect();
        let before: Vec<u64> =
            bounds.iter().map(|(from, to, known)| self.unreadable_in(*from, *to, *known)).collect();
        merge(&mut self.unreadable, range);
        for ((from, to, known), before) in bounds.iter().zip(before) {
            added += self.unreadable_in(*from, *to, *known) - before;
        }
        added
    }

    /// Forgets what was unreadable in segments that are gone.
    pub fn forget_unreadable(&mut self) {
        let start = self.start();
        self.unreadable.retain(|range| range.end > start);
    }

    /// Unreadable positions in `from..to` beyond the `known` that were never counted as stored.
    fn unreadable_in(&self, from: u64, to: u64, known: u64) -> u64 {
        let overlap = |range: &Range<u64>| range.end.min(to).saturating_sub(range.start.max(from));
        self.unreadable.iter().map(overlap).sum::<u64>().saturating_sub(known)
    }
}

impl View {
    /// The header of a segment that starts at `first`, after all that is stored.
    pub fn next_header<D>(&self, shared: &Shared<D>, first: u64) -> Header {
        Header {
            identity: shared.identity,
            partitions: shared.partitions,
            first,
            previous: self.segments.back().map_or(0, |segment| segment.first),
            last_append: self.last_append,
            stored: self.stored.clone(),
        }
    }

    /// Writing goes on in a new segment.
    pub fn add_segment(&mut self, header: &Header, bytes: u64) {
        self.segments.push_back(Segment {
            first: header.first,
            bytes,
            last_append: header.last_append,
            stored_before: header.stored_total(),
        });
        self.end = header.first;
        self.end_offset = segment::data_start(header.partitions);
    }

    /// Whether all readers have passed this segment, long enough ago.
    pub fn trimmable(&self, index: usize, options: &Options, now: Timestamp, lowest: u64) -> bool {
        let (Some(segment), Some(next)) = (self.segments.get(index), self.segments.get(index + 1))
        else {
            return false;
        };
        next.first <= lowest && segment.last_append.after(options.keep_behind) <= now
    }

    /// Works out how full the journal is.
    pub fn measure(&mut self, options: &Options, now: Timestamp, lowest: u64, free: u64) {
        let kept = (0..self.segments.len())
            .take_while(|index| self.trimmable(*index, options, now, lowest))
            .count();
        let last = self.segments.back().map_or(0, |segment| segment.bytes);
        let sealed: u64 = self.segments.iter().skip(kept).map(|segment| segment.bytes).sum();
        // Until someone says how far the readers are, nothing is known.
        self.held = if lowest == 0 { 0 } else { (sealed - last.min(sealed)) + self.end_offset };
        let room = free.saturating_sub(options.reserve_bytes).saturating_add(self.bytes());
        self.limit = options.retain_bytes.min(room);
    }
}

/// Adds `range` to ordered ranges that do not touch.
fn merge(ranges: &mut Vec<Range<u64>>, mut range: Range<u64>) {
    let from = ranges.partition_point(|other| other.end < range.start);
    let to = ranges.partition_point(|other| other.start <= range.end);
    for other in &ranges[from..to] {
        range.start = range.start.min(other.start);
        range.end = range.end.max(other.end);
    }
    ranges.splice(from..to, [range]);
}
