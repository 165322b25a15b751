//! How fast the journal takes and gives records of 300 bytes, with real syncs.
//!
//! `cargo bench -p mutt-journal`; the folder is made where `TMPDIR` says, which must be a real
//! disk for the figures to mean anything.
#![allow(clippy::unwrap_used, missing_docs)]

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use mutt_event::Timestamp;
use mutt_journal::{Batch, Log, Options, Position, ReadBatch, RealDisk};

const RECORDS: usize = 1_000;
const BYTES: usize = 300;

fn main() {
    divan::main();
}

fn thousand() -> Batch {
    let mut batch = Batch::with_capacity(RECORDS * BYTES);
    for n in 0..RECORDS {
        batch.push((n % 16) as u16, |out| out.resize(out.len() + BYTES, b'x'));
    }
    batch
}

fn open(folder: &tempfile::TempDir) -> Log<RealDisk> {
    let options = Options {
        reserve_bytes: 0,
        keep_behind: std::time::Duration::ZERO,
        retain_bytes: 256 << 20,
        ..Options::default()
    };
    Log::open(RealDisk::new(folder.path()), options, Position::FIRST).unwrap().0
}

/// One write and one sync for a batch of 1,000.
#[divan::bench(min_time = 2)]
fn append_1000(bencher: Bencher) {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(&folder);
    let (batch, handle) = (thousand(), log.handle());
    let mut now = 0;
    bencher
        .counter(ItemsCount::new(RECORDS))
        .counter(BytesCount::new(RECORDS * BYTES))
        .bench_local(|| {
            now += 1;
            let now = Timestamp::from_millis(now);
            log.trim(now, handle.end()).unwrap();
            log.commit(now, &[&batch]).unwrap()
        });
}

/// Reads 100,000 records, verified, from the page cache.
#[divan::bench(args = [64 << 10, 256 << 10, 1 << 20], min_time = 1)]
fn read_100_000(bencher: Bencher, max_bytes: usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(&folder);
    for n in 0..100 {
        log.commit(Timestamp::from_millis(n), &[&thousand()]).unwrap();
    }
    let mut read = ReadBatch::default();
    let count = 100 * RECORDS;
    bencher.counter(ItemsCount::new(count)).counter(BytesCount::new(count * BYTES)).bench_local(
        || {
            let mut reader = log.handle().reader(Position::FIRST);
            let mut sum = 0;
            loop {
                reader.read(max_bytes, &mut read).unwrap();
                if read.is_empty() {
                    break sum;
                }
                sum += read.records().map(|record| record.payload.len()).sum::<usize>();
            }
        },
    );
}
