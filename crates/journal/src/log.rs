//! The writing side: one write and one sync a commit, whole segments made and removed.
//!
//! From: the [`Writer`](crate::Writer), batches. To: segment files, and the view that readers share.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use mutt_event::Timestamp;
use thiserror::Error;

use crate::append::{AppendError, Batch, Position};
use crate::disk::{Disk, File};
use crate::handle::{Handle, Shared};
use crate::options::{OpenError, Options, WhenJournalFull};
use crate::receipt::Receipt;
use crate::recover::{self, Recovery};
use crate::segment::{self, Header};

/// The most that one batch may hold, in bytes with what stands around its records.
const BATCH_MAX: usize = 64 << 20;

/// The most that the writer takes for one commit, unless one batch alone is larger.
const COMMIT_BYTES: usize = 1 << 20;

/// A journal that is open for writing. There is one per folder.
pub struct Log<D: Disk> {
    pub(crate) shared: Arc<Shared<D>>,
    options: Options,
    /// The last segment.
    active: D::File,
    lowest_cursor: u64,
    /// The records of a commit, ready to be written.
    buffer: Vec<u8>,
    /// Records of a commit, by partition.
    added: Vec<u64>,
    /// Why nothing more is taken.
    failed: Option<String>,
    _lock: D::Lock,
}

/// What a trim removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Trimmed {
    /// Segments removed.
    pub segments: u32,
    /// Their bytes on disk.
    pub bytes: u64,
}

/// A segment could not be removed; the next trim tries again.
#[derive(Debug, Error)]
#[error("journal: cannot remove {file}: {source}")]
pub struct TrimError {
    /// The segment's file name.
    pub file: String,
    /// The system's error.
    pub source: io::Error,
}

impl<D: Disk> Log<D> {
    /// Opens the journal in the disk's folder, or makes one; repairs what a crash or damage has
    /// left. The next position is at or above `cursors_at_least`, so that no position which a
    /// reader has passed is given again.
    ///
    /// # Errors
    /// See [`OpenError`]; damage is never an error.
    pub fn open(
        disk: D,
        options: Options,
        cursors_at_least: Position,
    ) -> Result<(Self, Recovery), OpenError> {
        recover::open(disk, options, cursors_at_least)
    }

    pub(crate) fn new(
        shared: Arc<Shared<D>>,
        options: Options,
        active: D::File,
        lock: D::Lock,
    ) -> Self {
        let added = vec![0; usize::from(options.partitions)];
        Self {
            shared,
            options,
            active,
            lowest_cursor: 0,
            buffer: Vec::new(),
            added,
            failed: None,
            _lock: lock,
        }
    }

    /// The reading side.
    pub fn handle(&self) -> Handle<D> {
        Handle::new(Arc::clone(&self.shared))
    }

    /// Whether a batch can be stored here at all.
    ///
    /// # Errors
    /// [`AppendError::Invalid`] says which record is not possible.
    pub fn check(&self, batch: &Batch) -> Result<(), AppendError> {
        for (partition, payload) in batch.iter() {
            self.check_record(partition, payload)?;
        }
        let bytes = batch.bytes() + batch.len() * segment::RECORD_MIN;
        let most =
            BATCH_MAX.min(usize::try_from(self.options.retain_bytes / 4).unwrap_or(BATCH_MAX));
        if bytes > most {
            return Err(AppendError::Invalid(format!(
                "{bytes} bytes in one batch, of at most {most}"
            )));
        }
        Ok(())
    }

    /// The most that the writer puts into one commit, in bytes of payload: it must fit even into
    /// a small journal.
    pub(crate) fn commit_bytes(&self) -> usize {
        usize::try_from(self.options.segment_bytes / 2).unwrap_or(COMMIT_BYTES).min(COMMIT_BYTES)
    }

    fn check_record(&self, partition: u16, payload: &[u8]) -> Result<(), AppendError> {
        if partition >= self.options.partitions {
            let partitions = self.options.partitions;
            let why = format!("partition {partition}, of a journal with {partitions}");
            return Err(AppendError::Invalid(why));
        }
        if payload.len() > segment::PAYLOAD_MAX {
            let (bytes, most) = (payload.len(), segment::PAYLOAD_MAX);
            let why = format!("a record of {bytes} bytes, of at most {most}");
            return Err(AppendError::Invalid(why));
        }
        Ok(())
    }

