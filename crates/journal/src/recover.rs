//! Opens a journal: finds its end, cuts a torn tail, quarantines damage, counts what is there.
//!
//! From: the files of a folder, as a crash or a bad disk left them. To: a [`Log`] that goes on.
//! Only headers are read, and the records of the last segment; damage further back is met, and
//! counted, by the reader that comes there.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};

use mutt_event::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use crate::append::Position;
use crate::batch::ReadBatch;
use crate::disk::{Disk, File};
use crate::handle::{NOT_APPENDING, Shared};
use crate::log::{Log, create_segment};
use crate::options::{OpenError, Options};
use crate::scan::{self, Stop, Walk};
use crate::segment::{self, Header, HeaderFault};
use crate::stats::JournalStats;
use crate::view::{Segment, View};

/// How much is read at once, in bytes.
const READ_BYTES: usize = 256 << 10;

/// What was found on opening.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recovery {
    /// The journal was made new.
    pub created: bool,
    /// The oldest position that is kept.
    pub start: Position,
    /// The next position to be written.
    pub end: Position,
    /// Bytes of a torn tail that were cut: appends that nobody was told were stored.
    pub cut_bytes: u64,
    /// Positions found unreadable, or left free because a cursor stood above the end.
    pub lost: Vec<Range<Position>>,
    /// Segments with a damaged header, or half of it; their records do not need it.
    pub damaged_headers: Vec<String>,
    /// Files removed since they held nothing.
    pub removed: Vec<String>,
}

impl Recovery {
    /// Whether nothing was wrong: at most a torn tail, as any crash leaves it.
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.damaged_headers.is_empty()
    }

    /// How many positions are lost.
    pub fn lost_count(&self) -> u64 {
        self.lost.iter().map(|range| range.end.0 - range.start.0).sum()
    }

    fn lose(&mut self, from: u64, to: u64) {
        if from < to {
            self.lost.push(Position(from)..Position(to));
        }
    }
}

/// A segment file before it is trusted. It is not kept open: there may be thousands.
pub(crate) struct Found {
    pub name: String,
    pub first: u64,
    pub bytes: u64,
    pub header: Option<Header>,
    /// Both copies of the header are whole.
    pub header_whole: bool,
}

impl Found {
    fn look<D: Disk>(disk: &D, name: String, first: u64) -> Result<Self, OpenError> {
        let mut head = vec![0; segment::HEADER_REGION_MAX];
        let read = disk
            .open_read(&name)
            .and_then(|file| Ok((file.bytes()?, scan::read_around(&file, &mut head, 0)?)));
        let (bytes, got) = read.map_err(OpenError::io(format!("read {name}")))?;
        let (header, header_whole) = match Header::decode(&head[..got], first) {
            Ok((header, whole)) => (Some(header), whole),
            Err(HeaderFault::Damaged) => (None, false),
            Err(HeaderFault::Version(version)) => {
                let known = segment::VERSION;
                return Err(OpenError::Version { file: name, version, known });
            }
        };
        Ok(Self { name, first, bytes, header, header_whole })
    }

    /// Reads all records; `each` sees every batch.
    pub fn walk<D: Disk>(
        &self,
        disk: &D,
        partitions: u16,
        mut each: impl FnMut(&ReadBatch),
    ) -> Result<(Walk, Stop), OpenError> {
        let failed = || OpenError::io(format!("read {}", self.name));
        let file = disk.open_read(&self.name).map_err(failed())?;
        let mut batch = ReadBatch::default();
        let mut walk = Walk { offset: segment::data_start(partitions), expected: self.first };
        loop {
            batch.clear(Position(walk.expected));
            let stop = walk.fill(&file, self.bytes, READ_BYTES, &mut batch).map_err(failed())?;
            each(&batch);
            if stop != Stop::More {
                return Ok((walk, stop));
            }
        }
    }
}

