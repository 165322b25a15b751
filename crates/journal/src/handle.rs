//! The reading side of a journal: what is stored, and where each position stands.
//!
//! From: the log, which publishes what it has synced. To: readers, the ledger, metrics.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mutt_event::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use crate::append::Position;
use crate::disk::Disk;
use crate::reader::{ReadError, Reader};
use crate::stats::JournalStats;
use crate::view::View;

/// What the log and all handles and readers share.
pub(crate) struct Shared<D> {
    pub disk: D,
    pub identity: Uuid,
    pub partitions: u16,
    pub view: Mutex<View>,
    pub end: watch::Sender<Position>,
    pub full: AtomicBool,
    /// The time, in microseconds, that an append under way bears; one of the two below otherwise.
    pub appending: AtomicI64,
    /// Positions counted as stored that a reader could not read.
    pub damaged: AtomicU64,
    /// Positions trimmed before all had read them.
    pub dropped: AtomicU64,
    pub stats: JournalStats,
}

/// No append is under way.
pub(crate) const NOT_APPENDING: i64 = i64::MAX;

/// An append begins, and its time is not known yet.
pub(crate) const APPEND_BEGINS: i64 = i64::MIN;

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

/// What is stored, at one moment: `end - 1 = sum of stored + lost + free`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Totals {
    /// The oldest position that is kept.
    pub start: Position,
    /// The next position to be written.
    pub end: Position,
    /// Records stored since the journal's birth, by partition, from the lane's first on.
    pub stored: Vec<u64>,
    /// Positions that never held a readable record: quarantined by a recovery, or left free so
    /// that no position is given twice.
    pub lost: u64,
    /// Positions that never held a record, and nobody misses any: a journal over Redis leaves room
    /// when its server changes.
    pub free: u64,
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
            free: 0,
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
    /// because there is room does not count. 0 until the writer knows the lowest cursor.
    pub fn usage(&self) -> f64 {
        let view = self.shared.view();
        (view.held as f64 / view.limit.max(1) as f64).clamp(0.0, 1.0)
    }

    /// No record that becomes readable from now on is older than this: `now`, or the time of an
    /// append that is under way. `now` must have been taken before the call.
    pub fn nothing_older_than(&self, now: Timestamp) -> Timestamp {
        now.min(Timestamp::from_micros(self.shared.appending.load(Ordering::SeqCst)))
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

    /// The first position appended at `time` or after it; the end if there is none yet. It reads
    /// one segment, of which the append times of the others' ends have told.
    ///
    /// # Errors
    /// The disk does not answer.
    pub fn seek_time(&self, time: Timestamp) -> Result<Position, ReadError> {
        crate::reader::seek_time(&self.shared, time)
    }
}
