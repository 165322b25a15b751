//! Torn tails, zeroed tails, flipped bits, lost files: found, counted, and all else still there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::single_range_in_vec_init)] // a list of one range is meant

mod common;

use common::*;
use mutt_journal::{Disk, HeaderState, Log, Position, RealDisk, SimDisk, export, inspect};
use proptest::prelude::*;

/// A journal of several segments, and what it holds.
fn made() -> (SimDisk, Vec<Kept>) {
    let disk = SimDisk::new();
    let kept = fill(&mut open(&disk), 23, 300);
    (disk.restart(), kept)
}

fn last_segment(disk: &SimDisk) -> String {
    disk.list().unwrap().pop().unwrap()
}

/// Where the end mark ends: its last eight bytes are a position below 256.
fn used(disk: &SimDisk, name: &str) -> usize {
    disk.bytes_of(name).unwrap().iter().rposition(|byte| *byte != 0).unwrap() + 8
}

/// Everything but `missing` positions is there; they are reported and counted; and it goes on.
fn check_goes_on(disk: &SimDisk, kept: &[Kept], expect_missing: impl Fn(u64) -> bool) {
    let exported = {
        let mut positions = Vec::new();
        let done = export(disk, Position::FIRST, |record| {
            positions.push(record.position.0);
            Ok(())
        });
        (positions, done.unwrap().lost)
    };
    let end = Position(kept.last().unwrap().0 + 1);
    let (mut log, recovery) = Log::open(disk.clone(), options(), end).unwrap();
    let handle = log.handle();
    let (records, lost) = read_all(&handle, Position::FIRST);
    let is_lost = |seq: u64| lost.iter().any(|range| range.contains(&seq));
    let readable: Vec<Kept> = kept.iter().filter(|record| !is_lost(record.0)).cloned().collect();
    assert_eq!(records, readable);
    assert!(expect_missing(count(&lost)), "{lost:?} {recovery:?}");
    assert_eq!(handle.lost() + handle.damaged(), count(&lost), "{lost:?} {recovery:?}");
    assert_eq!(exported.0, records.iter().map(|record| record.0).collect::<Vec<_>>());
    assert_balance(&handle);
    let again = read_all(&handle, Position::FIRST);
    assert_eq!(again, (records.clone(), lost.clone()));
    assert_eq!(handle.lost() + handle.damaged(), count(&lost), "counted once");

    let more = fill(&mut log, 3, 100);
    drop(log);
    let log = open(&disk.restart());
    let (after, lost_after) = read_all(&log.handle(), Position::FIRST);
    assert_eq!(after, [records, more].concat());
    assert_eq!(lost_after, lost);
    assert_balance(&log.handle());
}

#[test]
fn a_torn_tail_is_cut() {
    let (disk, kept) = made();
    let name = last_segment(&disk);
    let end = used(&disk, &name);
    // Part of a commit that never came to its end, over the mark.
    let torn: Vec<u8> = disk.bytes_of(&name).unwrap()[DATA..DATA + 500].to_vec();
    disk.overwrite(&name, end - 16, &torn[..400]);
    let (log, recovery) = Log::open(disk.clone(), options(), Position::FIRST).unwrap();
    assert_eq!(recovery.cut_bytes, 400);
    assert!(recovery.is_clean());
    drop(log);
    check_goes_on(&disk.restart(), &kept, |missing| missing == 0);
}

/// A journal of one commit, and the same with another commit after it.
fn with_and_without_a_second_commit() -> (SimDisk, SimDisk, Vec<Kept>) {
    let (disk, longer) = (SimDisk::new(), SimDisk::new());
    let kept = fill(&mut open(&disk), 1, 300);
    fill(&mut open(&longer), 2, 300);
    (disk.restart(), longer, kept)
}

#[test]
fn what_was_cut_never_comes_back() {
    let (disk, longer, mut kept) = with_and_without_a_second_commit();
    let name = last_segment(&disk);
    let end = used(&disk, &name);
    // Of the second commit all sectors reached the disk but the first.
    disk.overwrite(&name, end, &longer.bytes_of(&name).unwrap()[end..]);
    let (mut log, recovery) = Log::open(disk.clone(), options(), Position::FIRST).unwrap();
    assert!(recovery.cut_bytes > 1_000 && recovery.is_clean(), "{recovery:?}");
    let short = numbered(6, 1, 20);
    append(&mut log, at(10), &short).unwrap();
    kept.push((6, short[0].0, short[0].1.clone()));
    drop(log);
    let end = DATA + 5 * 326 + 26 + 20;
    disk.flip_bit(&name, end + 1, 1); // the mark, which alone says that nothing comes after it
    let log = open(&disk.restart());
    assert_eq!(read_all(&log.handle(), Position::FIRST), (kept, vec![]));
    assert_eq!(log.handle().end(), Position(7));
}

