//! The journal against a plain vector: append, read, trim, crash anywhere, recover.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::single_range_in_vec_init)] // a list of one range is meant

mod common;

use std::time::Duration;

use common::*;
use mutt_journal::{
    AppendError, Batch, Handle, Log, Options, Position, ReadBatch, Reader, Receipt, SimDisk,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    /// One commit: the sizes of the records of each batch.
    Append(Vec<Vec<usize>>),
    /// The lasting reader reads this much.
    Read(usize),
    /// Seconds pass, and what was read may go.
    Trim(i64),
    /// The next commit finds the disk full after so many bytes.
    FillDisk(usize),
    /// The process dies at one of its next calls to the disk; with it the power, or not.
    Crash { after: u64, power: Option<u64> },
    /// A sync fails, and then the process is started again.
    FailSync { power: Option<u64> },
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let sizes = prop_oneof![8 => 0usize..60, 3 => 300usize..2_000, 1 => 9_000usize..20_000];
    let batches = prop::collection::vec(prop::collection::vec(sizes, 0..8), 1..4);
    let power = prop::option::weighted(0.7, any::<u64>());
    let op = prop_oneof![
        12 => batches.prop_map(Op::Append),
        4 => (1usize..10_000).prop_map(Op::Read),
        2 => (0i64..2_000).prop_map(Op::Trim),
        1 => (0usize..5_000).prop_map(Op::FillDisk),
        3 => (0u64..30, power.clone()).prop_map(|(after, power)| Op::Crash { after, power }),
        1 => power.prop_map(|power| Op::FailSync { power }),
    ];
    prop::collection::vec(op, 1..60)
}

fn small() -> Options {
    Options { keep_behind: Duration::from_secs(30), retain_bytes: 6 * SEGMENT, ..options() }
}

/// What should be true.
struct Model {
    disk: SimDisk,
    log: Option<Log<SimDisk>>,
    reader: Reader<SimDisk>,
    /// What each position holds, from 1 on; none: lost, and reported so.
    kept: Vec<Option<(u16, Vec<u8>)>>,
    /// Nothing below may be trimmed by anyone but us.
    cursor: u64,
    seconds: i64,
    serial: u64,
}

impl Model {
    fn new() -> Self {
        let disk = SimDisk::new();
        let log = Log::open(disk.clone(), small(), Position::FIRST).unwrap().0;
        let reader = log.handle().reader(Position::FIRST);
        let (kept, log) = (Vec::new(), Some(log));
        Self { disk, log, reader, kept, cursor: 1, seconds: 0, serial: 0 }
    }

    fn log(&mut self) -> &mut Log<SimDisk> {
        self.log.as_mut().unwrap()
    }

    fn handle(&mut self) -> Handle<SimDisk> {
        self.log().handle()
    }

    fn records(&mut self, sizes: &[usize]) -> Vec<(u16, Vec<u8>)> {
        let first = self.serial;
        self.serial += sizes.len() as u64;
        (first..).zip(sizes).flat_map(|(n, size)| numbered(n, 1, *size)).collect()
    }

    /// One commit; answers the records if the process died, or the log failed, meanwhile.
    fn append(&mut self, batches: &[Vec<usize>]) -> Option<Vec<(u16, Vec<u8>)>> {
        let records: Vec<_> = batches.iter().map(|sizes| self.records(sizes)).collect();
        let encoded: Vec<Batch> = records.iter().map(|records| batch(records)).collect();
        self.seconds += 1;
        let now = at(self.seconds);
        let end = self.kept.len() as u64 + 1;
        match self.log().commit(now, &encoded.iter().collect::<Vec<_>>()) {
            Ok(receipts) => {
                let mut next = end;
                for (receipt, records) in receipts.iter().zip(&records) {
                    let count = records.len() as u32;
                    assert_eq!(*receipt, Receipt::together(Position(next), count, now));
                    next += records.len() as u64;
                }
                self.kept.extend(records.into_iter().flatten().map(Some));
                None
            }
            Err(AppendError::Full(_) | AppendError::Invalid(_)) => None,
            Err(AppendError::Failed(_)) => Some(records.into_iter().flatten().collect()),
            Err(error) => panic!("{error}"),
        }
    }

