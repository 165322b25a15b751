//! Append, read, reopen, trim, limits: on a simulated disk and on the real one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::single_range_in_vec_init)] // a list of one range is meant

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use common::*;
use mutt_event::Timestamp;
use mutt_journal::{
    AppendError, Disk, Log, OpenError, Options, Position, ReadBatch, RealDisk, Receipt, SimDisk,
    WhenJournalFull, export, inspect,
};

fn real() -> (tempfile::TempDir, RealDisk) {
    let folder = tempfile::tempdir().unwrap();
    let disk = RealDisk::new(folder.path().join("journal"));
    (folder, disk)
}

fn append_read_reopen<D: Disk>(disk: &D, reopen: impl Fn() -> D) {
    let mut log = open(disk);
    let identity = log.handle().identity();
    let mut kept = fill(&mut log, 40, 300);
    assert_eq!(read_all(&log.handle(), Position::FIRST), (kept.clone(), vec![]));
    assert!(disk.list().unwrap().iter().filter(|name| name.ends_with(".seg")).count() > 3);
    let totals = log.handle().totals();
    drop(log);

    let disk = reopen();
    let (mut log, recovery) = Log::open(disk, options(), Position(77)).unwrap();
    assert!(recovery.is_clean() && !recovery.created, "{recovery:?}");
    assert_eq!(recovery.cut_bytes, 0);
    assert_eq!(log.handle().identity(), identity);
    assert_eq!(log.handle().totals(), totals);
    kept.extend(fill(&mut log, 10, 300));
    assert_eq!(read_all(&log.handle(), Position::FIRST), (kept.clone(), vec![]));
    assert_eq!(read_all(&log.handle(), Position(101)).0, kept[100..]);
    for partition in 0..PARTITIONS {
        let expected = kept.iter().filter(|record| record.1 == partition).count() as u64;
        assert_eq!(log.handle().stored(partition), expected);
    }
    assert_balance(&log.handle());
    assert_eq!(log.handle().damaged(), 0);
}

#[test]
fn what_is_appended_is_read_also_after_a_restart() {
    let disk = SimDisk::new();
    append_read_reopen(&disk, || disk.restart());
    let (_folder, disk) = real();
    append_read_reopen(&disk, || disk.clone());
}

#[test]
fn batches_of_one_commit_get_a_receipt_each() {
    let mut log = open(&SimDisk::new());
    let (one, none, two) = (batch(&[(0, "a")]), batch::<&str>(&[]), batch(&[(1, "b"), (2, "c")]));
    let receipts = log.commit(at(5), &[&one, &none, &two]).unwrap();
    let of = |first, count| Receipt::together(Position(first), count, at(5));
    assert_eq!(receipts, [of(1, 1), of(2, 0), of(2, 2)]);
    let stats = log.handle().stats().snapshot();
    assert_eq!((stats.commits, stats.batches, stats.records), (1, 3, 3));
}

#[test]
fn a_position_is_found_by_time() {
    let disk = SimDisk::new();
    let mut log = open(&disk);
    assert_eq!(log.handle().seek_time(at(0)).unwrap(), Position::FIRST);
    // Five records a commit, at the second of the first one's number: at 1, 6, 11, ….
    fill(&mut log, 60, 300);
    let end = log.handle().end();
    let find_all = |log: &Log<SimDisk>| {
        let handle = log.handle();
        assert_eq!(handle.seek_time(Timestamp::ZERO).unwrap(), Position::FIRST);
        for seconds in 0..end.0 {
            let expected = seconds.saturating_sub(1).next_multiple_of(5) + 1;
            let found = handle.seek_time(at(seconds as i64)).unwrap();
            assert_eq!(found, Position(expected), "at {seconds}");
        }
        assert_eq!(handle.seek_time(at(9_999)).unwrap(), end);
    };
    find_all(&log);
    drop(log);
    let disk = disk.restart();
    find_all(&open(&disk));
    // What is gone has no time; what comes behind it has.
    let oldest = disk.list().unwrap().into_iter().filter(|name| name.ends_with(".seg")).min();
    disk.lose_file(&oldest.unwrap());
    let handle = open(&disk).handle();
    let found = handle.seek_time(at(1)).unwrap();
    assert!(found > Position::FIRST && found <= handle.end());
    let mut batch = ReadBatch::default();
    handle.reader(found).read(1, &mut batch).unwrap();
    assert_eq!(batch.records().next().unwrap().position, found);
}

