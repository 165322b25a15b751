//! Group commit: who waits is answered once the batch is on disk, or told why it is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::single_range_in_vec_init)] // a list of one range is meant

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use common::*;
use mutt_event::Timestamp;
use mutt_journal::{
    AppendError, Appender, Clock, Control, Log, Options, Pending, Position, RealDisk, SimDisk,
    Step, SystemClock, WhenFull, Writer, queue,
};

/// A clock that the test moves.
#[derive(Clone, Default)]
struct Hand(Arc<AtomicI64>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        at(self.0.load(Ordering::Relaxed))
    }
}

struct Bench {
    runtime: tokio::runtime::Runtime,
    appender: Appender,
    writer: Writer<SimDisk, Hand>,
    control: Control,
    clock: Hand,
    disk: SimDisk,
}

impl Bench {
    fn new(options: Options) -> Self {
        let (disk, clock) = (SimDisk::new(), Hand::default());
        let (appender, queue) = queue(PARTITIONS, 64 << 20);
        let log = Log::open(disk.clone(), options, Position::FIRST).unwrap().0;
        let writer = Writer::new(log, queue, clock.clone()).with_wait(Duration::ZERO);
        let control = writer.control();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Self { runtime, appender, writer, control, clock, disk }
    }

    fn submit(&self, count: u64, when_full: WhenFull) -> Pending {
        let batch = batch(&numbered(1, count, 300));
        self.runtime.block_on(self.appender.submit(batch, when_full)).unwrap()
    }

    fn answer(&self, pending: Pending) -> Result<u64, AppendError> {
        let receipt = self.runtime.block_on(pending.stored())?;
        Ok(receipt.ids(&[0]).next().unwrap().position)
    }

    /// Fills the journal with batches that would be refused.
    fn fill(&mut self) -> String {
        loop {
            let pending = self.submit(5, WhenFull::Refuse);
            if let Step::Full { held: 0, why } = self.writer.step() {
                assert!(matches!(self.answer(pending), Err(AppendError::Full(_))));
                return why;
            }
            self.answer(pending).unwrap();
        }
    }
}

#[test]
fn what_waits_is_stored_in_one_commit_in_order() {
    let mut bench = Bench::new(options());
    let waiting: Vec<Pending> = (0..10).map(|_| bench.submit(3, WhenFull::Wait)).collect();
    assert!(bench.appender.waiting_bytes() > 0);
    assert_eq!(bench.writer.step(), Step::Stored { batches: 10 });
    let firsts: Vec<u64> = waiting.into_iter().map(|p| bench.answer(p).unwrap()).collect();
    assert_eq!(firsts, (0..10).map(|n| 1 + n * 3).collect::<Vec<u64>>());
    let stats = bench.writer.log().handle().stats().snapshot();
    assert_eq!((stats.commits, stats.batches, stats.records), (1, 10, 30));
    assert_eq!((stats.times.iter().sum::<u64>(), stats.sizes.iter().sum::<u64>()), (1, 1));
    assert_eq!(bench.writer.step(), Step::Idle);
    assert_eq!(bench.appender.waiting_bytes(), 0);
}

#[test]
fn an_impossible_batch_alone_is_refused() {
    let mut bench = Bench::new(options());
    let good = bench.submit(2, WhenFull::Wait);
    let bad = batch(&[(0, vec![0; 17 << 20])]);
    let bad = bench.runtime.block_on(bench.appender.submit(bad, WhenFull::Wait));
    let also_good = bench.submit(2, WhenFull::Wait);
    while bench.writer.step() != Step::Idle {}
    assert_eq!((bench.answer(good), bench.answer(also_good)), (Ok(1), Ok(3)));
    assert!(matches!(bench.answer(bad.unwrap()), Err(AppendError::Invalid(_))));
}