    /// Stores batches together, in order: they are on disk and synced when this answers.
    ///
    /// # Errors
    /// [`AppendError::Full`] and [`AppendError::Invalid`] (see [`Log::check`]): no part of any
    /// batch is stored. [`AppendError::Failed`]: a write or sync failed, the log takes nothing
    /// more; the batches are taken back as far as the disk still obeys.
    pub fn commit(
        &mut self,
        now: Timestamp,
        batches: &[&Batch],
    ) -> Result<Vec<Receipt>, AppendError> {
        if let Some(why) = &self.failed {
            return Err(AppendError::Failed(why.clone()));
        }
        for batch in batches {
            self.check(batch)?;
        }
        let (end, last_append) = {
            let view = self.shared.view();
            (view.end, view.last_append)
        };
        let time = now.max(last_append);
        let receipts = self.encode(end, time, batches);
        let count: u64 = receipts.iter().map(|receipt| u64::from(receipt.count())).sum();
        if count > 0 {
            let offset = self.offset_for_buffer(now, end).inspect_err(|error| {
                self.shared.full.store(matches!(error, AppendError::Full(_)), Ordering::Relaxed);
            })?;
            self.write(offset, end)?;
            self.publish(end + count, offset, time);
            self.shared.stats.committed(batches.len() as u64, count, self.buffer.len() as u64);
        }
        self.shared.full.store(false, Ordering::Relaxed);
        Ok(receipts)
    }

    /// Puts all records and the end mark into the buffer.
    fn encode(&mut self, end: u64, time: Timestamp, batches: &[&Batch]) -> Vec<Receipt> {
        self.buffer.clear();
        self.added.fill(0);
        let mut seq = end;
        let mut receipts = Vec::with_capacity(batches.len());
        for batch in batches {
            let first = Position(seq);
            for (partition, payload) in batch.iter() {
                segment::put_record(&mut self.buffer, seq, partition, time, payload);
                self.added[usize::from(partition)] += 1;
                seq += 1;
            }
            let count = (seq - first.0) as u32; // BATCH_MAX bounds it
            receipts.push(Receipt::together(first, count, time));
        }
        segment::put_mark(&mut self.buffer, seq);
        receipts
    }

    /// Where the buffer can be written: in this segment, or in a new one.
    fn offset_for_buffer(&mut self, now: Timestamp, end: u64) -> Result<u64, AppendError> {
        let need = self.buffer.len() as u64;
        let (offset, bytes) = {
            let view = self.shared.view();
            (view.end_offset, view.segments.back().map_or(0, |segment| segment.bytes))
        };
        if offset + need <= bytes {
            return Ok(offset);
        }
        let start = segment::data_start(self.options.partitions);
        let bytes = self.options.segment_bytes.max((start + need).next_multiple_of(4096));
        loop {
            self.make_room(now, bytes)?;
            match self.rotate(end, bytes) {
                // The disk has less room than it said (a quota).
                Err(AppendError::Full(_)) if self.may_trim(now) => {
                    self.remove_oldest().map_err(|error| AppendError::Full(error.to_string()))?;
                }
                rotated => return rotated.map(|()| start),
            }
        }
    }

    /// Writes and syncs the buffer at `offset`.
    fn write(&mut self, offset: u64, end: u64) -> Result<(), AppendError> {
        if let Err(error) = self.active.write_at(&self.buffer, offset) {
            let undone = self.undo(offset, end);
            if is_full(&error) && undone.and_then(|()| self.active.sync()).is_ok() {
                return Err(AppendError::Full(format!("the disk said: {error}")));
            }
            return Err(self.fail("write", &error));
        }
        if let Err(error) = self.active.sync() {
            // What is on disk is unknown now; at least a restart on this system must not see it.
            // A power cut can still bring it back: then it was stored, but nobody was told.
            let _ = self.undo(offset, end);
            return Err(self.fail("sync", &error));
        }
        Ok(())
    }

    /// Puts zeros where the buffer was written, and the end mark back.
    fn undo(&mut self, offset: u64, end: u64) -> io::Result<()> {
        let bytes = self.buffer.len();
        self.buffer.clear();
        segment::put_mark(&mut self.buffer, end);
        self.buffer.resize(bytes.max(segment::MARK_BYTES), 0);
        self.active.write_at(&self.buffer, offset)
    }

    fn fail(&mut self, what: &str, error: &io::Error) -> AppendError {
        let why = format!("{what}: {error}");
        tracing::error!(%why, "journal: failed, takes nothing more until a restart");
        self.failed = Some(why.clone());
        AppendError::Failed(why)
    }

    fn publish(&mut self, end: u64, offset: u64, time: Timestamp) {
        let mut view = self.shared.view();
        view.end = end;
        view.end_offset = offset + (self.buffer.len() - segment::MARK_BYTES) as u64;
        view.last_append = time;
        if let Some(segment) = view.segments.back_mut() {
            segment.last_append = time;
        }
        for (stored, added) in view.stored.iter_mut().zip(&self.added) {
            *stored += added;
        }
        drop(view);
        self.shared.end.send_replace(Position(end));
    }

    /// Starts a new segment of `bytes` at `first`.
    fn rotate(&mut self, first: u64, bytes: u64) -> Result<(), AppendError> {
        let empty = self.shared.view().segments.back().is_some_and(|last| last.first == first);
        if empty {
            // Too small for the batch, and of the same name.
            let removed = self.shared.disk.remove(&segment::name(first));
            removed.map_err(|error| self.fail("replace a segment", &error))?;
            self.shared.view().segments.pop_back();
        }
        let header = self.shared.view().next_header(&self.shared, first);
        match create_segment(&self.shared.disk, &header, bytes) {
            Ok(file) => self.active = file,
            Err(error) if is_full(&error) && !empty => {
                return Err(AppendError::Full(format!("the disk said: {error}")));
            }
            Err(error) => return Err(self.fail("create a segment", &error)),
        }
        self.shared.view().add_segment(&header, bytes);
        self.shared.stats.segment_created();
        Ok(())
    }