#[test]
fn append_times_never_go_backwards() {
    let disk = SimDisk::new();
    let mut log = open(&disk);
    append(&mut log, at(100), &numbered(1, 1, 10)).unwrap();
    assert_eq!(
        append(&mut log, at(50), &numbered(2, 1, 10)).unwrap(),
        Receipt::together(Position(2), 1, at(100))
    );
    drop(log);
    let mut log = open(&disk.restart());
    assert_eq!(log.handle().last_append(), at(100));
    assert_eq!(
        append(&mut log, at(10), &numbered(3, 1, 10)).unwrap(),
        Receipt::together(Position(3), 1, at(100))
    );
}

#[test]
fn a_batch_larger_than_a_segment_gets_a_large_one() {
    let disk = SimDisk::new();
    let mut log = open(&disk);
    let large = numbered(1, 10, 9_000);
    append(&mut log, at(1), &large).unwrap(); // replaces the empty first segment
    append(&mut log, at(2), &numbered(11, 1, 10)).unwrap();
    append(&mut log, at(3), &large).unwrap();
    let (records, lost) = read_all(&log.handle(), Position::FIRST);
    assert_eq!((records.len(), lost), (21, vec![]));
    drop(log);
    let log = open(&disk.restart());
    assert_eq!(read_all(&log.handle(), Position::FIRST).0, records);
}

#[test]
fn a_reader_survives_that_an_empty_segment_is_replaced() {
    let mut log = open(&SimDisk::new());
    let mut reader = log.handle().reader(Position::FIRST);
    let mut read = ReadBatch::default();
    reader.read(1, &mut read).unwrap();
    assert!(read.is_empty());
    append(&mut log, at(1), &numbered(1, 4, 9_000)).unwrap();
    reader.read(1 << 20, &mut read).unwrap();
    assert_eq!((read.len(), read.lost_count()), (4, 0));
}

#[test]
fn impossible_batches_are_refused_and_leave_nothing() {
    let mut log = open(&SimDisk::new());
    let wrong_partition = batch(&[(0, "fine"), (PARTITIONS, "not")]);
    let too_large = batch(&[(0, vec![0; mutt_journal::PAYLOAD_MAX + 1])]);
    for bad in [wrong_partition, too_large] {
        let error = log.commit(at(1), &[&batch(&[(0, "good")]), &bad]).unwrap_err();
        assert!(matches!(error, AppendError::Invalid(_)), "{error}");
    }
    assert_eq!(log.handle().end(), Position::FIRST);
}

#[test]
fn one_process_only() {
    let (_folder, disk) = real();
    let log = open(&disk);
    assert!(matches!(Log::open(disk.clone(), options(), Position::FIRST), Err(OpenError::Locked)));
    drop(log);
    open(&disk);
}

#[test]
fn another_number_of_partitions_is_refused_with_the_remedy() {
    let disk = SimDisk::new();
    drop(open(&disk));
    let other = Options { partitions: 8, ..options() };
    let Err(error) = Log::open(disk.restart(), other, Position::FIRST) else { panic!("opened") };
    let text = error.to_string();
    assert!(text.contains("3 partitions") && text.contains("drain it"), "{text}");
}

#[test]
fn a_segment_of_another_journal_is_refused_by_name() {
    let (disk, other) = (SimDisk::new(), SimDisk::new());
    for disk in [&disk, &other] {
        fill(&mut open(disk), 40, 300);
    }
    let names = disk.list().unwrap();
    assert_eq!(names, other.list().unwrap());
    disk.overwrite(&names[1], 0, &other.bytes_of(&names[1]).unwrap());
    let Err(error) = Log::open(disk.restart(), options(), Position::FIRST) else {
        panic!("opened")
    };
    assert!(matches!(&error, OpenError::Foreign { file, .. } if *file == names[1]), "{error}");
}

