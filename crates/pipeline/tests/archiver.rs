//! The archiver over a journal and a database in memory, and a receiver that does as it is told.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests, too

mod common;

use std::time::Duration;

use common::{Bench, Journal, Message, Receiver, at, counts, now, syslog, trap, until_idle};
use mutt_event::Timestamp;
use mutt_journal::{Clock, Handle, SimDisk};
use mutt_pipeline::{
    ARCHIVE_SYSLOG, ARCHIVE_TRAP, Archiver, ArchiverParts, ArchiverSettings, Step, Takes,
    WhenBehind,
};
use mutt_store::{MemoryStore, Outcome};

type TheArchiver = Archiver<Handle<SimDisk>, MemoryStore, Receiver>;

fn open(bench: &Bench, receiver: &Receiver, settings: ArchiverSettings) -> TheArchiver {
    let parts = ArchiverParts {
        journal: bench.journal.handle(),
        database: bench.store.clone(),
        channel: receiver.clone(),
        stats: bench.stats.clone(),
        tenure: common::tenure(&bench.store),
    };
    now(Archiver::open(parts, settings, at(0))).unwrap()
}

fn syslog_settings() -> ArchiverSettings {
    ArchiverSettings {
        overlap_bytes: 100_000,
        ..ArchiverSettings::new(ARCHIVE_SYSLOG, Takes::Syslog)
    }
}

fn trap_settings() -> ArchiverSettings {
    ArchiverSettings::new(ARCHIVE_TRAP, Takes::Traps)
}

fn step(archiver: &mut TheArchiver, time: Timestamp) -> Step {
    now(archiver.step(time)).unwrap()
}

fn steps(archiver: &mut TheArchiver, time: Timestamp, count: usize) {
    for _ in 0..count {
        step(archiver, time);
    }
}

fn lines(count: usize) -> Vec<Message> {
    (0..count).map(|n| syslog("r1", &format!("line {n} {}", "x".repeat(900)))).collect()
}

/// Stores so many of about 1,000 bytes each.
fn store(bench: &mut Bench, count: usize) {
    for part in lines(count).chunks(20) {
        bench.journal.store(at(0), part);
    }
}

struct Still(Timestamp);