/// All segments of a folder, oldest first.
pub(crate) fn find<D: Disk>(disk: &D) -> Result<Vec<Found>, OpenError> {
    let names = disk.list().map_err(OpenError::io("list the journal's folder"))?;
    let mut segments: Vec<(u64, String)> =
        names.into_iter().filter_map(|name| Some((segment::first_of(&name)?, name))).collect();
    segments.sort_unstable();
    segments.into_iter().map(|(first, name)| Found::look(disk, name, first)).collect()
}

/// What counting up to the end has given so far.
struct Counts {
    stored: Vec<u64>,
    last_append: Timestamp,
    end: u64,
    end_offset: u64,
}

/// See [`Log::open`].
pub(crate) fn open<D: Disk>(
    disk: D,
    options: Options,
    cursors_at_least: Position,
) -> Result<(Log<D>, Recovery), OpenError> {
    options.check()?;
    let lock = disk.lock().map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => OpenError::Locked,
        _ => OpenError::io("lock the journal's folder")(error),
    })?;
    let mut recovery = Recovery::default();
    let mut found = find(&disk)?;
    let identity = check_owner(&found, &options)?.unwrap_or_else(Uuid::now_v7);
    remove_empty_tail(&disk, &mut found, &options, &mut recovery)?;
    recovery.created = found.is_empty();
    let mut segments = list_segments(&found, &mut recovery);
    let mut counts = count(&disk, &found, &mut segments, &options, &mut recovery)?;
    let mut active = None;
    if let Some(last) = found.last() {
        let header = last_header(&disk, last, &counts, identity, &segments)?;
        let file = repair_end(&disk, last, header.as_ref(), &counts, &mut recovery)
            .map_err(OpenError::io(format!("repair {}", last.name)))?;
        disk.sync_dir().map_err(OpenError::io("sync the journal's folder"))?;
        active = Some(file);
    }
    if counts.end < cursors_at_least.0 {
        // Positions are dense in a segment, so writing goes on in a new one.
        active = None;
        if !found.is_empty() {
            recovery.lose(counts.end, cursors_at_least.0);
        }
        counts.end = cursors_at_least.0;
    }
    let shared = share(disk, identity, &options, counts, segments);
    let active = match active {
        Some(file) => file,
        None => first_segment(&shared, &options)?,
    };
    missing_segments(&found, &shared, &mut recovery)?;
    recovery.start = Position(shared.view().start());
    recovery.end = Position(shared.view().end);
    tell(&recovery);
    Ok((Log::new(shared, options, active, lock), recovery))
}

fn share<D>(
    disk: D,
    identity: Uuid,
    options: &Options,
    counts: Counts,
    segments: VecDeque<Segment>,
) -> Arc<Shared<D>> {
    let end = watch::Sender::new(Position(counts.end));
    let view = View {
        end: counts.end,
        end_offset: counts.end_offset,
        stored: counts.stored,
        last_append: counts.last_append,
        held: 0,
        limit: options.retain_bytes,
        unreadable: Vec::new(),
        segments,
    };
    Arc::new(Shared {
        disk,
        identity,
        partitions: options.partitions,
        view: Mutex::new(view),
        end,
        full: AtomicBool::new(false),
        appending: AtomicI64::new(NOT_APPENDING),
        damaged: AtomicU64::new(0),
        dropped: AtomicU64::new(0),
        stats: JournalStats::default(),
    })
}

/// Whose segments these are; none if no header can be read.
fn check_owner(found: &[Found], options: &Options) -> Result<Option<Uuid>, OpenError> {
    let mut owner = None;
    for segment in found {
        let Some(header) = &segment.header else { continue };
        let expected = *owner.get_or_insert(header.identity);
        if header.identity != expected {
            return Err(OpenError::Foreign {
                file: segment.name.clone(),
                identity: header.identity.to_string(),
                expected: expected.to_string(),
            });
        }
        if header.partitions != options.partitions {
            let (has, wants) = (header.partitions, options.partitions);
            return Err(OpenError::Partitions { has, wants });
        }
    }
    Ok(owner)
}

