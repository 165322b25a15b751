//! Looks into a journal without opening it: nothing is repaired, nothing locked.
//!
//! From: the files of a folder, damaged ones too. To: `mutt journal inspect` and `export`. Of a
//! journal that is being written, the last records may be missing or look torn.

use std::io;
use std::ops::Range;

use mutt_event::Timestamp;

use crate::append::Position;
use crate::batch::{ReadBatch, Record};
use crate::disk::Disk;
use crate::options::{OpenError, Options};
use crate::recover::{self, Found};
use crate::scan::Stop;

/// What the header of a segment is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderState {
    /// Both copies are whole.
    Whole,
    /// One copy is damaged; the other serves.
    OneCopy,
    /// Neither copy can be read; the records can be, all the same.
    Damaged,
}

/// What a segment holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentReport {
    /// The file's name.
    pub name: String,
    /// Its size on disk, in bytes.
    pub bytes: u64,
    /// Its header.
    pub header: HeaderState,
    /// Position of its first record.
    pub first: Position,
    /// The position after its last record.
    pub next: Position,
    /// Readable records.
    pub records: u64,
    /// Readable records by partition.
    pub by_partition: Vec<u64>,
    /// Append time of the first readable record.
    pub first_time: Option<Timestamp>,
    /// Append time of the last readable record.
    pub last_time: Option<Timestamp>,
    /// Positions that cannot be read, up to the start of the next segment.
    pub lost: Vec<Range<Position>>,
    /// No end mark stands after the last record: the write there was torn, or is under way.
    pub torn: bool,
}

/// What a journal holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspection {
    /// The journal's own name; none if no header can be read.
    pub identity: Option<String>,
    /// The number of partitions, P; none if no header can be read.
    pub partitions: Option<u16>,
    /// The segments, oldest first.
    pub segments: Vec<SegmentReport>,
}

/// What an export gave.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exported {
    /// Records handed over.
    pub records: u64,
    /// Positions that could not be read.
    pub lost: Vec<Range<Position>>,
}

/// Looks at every record of every segment.
///
/// # Errors
/// [`OpenError::Io`] when the disk does not answer, [`OpenError::Version`] for an unknown format.
pub fn inspect<D: Disk>(disk: &D) -> Result<Inspection, OpenError> {
    let mut segments: Vec<SegmentReport> = Vec::new();
    let found = recover::find(disk)?;
    let header = found.iter().find_map(|segment| segment.header.as_ref());
    let partitions = header.map(|header| header.partitions);
    for segment in &found {
        if let Some(before) = segments.last_mut().filter(|before| before.next.0 < segment.first) {
            add_range(&mut before.lost, before.next..Position(segment.first));
        }
        segments.push(report(disk, segment, partitions)?);
    }
    Ok(Inspection {
        identity: header.map(|header| header.identity.to_string()),
        partitions,
        segments,
    })
}

/// Hands every readable record from `from` on to `each`, in order.
///
/// # Errors
/// As [`inspect`], and when `each` fails.
pub fn export<D: Disk>(
    disk: &D,
    from: Position,
    mut each: impl FnMut(Record<'_>) -> io::Result<()>,
) -> Result<Exported, OpenError> {
    let mut exported = Exported::default();
    let found = recover::find(disk)?;
    let partitions = found.iter().find_map(|segment| Some(segment.header.as_ref()?.partitions));
    let mut next = None;
    for (index, segment) in found.iter().enumerate() {
        if found.get(index + 1).is_some_and(|after| after.first <= from.0) {
            continue;
        }
        let mut lose = |range: Range<Position>| {
            let range = range.start.max(from)..range.end;
            if range.start < range.end {
                add_range(&mut exported.lost, range);
            }
        };
        if let Some(next) = next {
            lose(next..Position(segment.first));
        }
        let mut failed = None;
        let walked = segment.walk(disk, partitions_or_default(partitions), |batch| {
            batch.lost().iter().cloned().for_each(&mut lose);
            for record in batch.records().filter(|record| record.position >= from) {
                if failed.is_none() {
                    failed = each(record).err();
                    exported.records += 1;
                }
            }
        });
        if let Some(error) = failed {
            return Err(OpenError::io("write the export")(error));
        }
        let (walk, _) = walked?;
        next = Some(Position(walk.expected));
    }
    Ok(exported)
}

fn partitions_or_default(partitions: Option<u16>) -> u16 {
    partitions.unwrap_or(Options::default().partitions)
}

fn report<D: Disk>(
    disk: &D,
    segment: &Found,
    partitions: Option<u16>,
) -> Result<SegmentReport, OpenError> {
    let mut report = SegmentReport {
        name: segment.name.clone(),
        bytes: segment.bytes,
        header: match (&segment.header, segment.header_whole) {
            (Some(_), true) => HeaderState::Whole,
            (Some(_), false) => HeaderState::OneCopy,
            (None, _) => HeaderState::Damaged,
        },
        first: Position(segment.first),
        next: Position(segment.first),
        records: 0,
        by_partition: vec![0; usize::from(partitions.unwrap_or(0))],
        first_time: None,
        last_time: None,
        lost: Vec::new(),
        torn: false,
    };
    let partitions = partitions_or_default(partitions);
    let (walk, stop) = segment.walk(disk, partitions, |batch| report.add(batch))?;
    report.next = Position(walk.expected);
    report.torn = stop == Stop::Tail;
    Ok(report)
}

impl SegmentReport {
    fn add(&mut self, batch: &ReadBatch) {
        for record in batch.records() {
            let partition = usize::from(record.partition);
            if self.by_partition.len() <= partition {
                self.by_partition.resize(partition + 1, 0);
            }
            self.by_partition[partition] += 1;
            self.records += 1;
            self.first_time.get_or_insert(record.time);
            self.last_time = Some(record.time);
        }
        for range in batch.lost() {
            add_range(&mut self.lost, range.clone());
        }
    }
}

fn add_range(ranges: &mut Vec<Range<Position>>, range: Range<Position>) {
    match ranges.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => ranges.push(range),
    }
}