    /// A new process opens the folder: what was acknowledged is there, and of `unsure` perhaps some.
    fn reopen(&mut self, disk: SimDisk, unsure: &[(u16, Vec<u8>)]) {
        self.log = None;
        self.disk = disk;
        let cursor = Position(self.cursor);
        let (log, recovery) = Log::open(self.disk.clone(), small(), cursor).unwrap();
        let handle = log.handle();
        let (start, end) = (handle.start().0, handle.end().0);
        assert!(start <= self.cursor.max(1), "{start} is above the cursor {}", self.cursor);
        assert!(end > self.kept.len() as u64, "acknowledged records are gone: {recovery:?}");
        let (records, lost) = read_all(&handle, Position(start));
        let acknowledged = self.kept.len();
        let mut now = self.kept.clone();
        now.resize(end as usize - 1, None);
        for (position, partition, payload) in records {
            let index = position as usize - 1;
            match self.kept.get(index) {
                Some(kept) => {
                    assert_eq!(kept.as_ref().map(short), Some(short(&(partition, payload))));
                }
                None => {
                    let record = (partition, payload.clone());
                    assert_eq!(unsure.get(index - acknowledged).map(short), Some(short(&record)));
                    now[index] = Some((partition, payload));
                }
            }
        }
        let mut positions = lost.into_iter().flatten();
        assert!(positions.all(|position| now[position as usize - 1].is_none()), "{recovery:?}");
        self.kept = now;
        self.reader = handle.reader(cursor);
        self.log = Some(log);
        self.check_counts();
    }

    fn check_counts(&mut self) {
        let handle = self.handle();
        assert_eq!(handle.end().0, self.kept.len() as u64 + 1);
        for partition in 0..PARTITIONS {
            let kept = self.kept.iter().flatten().filter(|record| record.0 == partition).count();
            assert_eq!(handle.stored(partition), kept as u64);
        }
        assert_eq!(handle.lost(), self.kept.iter().filter(|kept| kept.is_none()).count() as u64);
        assert_eq!(handle.damaged(), 0);
        assert_balance(&handle);
    }

    fn read(&mut self, bytes: usize) {
        let mut read = ReadBatch::default();
        self.reader.read(bytes, &mut read).unwrap();
        let mut lost = read.lost().iter().flat_map(|range| range.start.0..range.end.0);
        assert!(lost.all(|position| self.kept[position as usize - 1].is_none()));
        for record in read.records() {
            let kept = self.kept[record.position.0 as usize - 1].as_ref().unwrap();
            assert_eq!((record.partition, record.payload), (kept.0, &kept.1[..]));
        }
        let covered = read.len() as u64 + read.lost_count();
        assert_eq!(covered, read.next().0 - self.cursor);
        assert_eq!(covered == 0, self.cursor == self.kept.len() as u64 + 1);
        self.cursor = read.next().0;
    }

    fn trim(&mut self, seconds: i64) {
        self.seconds += seconds;
        let (now, cursor) = (at(self.seconds), Position(self.cursor));
        self.log().trim(now, cursor).unwrap();
        let handle = self.handle();
        assert!(handle.start() <= cursor);
    }

    fn die(&mut self, power: Option<u64>, unsure: &[(u16, Vec<u8>)]) {
        let disk = power.map_or_else(|| self.disk.restart(), |seed| self.disk.crash(seed));
        self.reopen(disk, unsure);
    }

    fn crash(&mut self, after: u64, power: Option<u64>) {
        self.disk.die_after(after);
        let mut unsure = None;
        for n in 0..40 {
            unsure = self.append(&[vec![40 * n, 700]]);
            let (now, cursor) = (at(self.seconds), Position(self.cursor));
            if unsure.is_some() || self.log().trim(now, cursor).is_err() {
                break;
            }
        }
        self.die(power, &unsure.unwrap_or_default());
    }

    fn run(&mut self, op: Op) {
        match op {
            Op::Append(batches) => assert!(self.append(&batches).is_none()),
            Op::Read(bytes) => self.read(bytes),
            Op::Trim(seconds) => self.trim(seconds),
            Op::FillDisk(bytes) => {
                let before = self.kept.len();
                self.disk.fill_in_next_write(bytes);
                match self.append(&[vec![2_000, 2_000, 2_000]]) {
                    // Or a trim made room, and it was tried again.
                    None => assert!([before, before + 3].contains(&self.kept.len())),
                    Some(unsure) => self.die(None, &unsure),
                }
                self.disk.fill_in_next_write(usize::MAX);
            }
            Op::Crash { after, power } => self.crash(after, power),
            Op::FailSync { power } => {
                self.disk.fail_syncs(1);
                if let Some(unsure) = self.append(&[vec![100, 900]]) {
                    // Only a power cut may bring it back.
                    let unsure = if power.is_some() { unsure } else { Vec::new() };
                    self.die(power, &unsure);
                }
                self.disk.fail_syncs(0);
            }
        }
        self.check_counts();
    }
}

/// A record, short enough for a person who reads a failed test.
fn short(record: &(u16, Vec<u8>)) -> String {
    let text: String = record.1.iter().take(12).map(|byte| char::from(*byte)).collect();
    format!("{text:?}, {} bytes in partition {}", record.1.len(), record.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_journal_is_a_vector_that_survives(ops in ops()) {
        let mut model = Model::new();
        for op in ops {
            model.run(op);
        }
        while model.cursor <= model.kept.len() as u64 {
            model.read(1);
        }
        model.die(None, &[]);
    }
}