/// Removes what a crash left while it made a segment: files at the end without header or record.
fn remove_empty_tail<D: Disk>(
    disk: &D,
    found: &mut Vec<Found>,
    options: &Options,
    recovery: &mut Recovery,
) -> Result<(), OpenError> {
    while let Some(last) = found.last().filter(|last| last.header.is_none()) {
        let mut records = 0;
        let (_, stop) = last.walk(disk, options.partitions, |batch| records += batch.len())?;
        if records > 0 || stop == Stop::End && last.bytes > segment::data_start(options.partitions)
        {
            break;
        }
        let name = last.name.clone();
        disk.remove(&name).map_err(OpenError::io(format!("remove {name}")))?;
        disk.sync_dir().map_err(OpenError::io("sync the journal's folder"))?;
        recovery.removed.push(name);
        found.pop();
    }
    Ok(())
}

/// The segments, with what their headers say; a gap in the headers is filled by what is likely.
fn list_segments(found: &[Found], recovery: &mut Recovery) -> VecDeque<Segment> {
    let mut segments = VecDeque::with_capacity(found.len());
    let mut before: Option<Segment> = None;
    for (index, file) in found.iter().enumerate() {
        if !file.header_whole {
            recovery.damaged_headers.push(file.name.clone());
        }
        let stored_before = match (&file.header, before) {
            (Some(header), _) => header.stored_total(),
            (None, Some(before)) => before.stored_before + (file.first - before.first),
            (None, None) => 0,
        };
        let after = found[index + 1..].iter().find_map(|next| next.header.as_ref());
        let last_append = after.or(file.header.as_ref()).map_or(Timestamp::ZERO, |h| h.last_append);
        let segment = Segment { first: file.first, bytes: file.bytes, last_append, stored_before };
        segments.push_back(segment);
        before = Some(segment);
    }
    segments
}

/// Counts records from the last whole header to the end.
fn count<D: Disk>(
    disk: &D,
    found: &[Found],
    segments: &mut VecDeque<Segment>,
    options: &Options,
    recovery: &mut Recovery,
) -> Result<Counts, OpenError> {
    let base = found.iter().rposition(|segment| segment.header.is_some()).unwrap_or(0);
    let header = found.get(base).and_then(|segment| segment.header.as_ref());
    let none = || vec![0; usize::from(options.partitions)];
    let mut counts = Counts {
        stored: header.map_or_else(none, |header| header.stored.clone()),
        last_append: header.map_or(Timestamp::ZERO, |header| header.last_append),
        end: 1,
        end_offset: 0,
    };
    for (index, file) in found.iter().enumerate().skip(base) {
        recovery.lose(counts.end, if index > base { file.first } else { 0 });
        if let Some(segment) = segments.get_mut(index) {
            segment.stored_before = counts.stored.iter().sum();
        }
        let (walk, _) = file.walk(disk, options.partitions, |batch| {
            for record in batch.records() {
                if let Some(stored) = counts.stored.get_mut(usize::from(record.partition)) {
                    *stored += 1;
                }
                counts.last_append = counts.last_append.max(record.time);
            }
            for range in batch.lost() {
                recovery.lose(range.start.0, range.end.0);
            }
        })?;
        counts.end = walk.expected;
        counts.end_offset = walk.offset;
        if let Some(segment) = segments.get_mut(index) {
            segment.last_append = counts.last_append;
        }
    }
    Ok(counts)
}

/// The header that the last segment lacks, if it does.
fn last_header<D: Disk>(
    disk: &D,
    last: &Found,
    counts: &Counts,
    identity: Uuid,
    segments: &VecDeque<Segment>,
) -> Result<Option<Header>, OpenError> {
    if last.header.is_some() {
        return Ok(None);
    }
    let mut stored = counts.stored.clone();
    let partitions = stored.len() as u16; // at most PARTITIONS_MAX
    last.walk(disk, partitions, |batch| {
        for record in batch.records() {
            if let Some(stored) = stored.get_mut(usize::from(record.partition)) {
                *stored -= 1;
            }
        }
    })?;
    let before = segments.len().checked_sub(2).and_then(|index| segments.get(index));
    Ok(Some(Header {
        identity,
        partitions,
        first: last.first,
        previous: before.map_or(0, |segment| segment.first),
        last_append: before.map_or(Timestamp::ZERO, |segment| segment.last_append),
        stored,
    }))
}

