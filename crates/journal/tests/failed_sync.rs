//! A failed sync, then a kill, then a power failure: three faults in a row lose nothing that was
//! acknowledged.

#![allow(clippy::unwrap_used)] // helpers of tests, too

use mutt_event::Timestamp;
use mutt_journal::{Batch, Log, Options, Position, ReadBatch, SimDisk};

fn open(disk: &SimDisk) -> Log<SimDisk> {
    let options =
        Options { partitions: 1, segment_bytes: 64 << 10, reserve_bytes: 0, ..Options::default() };
    Log::open(disk.clone(), options, Position::FIRST).unwrap().0
}

fn batch(text: &str) -> Batch {
    let mut batch = Batch::default();
    batch.push(0, |out| out.extend_from_slice(text.as_bytes()));
    batch
}

#[test]
fn what_a_failed_sync_left_in_memory_reaches_the_disk_at_the_next_start() {
    for seed in 0..20 {
        let disk = SimDisk::new();
        let mut log = open(&disk);
        log.commit(Timestamp::ZERO, &[&batch("before")]).unwrap();
        disk.fail_syncs(1);
        // The write and the sync; then the process is gone before it takes the batch back.
        disk.die_after(2);
        log.commit(Timestamp::ZERO, &[&batch("failed")]).unwrap_err();
        drop(log);

        let disk = disk.restart();
        let mut log = open(&disk);
        log.commit(Timestamp::ZERO, &[&batch("after")]).unwrap();
        drop(log);

        let disk = disk.crash(seed);
        let log = open(&disk);
        let mut read = ReadBatch::default();
        log.handle().reader(Position::FIRST).read(1 << 20, &mut read).unwrap();
        let stored: Vec<&[u8]> = read.records().map(|record| record.payload).collect();
        assert!(stored.contains(&&b"before"[..]), "seed {seed}: {stored:?}");
        assert!(stored.contains(&&b"after"[..]), "seed {seed}: {stored:?}");
    }
}