#[test]
fn a_reader_sees_nothing_beyond_the_synced_end() {
    let (disk, longer, kept) = with_and_without_a_second_commit();
    let name = last_segment(&disk);
    let log = open(&disk);
    // As between the write and the sync of the second commit.
    let written = longer.bytes_of(&name).unwrap();
    disk.overwrite(&name, DATA, &written[DATA..]);
    assert_eq!(read_all(&log.handle(), Position::FIRST), (kept, vec![]));
}

#[test]
fn a_zeroed_tail_is_cut_and_what_a_cursor_passed_is_counted() {
    let (disk, kept) = made();
    let name = last_segment(&disk);
    let end = used(&disk, &name);
    disk.overwrite(&name, end - 500, &[0; 500]);
    let (log, recovery) = Log::open(disk.clone(), options(), Position::FIRST).unwrap();
    assert!(recovery.is_clean(), "{recovery:?}");
    let left = log.handle().end().0 - 1;
    assert_eq!(read_all(&log.handle(), Position::FIRST).0, kept[..left as usize]);
    assert!(left < 115);
    drop(log);
    // A reader had passed them: their positions are not given again.
    check_goes_on(&disk.restart(), &kept, |missing| missing == 115 - left);
}

#[test]
fn a_missing_segment_is_a_counted_gap() {
    let (disk, kept) = made();
    let names = disk.list().unwrap();
    assert!(names.len() > 3);
    disk.lose_file(&names[1]);
    let lost = first(&names[2]) - first(&names[1]);
    let seen = inspect(&disk).unwrap();
    assert_eq!(seen.segments[0].lost, [Position(first(&names[1]))..Position(first(&names[2]))]);
    let (log, recovery) = Log::open(disk.clone(), options(), Position::FIRST).unwrap();
    assert_eq!((recovery.lost_count(), log.handle().damaged()), (lost, lost));
    drop(log);
    check_goes_on(&disk.restart(), &kept, |missing| missing == lost);
}

#[test]
fn a_missing_first_segment_moves_the_start() {
    let (disk, kept) = made();
    let names = disk.list().unwrap();
    disk.lose_file(&names[0]);
    let log = open(&disk);
    let start = first(&names[1]);
    let (records, lost) = read_all(&log.handle(), Position::FIRST);
    assert_eq!(records, kept[start as usize - 1..]);
    assert_eq!(lost, vec![1..start]);
}

#[test]
fn both_headers_gone_lose_no_record() {
    let count = made().0.list().unwrap().len();
    for index in 0..count {
        let (disk, kept) = made();
        let name = disk.list().unwrap()[index].clone();
        disk.overwrite(&name, 0, &[0xA5; DATA]);
        assert_eq!(inspect(&disk).unwrap().segments[index].header, HeaderState::Damaged);
        let (log, recovery) = Log::open(disk.clone(), options(), Position::FIRST).unwrap();
        assert_eq!(recovery.damaged_headers, [name]);
        let stored: u64 = (0..PARTITIONS).map(|p| log.handle().stored(p)).sum();
        assert_eq!(stored, 115);
        drop(log);
        check_goes_on(&disk.restart(), &kept, |missing| missing == 0);
    }
}

#[test]
fn the_only_segment_without_headers_still_gives_its_records() {
    let disk = SimDisk::new();
    let kept = fill(&mut open(&disk), 3, 100);
    let disk = disk.restart();
    disk.overwrite(&last_segment(&disk), 0, &[0; DATA]);
    check_goes_on(&disk, &kept, |missing| missing == 0);
}

#[test]
fn damage_after_opening_is_met_by_the_reader() {
    let (disk, kept) = made();
    let names = disk.list().unwrap();
    let log = open(&disk);
    disk.flip_bit(&names[1], DATA + 400, 3);
    let end = used(&disk, names.last().unwrap());
    disk.flip_bit(names.last().unwrap(), end - 20, 3); // the last record of all
    let (records, lost) = read_all(&log.handle(), Position::FIRST);
    assert_eq!((records.len(), count(&lost)), (113, 2));
    assert_eq!(lost[1], 115..116);
    assert!(records.iter().all(|record| kept.contains(record)));
    assert_eq!((log.handle().damaged(), log.handle().lost()), (2, 0));
    assert_balance(&log.handle());
}

