//! The reading side of a journal: what is stored, and where each position stands.
//!
//! From: the log, which publishes what it has synced. To: readers, the ledger, metrics.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mutt_event::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use crate::append::Position;
use crate::disk::Disk;
use crate::reader::Reader;
use crate::stats::JournalStats;

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

/// What the log and all handles and readers share.
pub(crate) struct Shared<D> {
    pub disk: D,
    pub identity: Uuid,
    pub partitions: u16,
    pub view: Mutex<View>,
    pub end: watch::Sender<Position>,
    pub full: AtomicBool,
    /// Positions counted as stored that a reader could not read.
    pub damaged: AtomicU64,
    /// Positions trimmed before all had read them.
    pub dropped: AtomicU64,
    pub stats: JournalStats,
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

    /// Remembers what a reader could not read; answers how many stored positions that adds.
    fn note_unreadable(&mut self, range: Range<u64>) -> u64 {
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

    /// Unreadable positions in `from..to` beyond the `known` that were never counted as stored.
    fn unreadable_in(&self, from: u64, to: u64, known: u64) -> u64 {
        let overlap = |range: &Range<u64>| range.end.min(to).saturating_sub(range.start.max(from));
        self.unreadable.iter().map(overlap).sum::<u64>().saturating_sub(known)
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

impl<D> Shared<D> {
    pub fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what a reader could not read.
    pub fn note_unreadable(&self, range: Range<u64>) {
        let added = self.view().note_unreadable(range.clone());
        if added > 0 {
            self.damaged.fetch_add(added, Ordering::Relaxed);
            tracing::error!(
                from = range.start,
                to = range.end - 1,
                records = added,
                "journal: stored records are damaged and were skipped"
            );
        }
    }
}

/// What is stored, at one moment: `end - 1 = sum of stored + lost`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Totals {
    /// The oldest position that is kept.
    pub start: Position,
    /// The next position to be written.
    pub end: Position,
    /// Records stored since the journal's birth, by partition.
    pub stored: Vec<u64>,
    /// Positions that never held a readable record: quarantined by a recovery, or left free so
    /// that no position is given twice.
    pub lost: u64,
}

/// The reading side of a journal. Cheap to clone.
pub struct Handle<D: Disk> {
    shared: Arc<Shared<D>>,
}

impl<D: Disk> Clone for Handle<D> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<D: Disk> Handle<D> {
    pub(crate) fn new(shared: Arc<Shared<D>>) -> Self {
        Self { shared }
    }

    /// The journal's own name, made with it; every cursor carries it.
    pub fn identity(&self) -> String {
        self.shared.identity.to_string()
    }

    /// The number of partitions, P.
    pub fn partitions(&self) -> u16 {
        self.shared.partitions
    }

    /// The oldest position that is kept.
    pub fn start(&self) -> Position {
        Position(self.shared.view().start())
    }

    /// The next position to be written; all below is synced.
    pub fn end(&self) -> Position {
        Position(self.shared.view().end)
    }

    /// Records stored in `partition` since the journal's birth; 0 for a partition it lacks.
    pub fn stored(&self, partition: u16) -> u64 {
        self.shared.view().stored.get(usize::from(partition)).copied().unwrap_or(0)
    }

    /// Positions that never held a readable record; see [`Totals::lost`].
    pub fn lost(&self) -> u64 {
        self.totals().lost
    }

    /// Positions counted as stored that a reader has found damaged since the journal was opened.
    /// The reader reports them as lost; they stay counted in [`Handle::stored`].
    pub fn damaged(&self) -> u64 {
        self.shared.damaged.load(Ordering::Relaxed)
    }

    /// Positions that [`WhenJournalFull::DropOldest`](crate::WhenJournalFull) has trimmed before
    /// all had read them, since the journal was opened.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// All counts, of one moment.
    pub fn totals(&self) -> Totals {
        let view = self.shared.view();
        Totals {
            start: Position(view.start()),
            end: Position(view.end),
            stored: view.stored.clone(),
            lost: (view.end - 1).saturating_sub(view.stored_total()),
        }
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> u64 {
        self.shared.view().bytes()
    }

    /// When the last record was appended; [`Timestamp::ZERO`] before the first.
    pub fn last_append(&self) -> Timestamp {
        self.shared.view().last_append
    }

    /// How full the journal is, 0 to 1: what may not be trimmed now, of what it may take (its
    /// limit, or what the disk has room for if that is less). The read past that is kept only
    /// because there is room does not count.
    pub fn usage(&self) -> f64 {
        let view = self.shared.view();
        (view.held as f64 / view.limit.max(1) as f64).clamp(0.0, 1.0)
    }

    /// Whether the last append was refused for want of room.
    pub fn is_full(&self) -> bool {
        self.shared.full.load(Ordering::Relaxed)
    }

    /// Counters of the writing side.
    pub fn stats(&self) -> JournalStats {
        self.shared.stats.clone()
    }

    /// Tells each new synced end.
    pub fn notify(&self) -> watch::Receiver<Position> {
        self.shared.end.subscribe()
    }

    /// A reader that starts at `from`.
    pub fn reader(&self, from: Position) -> Reader<D> {
        Reader::new(Arc::clone(&self.shared), from)
    }

    /// A position at least `bytes` bytes of records before `from` (each with 26 bytes around its
    /// payload), and not much more; the oldest kept if there are not so many.
    pub fn seek_back(&self, from: Position, bytes: u64) -> Position {
        crate::reader::seek_back(&self.shared, from, bytes)
    }
}