impl Clone for Still {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

#[test]
fn the_cursor_moves_only_past_what_is_confirmed() {
    let mut bench = Bench::new();
    bench.journal.store(at(0), &lines(10));
    let receiver = Receiver::with_room(6);
    let mut archiver = open(&bench, &receiver, syslog_settings());
    steps(&mut archiver, at(0), 5);
    assert_eq!(receiver.0.lock().unwrap().got.len(), 6, "its window is full");
    assert_eq!(bench.stats.progress.done().0, 1);
    receiver.0.lock().unwrap().confirmed = 4;
    steps(&mut archiver, at(0), 5);
    assert_eq!(bench.stats.progress.done().0, 5);
    assert_eq!(bench.stats.progress.committed().0, 1, "at most one commit a second");
    steps(&mut archiver, at(1_000), 1);
    assert_eq!(bench.stats.progress.committed().0, 5);
    assert_eq!(bench.done(ARCHIVE_SYSLOG), counts(&[(Outcome::Archived, 4)]));
    receiver.0.lock().unwrap().confirmed = 10;
    until_idle(|| now(archiver.step(at(2_000))));
    assert_eq!(bench.done(ARCHIVE_SYSLOG), counts(&[(Outcome::Archived, 10)]));
    let want: Vec<Vec<u8>> = lines(10).into_iter().map(|message| message.raw).collect();
    assert_eq!(receiver.0.lock().unwrap().got, want);
}

#[test]
fn after_a_break_it_goes_back_and_counts_nothing_twice() {
    let mut bench = Bench::new();
    store(&mut bench, 400);
    let receiver = Receiver::with_room(1_000);
    let settings = ArchiverSettings { clean_start: true, ..syslog_settings() };
    let mut archiver = open(&bench, &receiver, settings);
    steps(&mut archiver, at(0), 20);
    receiver.0.lock().unwrap().confirmed = 400;
    until_idle(|| now(archiver.step(at(1_000))));
    assert_eq!(receiver.0.lock().unwrap().got.len(), 400, "a clean start resends nothing");
    // An idle channel that broke shows too.
    receiver.0.lock().unwrap().broken = true;
    step(&mut archiver, at(2_000));
    assert!(bench.stats.standing.trouble().unwrap().why.contains("closed the connection"));
    steps(&mut archiver, at(2_050), 3);
    assert_eq!(receiver.0.lock().unwrap().opened, 1, "not before the backoff");
    steps(&mut archiver, at(2_100), 20);
    let resent = receiver.0.lock().unwrap().got.len() - 400;
    assert!((100..200).contains(&resent), "about 100,000 bytes of records: {resent}");
    let got = receiver.0.lock().unwrap().got.clone();
    assert_eq!(got[400..], got[400 - resent..400]);
    receiver.0.lock().unwrap().confirmed = resent as u64;
    until_idle(|| now(archiver.step(at(4_000))));
    assert_eq!(bench.done(ARCHIVE_SYSLOG), counts(&[(Outcome::Archived, 400)]));
    assert!(bench.stats.standing.trouble().is_none());
}

#[test]
fn what_another_reader_takes_needs_no_receiver() {
    let mut bench = Bench::new();
    bench.journal.store(at(0), &lines(50));
    let receiver = Receiver::with_room(10);
    receiver.0.lock().unwrap().refuses = true;
    let mut archiver = open(&bench, &receiver, trap_settings());
    let wake = until_idle(|| now(archiver.step(at(1_000))));
    assert!(wake.is_some());
    assert_eq!(bench.done(ARCHIVE_TRAP), counts(&[(Outcome::Elsewhere, 50)]));
    assert!(bench.stats.standing.trouble().unwrap().why.contains("netim:514"));
    bench.journal.store(at(1_000), &[trap(b"not decodable, but sent all the same")]);
    steps(&mut archiver, at(1_000), 5);
    assert_eq!(bench.stats.progress.done().0, 51, "a trap waits for it");
    receiver.0.lock().unwrap().refuses = false;
    steps(&mut archiver, at(9_000), 5);
    receiver.0.lock().unwrap().confirmed = 1;
    until_idle(|| now(archiver.step(at(10_000))));
    let expected = [(Outcome::Elsewhere, 50), (Outcome::Archived, 1)];
    assert_eq!(bench.done(ARCHIVE_TRAP), counts(&expected));
}

/// SNMPv2c, community `public`, snmpTrapOID.0 = 1.3.6.1.4.1.21359.2.1.491.0.2.
const NETIM_TRAP: &[u8] = &[
    0x30, 0x48, 0x02, 0x01, 0x01, 0x04, 0x06, b'p', b'u', b'b', b'l', b'i', b'c', 0xa7, 0x3b, 0x02,
    0x01, 0x01, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x30, 0x30, 0x0d, 0x06, 0x08, 0x2b, 0x06,
    0x01, 0x02, 0x01, 0x01, 0x03, 0x00, 0x43, 0x01, 0x05, 0x30, 0x1f, 0x06, 0x0a, 0x2b, 0x06, 0x01,
    0x06, 0x03, 0x01, 0x01, 0x04, 0x01, 0x00, 0x06, 0x11, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xa6,
    0x6f, 0x02, 0x01, 0x83, 0x6b, 0x00, 0x02, 0x00, 0x00, 0x00,
];

#[test]
fn netims_own_traps_are_not_sent_back() {
    // The OID's last arcs may be any: what counts is the prefix.
    assert!(
        mutt_event::trap::decode(NETIM_TRAP).is_ok(),
        "{:?}",
        mutt_event::trap::decode(NETIM_TRAP)
    );
    let mut bench = Bench::new();
    bench.journal.store(at(0), &[trap(NETIM_TRAP)]);
    let receiver = Receiver::with_room(10);
    let mut archiver = open(&bench, &receiver, trap_settings());
    until_idle(|| now(archiver.step(at(1_000))));
    assert_eq!(bench.done(ARCHIVE_TRAP), counts(&[(Outcome::Withheld, 1)]));
    assert!(receiver.0.lock().unwrap().got.is_empty());
}

#[test]
fn a_backlog_over_its_limit_is_skipped_if_the_operator_chose_so() {
    let mut bench = Bench::new();
    store(&mut bench, 1_000);
    let receiver = Receiver::with_room(10_000);
    receiver.0.lock().unwrap().refuses = true;
    let settings = ArchiverSettings {
        when_behind: WhenBehind::Skip,
        backlog_bytes: 100_000,
        overlap_bytes: 0,
        ..syslog_settings()
    };
    let mut archiver = open(&bench, &receiver, settings);
    for second in 1..5 {
        until_idle(|| now(archiver.step(at(second * 1_000))));
    }
    // Nothing comes in any more, and still it looks again soon, however long its next try is off.
    let Step::Idle { wake_at } = step(&mut archiver, at(5_000)) else { panic!("it has work") };
    assert!(wake_at.unwrap() <= at(6_000), "{wake_at:?}");
    let skipped = bench.done(ARCHIVE_SYSLOG).get(Outcome::Skipped);
    assert!((800..=900).contains(&skipped), "{skipped}");
    receiver.0.lock().unwrap().refuses = false;
    steps(&mut archiver, at(60_000), 20);
    let left = 1_000 - skipped;
    assert_eq!(receiver.0.lock().unwrap().got.len() as u64, left);
    receiver.0.lock().unwrap().confirmed = left;
    until_idle(|| now(archiver.step(at(62_000))));
    let expected = [(Outcome::Skipped, skipped), (Outcome::Archived, left)];
    assert_eq!(bench.done(ARCHIVE_SYSLOG), counts(&expected));
}

#[test]
fn what_was_dropped_is_counted_while_the_receiver_is_down() {
    let mut bench = Bench::new();
    bench.journal = Journal::dropping(256 << 10);
    store(&mut bench, 20);
    let receiver = Receiver::with_room(10_000);
    receiver.0.lock().unwrap().refuses = true;
    let settings = ArchiverSettings { overlap_bytes: 0, ..syslog_settings() };
    let mut archiver = open(&bench, &receiver, settings);
    // It has read the first messages, and cannot send them.
    until_idle(|| now(archiver.step(at(0))));
    store(&mut bench, 1_000);
    until_idle(|| now(archiver.step(at(2_000))));
    let lost = bench.journal.handle().start().0 - 1;
    assert!(lost >= 700, "{lost}");
    assert_eq!(bench.done(ARCHIVE_SYSLOG), counts(&[(Outcome::Lost, lost)]));
    receiver.0.lock().unwrap().refuses = false;
    steps(&mut archiver, at(60_000), 20);
    assert_eq!(receiver.0.lock().unwrap().got.len() as u64, 1_020 - lost);
}

#[test]
fn catching_up_keeps_its_rate() {
    let mut bench = Bench::new();
    store(&mut bench, 1_000);
    let receiver = Receiver::with_room(10_000);
    let settings = ArchiverSettings { per_second: 100.0, ..syslog_settings() };
    let mut archiver = open(&bench, &receiver, settings);
    for ms in 0..2_000 {
        step(&mut archiver, at(ms));
        let mut state = receiver.0.lock().unwrap();
        state.confirmed = state.sent;
    }
    let got = receiver.0.lock().unwrap().got.len();
    assert!((190..=211).contains(&got), "{got} in two seconds");
}

#[test]
fn a_clean_stop_waits_for_confirmations_and_commits() {
    let mut bench = Bench::new();
    bench.journal.store(at(0), &lines(10));
    let receiver = Receiver::with_room(100);
    let mut archiver = open(&bench, &receiver, syslog_settings());
    steps(&mut archiver, at(0), 2);
    let mut unclean = open(&bench, &Receiver::with_room(100), syslog_settings());
    steps(&mut unclean, at(0), 2);
    let clock = Still(at(500));
    assert!(!now(unclean.stop(&clock, Duration::ZERO)).unwrap(), "nothing was confirmed");
    let mut archiver = open(&bench, &receiver, syslog_settings());
    steps(&mut archiver, at(0), 2);
    receiver.0.lock().unwrap().confirmed = 10;
    assert!(now(archiver.stop(&clock, Duration::from_secs(5))).unwrap());
    assert_eq!(bench.done(ARCHIVE_SYSLOG), counts(&[(Outcome::Archived, 10)]));
}