/// Makes the last segment fit to be written: its header whole, and after its records the end mark
/// and zeros. All of it is synced, since a killed process may have left it in memory only.
fn repair_end<D: Disk>(
    disk: &D,
    last: &Found,
    header: Option<&Header>,
    counts: &Counts,
    recovery: &mut Recovery,
) -> io::Result<D::File> {
    let file = disk.open_write(&last.name)?;
    if let Some(header) = header {
        file.write_at(&header.encode(), 0)?;
    }
    rewrite(&file, 0, counts.end_offset)?;
    let mut mark = Vec::new();
    segment::put_mark(&mut mark, counts.end);
    let after = counts.end_offset + mark.len() as u64;
    let mut chunk = vec![0; READ_BYTES];
    let mut offset = after;
    while offset < last.bytes {
        let got = scan::read_around(&file, &mut chunk, offset)?;
        if got == 0 {
            break;
        }
        if let Some(end) = chunk[..got].iter().rposition(|byte| *byte != 0) {
            recovery.cut_bytes = offset + end as u64 + 1 - counts.end_offset;
            file.write_at(&vec![0; got], offset)?;
        }
        offset += got as u64;
    }
    if after <= last.bytes {
        file.write_at(&mark, counts.end_offset)?;
    }
    file.sync()?;
    Ok(file)
}

/// Writes what stands in a file once more. After a failed sync the system calls pages clean that
/// never reached the disk: a process that starts then reads them, and no sync would write them.
fn rewrite<F: File>(file: &F, from: u64, to: u64) -> io::Result<()> {
    let mut chunk = vec![0; READ_BYTES];
    let mut offset = from;
    while offset < to {
        let want = usize::try_from(to - offset).unwrap_or(usize::MAX).min(READ_BYTES);
        match file.read_at(&mut chunk[..want], offset) {
            Ok(0) => break,
            Ok(got) => {
                file.write_at(&chunk[..got], offset)?;
                offset += got as u64;
            }
            // What cannot be read is damage already, and is left as it is.
            Err(_) => offset += want as u64,
        }
    }
    Ok(())
}

/// The segment that a new journal begins with, or that goes on above a cursor.
fn first_segment<D: Disk>(shared: &Shared<D>, options: &Options) -> Result<D::File, OpenError> {
    let mut view = shared.view();
    let first = view.end;
    let header = view.next_header(shared, first);
    let bytes = options.segment_bytes.next_multiple_of(4096);
    let file = create_segment(&shared.disk, &header, bytes)
        .map_err(OpenError::io(format!("create {}", segment::name(first))))?;
    view.add_segment(&header, bytes);
    Ok(file)
}

/// Finds segments that are gone from between others.
fn missing_segments<D: Disk>(
    found: &[Found],
    shared: &Shared<D>,
    recovery: &mut Recovery,
) -> Result<(), OpenError> {
    for pair in found.windows(2) {
        let [before, after] = pair else { continue };
        let follows = |header: &Header| header.previous == before.first;
        if after.header.as_ref().is_none_or(follows) {
            continue;
        }
        let (walk, _) = before.walk(&shared.disk, shared.partitions, |_| {})?;
        recovery.lose(walk.expected, after.first);
        shared.note_unreadable(walk.expected..after.first);
    }
    Ok(())
}

fn tell(recovery: &Recovery) {
    let (start, end) = (recovery.start.0, recovery.end.0);
    if recovery.is_clean() {
        tracing::info!(start, end, cut_bytes = recovery.cut_bytes, "journal: opened");
    } else {
        tracing::error!(
            start, end, cut_bytes = recovery.cut_bytes, lost = recovery.lost_count(),
            ranges = ?recovery.lost, headers = ?recovery.damaged_headers,
            "journal: opened with damage; the damaged part is left out"
        );
    }
}