#[test]
fn a_full_journal_refuses_some_and_holds_the_others() {
    let mut bench = Bench::new(Options {
        retain_bytes: 3 * SEGMENT,
        keep_behind: Duration::from_secs(10),
        ..options()
    });
    let why = bench.fill();
    let end = bench.writer.log().handle().end();
    let held = [bench.submit(4, WhenFull::Wait), bench.submit(2, WhenFull::Wait)];
    let refused = bench.submit(5, WhenFull::Refuse);
    assert_eq!(bench.writer.step(), Step::Full { held: 2, why: why.clone() });
    assert_eq!(bench.answer(refused), Err(AppendError::Full(why.clone())));
    assert_eq!(bench.writer.step(), Step::Full { held: 2, why });
    assert_eq!(bench.writer.log().handle().stats().snapshot().refused_full, 2);

    bench.control.set_lowest_cursor(end);
    bench.clock.0.store(11, Ordering::Relaxed);
    assert_eq!(bench.writer.step(), Step::Stored { batches: 2 });
    let [first, second] = held;
    assert_eq!((bench.answer(first), bench.answer(second)), (Ok(end.0), Ok(end.0 + 4)));
    let after = bench.submit(1, WhenFull::Refuse);
    assert_eq!(bench.writer.step(), Step::Stored { batches: 1 });
    assert_eq!(bench.answer(after), Ok(end.0 + 6));
}

#[test]
fn closing_a_full_journal_answers_what_is_held() {
    let mut bench = Bench::new(Options { retain_bytes: 3 * SEGMENT, ..options() });
    bench.fill();
    let held = bench.submit(4, WhenFull::Wait);
    bench.writer.step();
    bench.appender = queue(PARTITIONS, 1).0;
    assert_eq!(bench.writer.step(), Step::Closed);
    assert_eq!(bench.answer(held), Err(AppendError::Closed));
}

#[test]
fn a_failed_sync_answers_all_and_is_final() {
    let mut bench = Bench::new(options());
    let waiting = [bench.submit(1, WhenFull::Wait), bench.submit(1, WhenFull::Refuse)];
    bench.disk.fail_syncs(1);
    assert!(matches!(bench.writer.step(), Step::Failed { .. }));
    for pending in waiting {
        assert!(matches!(bench.answer(pending), Err(AppendError::Failed(_))));
    }
    let later = bench.submit(1, WhenFull::Wait);
    assert!(matches!(bench.writer.step(), Step::Failed { .. }));
    assert!(matches!(bench.answer(later), Err(AppendError::Failed(_))));
}

#[test]
fn many_senders_one_writer_on_a_real_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (appender, queue) = queue(PARTITIONS, 1 << 20);
    let log = Log::open(RealDisk::new(folder.path()), options(), Position::FIRST).unwrap().0;
    let handle = log.handle();
    let mut writer = Writer::new(log, queue, SystemClock);
    let writer = thread::spawn(move || {
        loop {
            match writer.step() {
                Step::Closed => break,
                step => assert!(matches!(step, Step::Stored { .. } | Step::Idle), "{step:?}"),
            }
        }
    });
    let senders: Vec<_> = (0..8u16)
        .map(|sender| {
            let (appender, handle) = (appender.clone(), handle.clone());
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                for n in 0..50 {
                    let records = [(sender % PARTITIONS, format!("{sender} {n}"))];
                    let stored = appender.append(batch(&records), WhenFull::Wait);
                    let receipt = runtime.block_on(stored).unwrap();
                    let position = receipt.ids(&[0]).next().unwrap().position;
                    assert!(handle.end().0 > position, "answered before it can be read");
                }
            })
        })
        .collect();
    drop(appender);
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    writer.join().unwrap();
    let (records, lost) = read_all(&handle, Position::FIRST);
    assert_eq!((records.len(), lost), (400, vec![]));
    for sender in 0..8 {
        let prefix = format!("{sender} ").into_bytes();
        let of_one = records.iter().filter(|record| record.2.starts_with(&prefix));
        let expected = (0..50).map(|n| format!("{sender} {n}").into_bytes());
        assert!(of_one.map(|record| record.2.clone()).eq(expected), "out of order");
    }
    assert_balance(&handle);
}

#[test]
fn readers_are_told_of_each_new_end() {
    let mut bench = Bench::new(options());
    let mut ends = bench.writer.log().handle().notify();
    assert_eq!(*ends.borrow_and_update(), Position::FIRST);
    bench.submit(3, WhenFull::Wait);
    bench.writer.step();
    bench.runtime.block_on(ends.changed()).unwrap();
    assert_eq!(*ends.borrow(), Position(4));
}
