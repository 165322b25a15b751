//! Places are found by bytes and by time, and the old is trimmed.

use std::time::Duration;

use mutt_journal::{Lane, Position, RedisOptions};

use crate::common::*;

/// Fifty entries of lane 0, each of four messages of 1,000 bytes that do not compress.
fn filled(server: &Server, options: RedisOptions) -> Journal {
    let journal = open(options);
    let mut state = 1u64;
    for _ in 0..50 {
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as u8
        };
        let records: Vec<_> = (0..4).map(|_| (0, (0..1_000).map(|_| random()).collect())).collect();
        journal.append(&records);
    }
    journal.wait_end(0, 201);
    assert_eq!(entries(server, 0).len(), 50);
    journal
}

#[test]
fn seek_back_goes_as_far_as_asked_and_not_much_more() {
    let server = server(&[]);
    let journal = filled(&server, single(&server));
    let lane = journal.lane(0);
    for from in [201, 150, 103, 1] {
        for bytes in [0u64, 1, 1_000, 10_000, 60_000, 1 << 40] {
            let found = lane.seek_back(Position(from), bytes).0;
            let back = (from - found) * 1_000;
            assert!(found <= from && (found == 1 || back >= bytes), "{from} {bytes}: {found}");
            assert!(back <= bytes.saturating_add(9_000), "{from} {bytes}: {found}");
        }
    }
}

#[test]
fn seek_time_finds_the_first_that_is_not_older() {
    let server = server(&[]);
    let journal = filled(&server, single(&server));
    let lane = journal.lane(0);
    let read = read_all(&journal, 0, 1);
    for at in [0, 1, 77, 150, 199] {
        let time = read.times[at];
        let wanted = read.times.iter().position(|other| *other >= time).unwrap() as u64 + 1;
        assert_eq!(lane.seek_time(time).unwrap(), Position(wanted));
    }
    assert_eq!(lane.seek_time(mutt_event::Timestamp::ZERO).unwrap(), Position(1));
    assert_eq!(
        lane.seek_time(read.times[199].after(Duration::from_secs(1))).unwrap(),
        Position(201)
    );
}

#[test]
fn trimming_keeps_what_a_cursor_wants_and_what_is_young() {
    let server = server(&[]);
    let share = 20 * 4_000;
    let options = RedisOptions { retain_bytes: share * u64::from(PARTITIONS), ..single(&server) };
    let journal = filled(&server, options.clone());
    let lane = journal.lane(0);
    let now = lane.last_append().after(Duration::from_secs(60));
    let trim = |journal: &Journal, lowest: u64| {
        let trimmed = journal.journal.trim(journal.lane(0), Position(lowest), now);
        journal.runtime.block_on(trimmed).unwrap()
    };
    // A cursor in the middle of an entry keeps that entry.
    let trimmed = trim(&journal, 11);
    assert_eq!((trimmed.entries, lane.start()), (2, Position(9)));
    assert!(journal.journal.usage() > 0.7, "{}", journal.journal.usage());
    // What is more than the lane's share goes, since all have read it.
    trim(&journal, 201);
    let kept = entries(&server, 0).len();
    assert!((20..=21).contains(&kept), "{kept}");
    assert!(journal.journal.usage() < 0.1, "{}", journal.journal.usage());
    let start = lane.start().0;
    assert_eq!(read_all(&journal, 0, 1).lost, vec![1..start]);
    // What is young stays, whoever has read it.
    let young = RedisOptions {
        retain_bytes: 1,
        keep_behind: Duration::from_secs(3_600),
        ..options.clone()
    };
    let young = open(young);
    assert_eq!(trim(&young, 201).entries, 0);
    // What is old goes.
    let old = open(RedisOptions { retain_age: Duration::from_secs(30), ..options });
    trim(&old, 201);
    assert_eq!(entries(&server, 0).len(), 1);
}