    /// Trims until a segment of `bytes` may be created.
    fn make_room(&mut self, now: Timestamp, bytes: u64) -> Result<(), AppendError> {
        loop {
            let Err(why) = self.room_for(bytes) else { return Ok(()) };
            if !self.may_trim(now) {
                if self.options.when_full == WhenJournalFull::Block {
                    return Err(AppendError::Full(why));
                }
                self.record_drop(&why)?;
            }
            self.remove_oldest().map_err(|error| AppendError::Full(error.to_string()))?;
        }
    }

    /// Whether a segment of `bytes` may be created now.
    fn room_for(&self, bytes: u64) -> Result<(), String> {
        let (taken, most) = (self.shared.view().bytes(), self.options.retain_bytes);
        if taken + bytes > most {
            return Err(format!("{taken} bytes taken of retain_bytes {most}"));
        }
        let reserve = self.options.reserve_bytes;
        match self.shared.disk.free_bytes() {
            Ok(free) if free < reserve.saturating_add(bytes) => Err(format!(
                "{free} bytes free on disk, of which reserve_bytes {reserve} stay free"
            )),
            Ok(_) => Ok(()),
            Err(error) => Err(format!("cannot tell the disk's free bytes: {error}")),
        }
    }

    /// Counts what the oldest segment holds above the lowest cursor, before it goes.
    fn record_drop(&self, why: &str) -> Result<(), AppendError> {
        let dropped: Range<u64> = {
            let view = self.shared.view();
            let (Some(oldest), Some(next)) = (view.segments.front(), view.segments.get(1)) else {
                return Err(AppendError::Full(why.to_owned()));
            };
            oldest.first.max(self.lowest_cursor).min(next.first)..next.first
        };
        let count = dropped.end - dropped.start;
        self.shared.dropped.fetch_add(count, Ordering::Relaxed);
        tracing::error!(
            from = dropped.start, to = dropped.end, %why,
            "journal: full, the oldest messages are dropped"
        );
        Ok(())
    }

    /// Removes segments that all readers have passed and that are old or whose room is needed.
    /// `lowest_cursor` is the lowest position that any reader still wants.
    ///
    /// # Errors
    /// [`TrimError`] when a file could not be removed.
    pub fn trim(&mut self, now: Timestamp, lowest_cursor: Position) -> Result<Trimmed, TrimError> {
        self.lowest_cursor = lowest_cursor.0;
        let mut trimmed = Trimmed::default();
        while self.may_trim(now) {
            let aged = self
                .shared
                .view()
                .segments
                .front()
                .is_some_and(|oldest| oldest.last_append.after(self.options.retain_age) <= now);
            if !aged && self.room_for(self.options.segment_bytes).is_ok() {
                break;
            }
            trimmed.segments += 1;
            trimmed.bytes += self.remove_oldest()?;
        }
        let free = self.shared.disk.free_bytes().unwrap_or(u64::MAX);
        self.shared.view().measure(&self.options, now, self.lowest_cursor, free);
        Ok(trimmed)
    }

    /// Whether the oldest segment is one that nobody can want any more.
    fn may_trim(&self, now: Timestamp) -> bool {
        self.shared.view().trimmable(0, &self.options, now, self.lowest_cursor)
    }

    /// Removes the oldest segment; answers its bytes.
    fn remove_oldest(&self) -> Result<u64, TrimError> {
        // Out of sight first, so that no reader takes its absence for damage.
        let Some(oldest) = self.shared.view().segments.pop_front() else { return Ok(0) };
        let file = segment::name(oldest.first);
        if let Err(source) = self.shared.disk.remove(&file) {
            self.shared.view().segments.push_front(oldest);
            return Err(TrimError { file, source });
        }
        self.shared.view().forget_unreadable();
        self.shared.stats.segment_trimmed();
        // One at a time: after a crash no segment may be missing between two that are there.
        self.shared.disk.sync_dir().map_err(|source| TrimError { file, source })?;
        Ok(oldest.bytes)
    }
}

/// Creates a segment that is durable, name and header.
pub(crate) fn create_segment<D: Disk>(
    disk: &D,
    header: &Header,
    bytes: u64,
) -> io::Result<D::File> {
    let name = segment::name(header.first);
    let file = disk.create(&name, bytes)?;
    let mut head = header.encode();
    segment::put_mark(&mut head, header.first);
    let written = file.write_at(&head, 0).and_then(|()| file.sync());
    if let Err(error) = written.and_then(|()| disk.sync_dir()) {
        // It holds nothing; if it stays, the next opening removes it or goes on in it.
        let _ = disk.remove(&name);
        return Err(error);
    }
    Ok(file)
}

/// Whether the disk had no room.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