#[test]
fn options_that_cannot_work_are_named() {
    let bad = [
        (Options { partitions: 0, ..options() }, "partitions"),
        (Options { segment_bytes: 100, ..options() }, "segment_bytes"),
        (Options { retain_bytes: SEGMENT, ..options() }, "retain_bytes"),
    ];
    for (options, name) in bad {
        let Err(error) = Log::open(SimDisk::new(), options, Position::FIRST) else {
            panic!("opened")
        };
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn the_next_position_is_above_every_cursor() {
    let disk = SimDisk::new();
    let mut log = open(&disk);
    let kept = fill(&mut log, 2, 50);
    drop(log);
    let (mut log, recovery) = Log::open(disk.restart(), options(), Position(100)).unwrap();
    assert_eq!(recovery.lost, vec![Position(11)..Position(100)]);
    let receipt = append(&mut log, at(1), &numbered(1, 1, 10)).unwrap();
    assert_eq!(receipt, Receipt::together(Position(100), 1, at(6)));
    let (records, lost) = read_all(&log.handle(), Position::FIRST);
    assert_eq!(records[..10], kept);
    assert_eq!(lost, vec![11..100]);
    assert_eq!((log.handle().lost(), log.handle().damaged()), (89, 0));
    assert_balance(&log.handle());
    drop(log);
    let log = open(&disk.restart());
    assert_eq!((log.handle().end(), log.handle().lost()), (Position(101), 89));
}

#[test]
fn trim_removes_what_is_read_and_old_and_nothing_else() {
    let disk = SimDisk::new();
    let mut log = open(&disk);
    fill(&mut log, 40, 300); // 200 records, one a second
    let end = log.handle().end();
    let long_after = at(200 + 3600);
    assert_eq!(log.trim(long_after, Position::FIRST).unwrap().segments, 0, "nobody has read");
    assert_eq!(log.trim(at(700), end).unwrap().segments, 0, "young, and there is room");
    let trimmed = log.trim(long_after, Position(100)).unwrap();
    assert!(trimmed.segments > 0);
    let start = log.handle().start();
    assert!(start > Position::FIRST && start <= Position(100), "{start}");
    let (records, lost) = read_all(&log.handle(), Position::FIRST);
    assert_eq!(lost, vec![1..start.0], "a cursor below the start is told so");
    assert_eq!(records.len() as u64, end.0 - start.0);
    assert_eq!(log.handle().damaged(), 0, "trimmed is not damaged");
    let totals = log.handle().totals();
    drop(log);
    let log = open(&disk.restart());
    assert_eq!(log.handle().totals(), totals, "counts survive what was trimmed");
}

#[test]
fn retain_bytes_trims_read_segments_before_their_age() {
    let mut log = {
        let options = Options {
            retain_bytes: 4 * SEGMENT,
            keep_behind: Duration::from_secs(10),
            ..options()
        };
        Log::open(SimDisk::new(), options, Position::FIRST).unwrap().0
    };
    for n in 0..100 {
        let now = at(n * 10);
        append(&mut log, now, &numbered(1, 5, 300)).unwrap();
        let end = log.handle().end();
        log.trim(now, end).unwrap();
        assert!(log.handle().bytes() <= 4 * SEGMENT);
    }
    assert!(log.handle().usage() < 0.5, "{}", log.handle().usage());
    assert_balance(&log.handle());
}

#[test]
fn a_full_journal_refuses_until_readers_go_on() {
    let options = Options { retain_bytes: 3 * SEGMENT, ..options() };
    let mut log = Log::open(SimDisk::new(), options, Position::FIRST).unwrap().0;
    let mut stored = 0;
    let error = loop {
        match append(&mut log, at(0), &numbered(1, 5, 300)) {
            Ok(_) => stored += 5,
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, AppendError::Full(why) if why.contains("retain_bytes")), "{error}");
    assert!(log.handle().is_full());
    log.trim(at(0), Position::FIRST).unwrap();
    assert!(log.handle().usage() > 0.9, "{}", log.handle().usage());
    assert_eq!(log.handle().end().0 - 1, stored);
    let end = log.handle().end();
    assert!(append(&mut log, at(1), &numbered(1, 5, 300)).is_err());
    log.trim(at(1), end).unwrap();
    assert!(append(&mut log, at(1), &numbered(1, 5, 300)).is_err(), "too young to be trimmed");
    assert!(log.trim(at(601), end).unwrap().segments > 0);
    append(&mut log, at(601), &numbered(1, 5, 300)).unwrap();
    assert!(!log.handle().is_full());
}

#[test]
fn drop_oldest_makes_room_and_counts_what_was_not_read() {
    let options =
        Options { retain_bytes: 3 * SEGMENT, when_full: WhenJournalFull::DropOldest, ..options() };
    let mut log = Log::open(SimDisk::new(), options, Position::FIRST).unwrap().0;
    log.trim(at(0), Position(11)).unwrap();
    for _ in 0..60 {
        append(&mut log, at(0), &numbered(1, 5, 300)).unwrap();
        assert!(log.handle().bytes() <= 3 * SEGMENT);
    }
    let start = log.handle().start().0;
    assert!(start > 11);
    assert_eq!(log.handle().dropped(), start - 11);
    let (records, lost) = read_all(&log.handle(), Position(11));
    assert_eq!(lost, vec![11..start]);
    assert_eq!(records.len() as u64, 301 - start);
}

#[test]
fn the_disks_reserve_is_left_free() {
    let disk = SimDisk::new();
    disk.set_capacity(Some(4 * SEGMENT));
    let options = Options { reserve_bytes: SEGMENT, ..options() };
    let mut log = Log::open(disk.clone(), options, Position::FIRST).unwrap().0;
    let error = loop {
        if let Err(error) = append(&mut log, at(0), &numbered(1, 5, 300)) {
            break error;
        }
    };
    assert!(matches!(&error, AppendError::Full(why) if why.contains("reserve_bytes")), "{error}");
    assert_eq!(disk.free_bytes().unwrap(), SEGMENT);
}

#[test]
fn a_full_disk_refuses_trims_and_goes_on() {
    let disk = SimDisk::new();
    disk.set_capacity(Some(3 * SEGMENT + 100));
    let mut log = open(&disk);
    let mut kept = 0;
    while append(&mut log, at(0), &numbered(1, 5, 300)).is_ok() {
        kept += 5;
    }
    assert!(log.handle().is_full());
    assert_eq!(read_all(&log.handle(), Position::FIRST).0.len(), kept);
    let end = log.handle().end();
    assert!(log.trim(at(601), end).unwrap().segments > 0, "a trim works on a full disk");
    append(&mut log, at(601), &numbered(1, 5, 300)).unwrap();
    assert_eq!(log.handle().end().0, end.0 + 5);
    drop(log);
    disk.set_capacity(Some(0));
    let (log, recovery) = Log::open(disk.restart(), options(), Position(end.0 + 5)).unwrap();
    assert!(recovery.is_clean());
    assert_balance(&log.handle());
}

#[test]
fn a_write_that_fills_the_disk_leaves_no_half_batch() {
    for taken in [0, 1, 15, 16, 17, 600, 1_700] {
        let disk = SimDisk::new();
        let mut log = open(&disk);
        let mut kept = fill(&mut log, 2, 300);
        disk.fill_in_next_write(taken);
        let error = append(&mut log, at(20), &numbered(90, 6, 300)).unwrap_err();
        assert!(matches!(error, AppendError::Full(_)), "{error}");
        let disk = disk.restart();
        drop(log);
        let (mut log, recovery) = Log::open(disk.clone(), options(), Position::FIRST).unwrap();
        assert!(recovery.is_clean() && recovery.cut_bytes == 0, "{recovery:?}");
        // A shorter one over the place of the refused one: nothing of that may show behind it.
        kept.extend(fill(&mut log, 1, 20));
        drop(log);
        let log = open(&disk.crash(1));
        assert_eq!(read_all(&log.handle(), Position::FIRST), (kept, vec![]));
    }
}

#[test]
fn a_failed_sync_is_final() {
    let disk = SimDisk::new();
    let mut log = open(&disk);
    let mut kept = fill(&mut log, 2, 300);
    disk.fail_syncs(1);
    for _ in 0..3 {
        let error = append(&mut log, at(20), &numbered(90, 5, 300)).unwrap_err();
        assert!(matches!(&error, AppendError::Failed(why) if why.contains("sync")), "{error}");
    }
    assert_eq!(read_all(&log.handle(), Position::FIRST), (kept.clone(), vec![]));
    drop(log);
    let mut log = open(&disk.restart());
    assert_eq!(read_all(&log.handle(), Position::FIRST), (kept.clone(), vec![]));
    kept.extend(fill(&mut log, 2, 300));
    assert_eq!(read_all(&log.handle(), Position::FIRST), (kept, vec![]));
}

#[test]
fn seek_back_goes_at_least_as_far_as_asked() {
    let mut log = {
        let options = Options { segment_bytes: 256 << 10, ..options() };
        Log::open(SimDisk::new(), options, Position::FIRST).unwrap().0
    };
    let record = 274 + 26;
    for n in 0..400 {
        append(&mut log, at(n), &numbered(1, 10, 274)).unwrap();
    }
    let handle = log.handle();
    let end = handle.end();
    assert_eq!(handle.seek_back(end, 0), end);
    assert_eq!(handle.seek_back(end, u64::MAX), Position::FIRST);
    assert_eq!(handle.seek_back(Position::FIRST, 1), Position::FIRST);
    for from in [end.0, 3_000, 1_234, 900] {
        for bytes in [1, 299, 301, 70_000, 200_000] {
            let back = from - handle.seek_back(Position(from), bytes).0;
            assert!(back * record >= bytes, "{from} {bytes}: {back}");
            assert!(back * record <= bytes + (200 << 10), "{from} {bytes}: {back}");
        }
    }
}

#[test]
fn a_reader_can_go_back_and_forth() {
    let mut log = open(&SimDisk::new());
    let kept = fill(&mut log, 40, 300);
    let mut reader = log.handle().reader(Position::FIRST);
    let mut read = ReadBatch::default();
    for position in [150, 3, 199, 60, 61, 200, 1] {
        reader.seek(Position(position));
        reader.read(1, &mut read).unwrap();
        let first = read.records().next().unwrap();
        let expected = &kept[position as usize - 1];
        assert_eq!((first.position.0, first.payload), (position, &expected.2[..]));
    }
    reader.seek(log.handle().end());
    reader.read(1, &mut read).unwrap();
    assert!(read.is_empty());
}

#[test]
fn a_reader_that_follows_the_writer_misses_nothing() {
    let (_folder, disk) = real();
    let options = Options { keep_behind: Duration::ZERO, retain_bytes: 3 * SEGMENT, ..options() };
    let mut log = Log::open(disk, options, Position::FIRST).unwrap().0;
    let handle = log.handle();
    let cursor = Arc::new(AtomicU64::new(1));
    let follower = {
        let (handle, cursor) = (handle.clone(), Arc::clone(&cursor));
        thread::spawn(move || {
            let mut reader = handle.reader(Position::FIRST);
            let mut read = ReadBatch::default();
            while reader.position() < Position(5_001) {
                reader.read(1, &mut read).unwrap();
                assert!(read.lost().is_empty(), "{:?}", read.lost());
                let from = cursor.load(Ordering::Relaxed);
                assert!(read.records().map(|record| record.position.0).eq(from..read.next().0));
                cursor.store(read.next().0, Ordering::Relaxed);
            }
        })
    };
    while log.handle().end() < Position(5_001) && !follower.is_finished() {
        let position = log.handle().end().0 as i64;
        let appended = append(&mut log, at(position), &numbered(1, 5, 300));
        assert!(matches!(appended, Ok(_) | Err(AppendError::Full(_))));
        log.trim(at(position), Position(cursor.load(Ordering::Relaxed))).unwrap();
    }
    follower.join().unwrap();
    assert!(handle.start() > Position(1_000), "{}", handle.start());
    assert_eq!((handle.damaged(), handle.lost(), handle.dropped()), (0, 0, 0));
}

#[test]
fn inspect_and_export_show_what_is_there() {
    let (_folder, disk) = real();
    let mut log = open(&disk);
    let kept = fill(&mut log, 40, 300);
    let seen = inspect(&disk).unwrap();
    assert_eq!(seen.identity, Some(log.handle().identity()));
    assert_eq!(seen.partitions, Some(PARTITIONS));
    assert_eq!(seen.segments.iter().map(|segment| segment.records).sum::<u64>(), 200);
    for partition in 0..PARTITIONS {
        let count = |s: &mutt_journal::SegmentReport| s.by_partition[usize::from(partition)];
        let sum: u64 = seen.segments.iter().map(count).sum();
        assert_eq!(sum, log.handle().stored(partition));
    }
    assert!(seen.segments.iter().all(|segment| segment.lost.is_empty() && !segment.torn));
    assert_eq!(seen.segments[0].first_time, Some(at(1)));
    let mut exported = Vec::new();
    let done = export(&disk, Position(60), |record| {
        exported.push((record.position.0, record.partition, record.payload.to_vec()));
        Ok(())
    });
    assert_eq!(done.unwrap().records, 141);
    assert_eq!(exported, kept[59..]);
}
