//! What the journal's tests share.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::ops::Range;
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::{
    AppendError, Batch, Disk, Handle, Log, Options, Position, ReadBatch, Receipt, WhenJournalFull,
};

pub const PARTITIONS: u16 = 3;
pub const SEGMENT: u64 = 16 << 10;
pub const DATA: usize = 8192;

/// A record as a test remembers it.
pub type Kept = (u64, u16, Vec<u8>);

pub fn options() -> Options {
    Options {
        partitions: PARTITIONS,
        segment_bytes: SEGMENT,
        retain_bytes: 64 << 20,
        retain_age: Duration::from_secs(3600),
        keep_behind: Duration::from_secs(600),
        reserve_bytes: 0,
        when_full: WhenJournalFull::Block,
    }
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000 + seconds * 1_000)
}

pub fn batch<P: AsRef<[u8]>>(records: &[(u16, P)]) -> Batch {
    let mut batch = Batch::default();
    for (partition, payload) in records {
        batch.push(*partition, |out| out.extend_from_slice(payload.as_ref()));
    }
    batch
}

/// `count` records of `bytes` bytes that tell themselves apart, from `first` on.
pub fn numbered(first: u64, count: u64, bytes: usize) -> Vec<(u16, Vec<u8>)> {
    (first..first + count)
        .map(|n| {
            let mut payload = format!("record {n} ").into_bytes();
            payload.resize(bytes.max(payload.len()), b'a' + (n % 26) as u8);
            ((n % u64::from(PARTITIONS)) as u16, payload)
        })
        .collect()
}

pub fn open<D: Disk>(disk: &D) -> Log<D> {
    Log::open(disk.clone(), options(), Position::FIRST).expect("open").0
}

pub fn append<D: Disk>(
    log: &mut Log<D>,
    now: Timestamp,
    records: &[(u16, Vec<u8>)],
) -> Result<Receipt, AppendError> {
    Ok(log.commit(now, &[&batch(records)])?.remove(0))
}

/// Appends `commits` commits of five numbered records each.
pub fn fill<D: Disk>(log: &mut Log<D>, commits: u64, bytes: usize) -> Vec<Kept> {
    let mut kept = Vec::new();
    for _ in 0..commits {
        let first = log.handle().end().0;
        let records = numbered(first, 5, bytes);
        append(log, at(first as i64), &records).expect("append");
        kept.extend(records.into_iter().enumerate().map(|(i, (p, r))| (first + i as u64, p, r)));
    }
    kept
}

/// All that a new reader gets from `from` on.
pub fn read_all<D: Disk>(handle: &Handle<D>, from: Position) -> (Vec<Kept>, Vec<Range<u64>>) {
    let mut reader = handle.reader(from);
    let mut batch = ReadBatch::default();
    let (mut records, mut lost) = (Vec::new(), Vec::<Range<u64>>::new());
    let mut last_time = Timestamp::ZERO;
    loop {
        let before = reader.position();
        reader.read(1, &mut batch).expect("read");
        assert_eq!(batch.next(), reader.position());
        if batch.is_empty() {
            assert_eq!(before, handle.end());
            break;
        }
        let mut positions: Vec<Range<u64>> =
            batch.lost().iter().map(|range| range.start.0..range.end.0).collect();
        lost.extend(positions.iter().cloned());
        for record in batch.records() {
            assert!(record.time >= last_time, "time goes backwards at {}", record.position);
            last_time = record.time;
            positions.push(record.position.0..record.position.0 + 1);
            records.push((record.position.0, record.partition, record.payload.to_vec()));
        }
        // Each position exactly once, read or lost.
        positions.sort_by_key(|range| range.start);
        let end = positions.iter().fold(before.0, |next, range| {
            assert_eq!(range.start, next);
            range.end
        });
        assert_eq!(end, batch.next().0);
    }
    (records, lost)
}

pub fn count(ranges: &[Range<u64>]) -> u64 {
    ranges.iter().map(|range| range.end - range.start).sum()
}

/// `end - 1 = sum of stored + lost`.
pub fn assert_balance<D: Disk>(handle: &Handle<D>) {
    let totals = handle.totals();
    let stored: u64 = totals.stored.iter().sum();
    assert_eq!(totals.end.0 - 1, stored + totals.lost, "{totals:?}");
    assert_eq!(handle.lost(), totals.lost);
}