#[test]
fn on_a_real_disk_too() {
    let folder = tempfile::tempdir().unwrap();
    let disk = RealDisk::new(folder.path());
    let kept = fill(&mut open(&disk), 23, 300);
    let change = |segment: u64, change: &dyn Fn(&mut Vec<u8>)| {
        let path = folder.path().join(format!("{segment:020}.seg"));
        let mut bytes = std::fs::read(&path).unwrap();
        change(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
    };
    change(26, &|bytes| bytes[DATA + 1_000] ^= 4); // in record 29
    change(51, &|bytes| bytes[20] ^= 1); // a header
    change(101, &|bytes| bytes.truncate(DATA + 14 * 326 + 9)); // a tail cut short
    let (mut log, recovery) = Log::open(disk, options(), Position::FIRST).unwrap();
    assert_eq!(recovery.damaged_headers, ["00000000000000000051.seg"]);
    assert_eq!(recovery.end, Position(115));
    let more = fill(&mut log, 2, 300);
    let (records, lost) = read_all(&log.handle(), Position::FIRST);
    assert_eq!(lost, [29..30]);
    assert_eq!(records, [&kept[..28], &kept[29..114], &more].concat());
    assert_eq!((log.handle().damaged(), log.handle().lost()), (1, 0));
    assert_balance(&log.handle());
}

#[test]
fn a_sector_that_cannot_be_read_is_damage_like_any_other() {
    for header in [true, false] {
        let (disk, kept) = made();
        let names = disk.list().unwrap();
        disk.break_sector(&names[1], if header { 10 } else { DATA + 5_000 });
        check_goes_on(&disk, &kept, |missing| if header { missing == 0 } else { missing > 0 });
    }
}

#[test]
fn a_record_inside_a_damaged_ones_payload_is_not_taken_for_one() {
    let disk = SimDisk::new();
    let mut log = open(&disk);
    let kept = fill(&mut log, 1, 40);
    let inner = disk.bytes_of(&last_segment(&disk)).unwrap()[DATA..].to_vec();
    append(&mut log, at(9), &[(0, inner[..4_000].to_vec())]).unwrap();
    append(&mut log, at(9), &numbered(7, 1, 40)).unwrap();
    disk.flip_bit(&last_segment(&disk), DATA + 5 * 66, 0); // the length of record 6
    let (records, lost) = read_all(&log.handle(), Position::FIRST);
    assert_eq!(records[..5], kept);
    assert_eq!((records.len(), lost), (6, vec![6..7]));
}

fn first(name: &str) -> u64 {
    name.trim_end_matches(".seg").parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn one_flipped_bit_costs_at_most_one_record(
        file in any::<prop::sample::Index>(), offset in 0usize..SEGMENT as usize, bit in 0u8..8,
        open_first in any::<bool>(),
    ) {
        let (disk, kept) = made();
        let names = disk.list().unwrap();
        let index = file.index(names.len());
        let name = &names[index];
        let written = used(&disk, name);
        let last = index + 1 == names.len();
        if open_first {
            // As after hours of running: the damage comes once the end is known.
            let log = open(&disk);
            disk.flip_bit(name, offset, bit);
            let (records, lost) = read_all(&log.handle(), Position::FIRST);
            prop_assert_eq!(records.len() as u64 + count(&lost), 115);
            prop_assert!(count(&lost) <= 1);
            prop_assert_eq!(log.handle().damaged(), count(&lost));
            drop(log);
        } else {
            disk.flip_bit(name, offset, bit);
        }
        let seen = inspect(&disk.restart()).unwrap();
        let in_header = offset < 84 || (4096..4096 + 84).contains(&offset);
        let in_record = (DATA..written - 16).contains(&offset);
        prop_assert_eq!(seen.segments[index].header == HeaderState::OneCopy, in_header);
        prop_assert_eq!(seen.segments[index].lost.len(), usize::from(in_record), "{}", last);
        check_goes_on(&disk.restart(), &kept, |missing| missing == u64::from(in_record));
    }

    #[test]
    fn a_damaged_stretch_costs_only_what_it_touches(
        file in any::<prop::sample::Index>(), offset in DATA..SEGMENT as usize,
        junk in prop::collection::vec(any::<u8>(), 1..2000), zeros in any::<bool>(),
    ) {
        let (disk, kept) = made();
        let names = disk.list().unwrap();
        let name = &names[file.index(names.len())];
        let end = used(&disk, name);
        // Up to the last mark: what it would destroy there is a torn tail.
        let length = junk.len().min((end - 16).saturating_sub(offset));
        let junk = if zeros { vec![0; length] } else { junk[..length].to_vec() };
        disk.overwrite(name, offset, &junk);
        let most = length.div_ceil(326) as u64 + 1;
        check_goes_on(&disk, &kept, |missing| missing <= most);
    }
}
