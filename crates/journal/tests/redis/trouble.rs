//! Broken connections, a killed server, full memory: nothing acknowledged is missing or twice.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mutt_journal::{AppendError, RedisOptions, WhenFull};

use crate::common::*;

/// Appends numbered messages one batch after the other until `enough` says so; answers how many.
fn append_until(journal: &Journal, sender: &str, enough: impl Fn(u64) -> bool) -> u64 {
    let mut next = 0;
    while !enough(next) {
        journal.append(&numbered(sender, next..next + 6));
        next += 6;
    }
    next
}

/// What each sender had acknowledged is there, once, in order.
fn assert_once(journal: &Journal, sent: &[(String, u64)]) {
    for partition in 0..PARTITIONS {
        for (sender, count) in sent {
            let wanted: Vec<Vec<u8>> = numbered(sender, 0..*count)
                .into_iter()
                .filter(|(p, _)| *p == partition)
                .map(|(_, payload)| payload)
                .collect();
            let read = wait::until("all to be seen", || {
                let read = of_sender(journal, partition, sender);
                if read.len() >= wanted.len() { Ok(read) } else { Err(read.len().to_string()) }
            });
            assert_eq!(read.len(), wanted.len(), "{sender} in {partition}");
            assert!(read == wanted, "{sender} in {partition}");
        }
    }
}

/// What there is of a sender in a lane.
fn of_sender(journal: &Journal, partition: u16, sender: &str) -> Vec<Vec<u8>> {
    let read = read_all(journal, partition, 1);
    assert!(read.lost.is_empty(), "{:?}", read.lost);
    let name = format!(" {sender} ");
    let of_it = |payload: &&[u8]| payload.windows(name.len()).any(|part| part == name.as_bytes());
    read.payloads().into_iter().filter(of_it).map(<[u8]>::to_vec).collect()
}

#[test]
fn connections_killed_in_a_loop_lose_and_repeat_nothing() {
    let server = server(&[]);
    let journal = open(single(&server));
    let (kills, appends) = (AtomicU64::new(0), AtomicU64::new(0));
    let sent = thread::scope(|scope| {
        let senders: Vec<_> = (0..3)
            .map(|n| {
                let (journal, kills, appends) = (&journal, &kills, &appends);
                scope.spawn(move || {
                    let name = format!("sender-{n}");
                    let count = append_until(journal, &name, |sent| {
                        appends.fetch_add(1, Ordering::SeqCst);
                        sent >= 600 && kills.load(Ordering::SeqCst) >= 40
                    });
                    (name, count)
                })
            })
            .collect();
        let mut connection = server.redis.connection();
        while senders.iter().any(|sender| !sender.is_finished()) {
            // Each time there is something to kill that works.
            let before = appends.load(Ordering::SeqCst);
            wait::until_true("an append", || {
                appends.load(Ordering::SeqCst) > before || senders.iter().all(|s| s.is_finished())
            });
            let mut kill = ::redis::cmd("CLIENT");
            kill.arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes");
            if kill.query::<u64>(&mut connection).unwrap() > 0 {
                kills.fetch_add(1, Ordering::SeqCst);
            }
        }
        senders.into_iter().map(|sender| sender.join().unwrap()).collect::<Vec<_>>()
    });
    assert_once(&journal, &sent);
    journal.close();
}

#[test]
fn a_killed_server_misses_nothing_that_was_acknowledged() {
    misses_nothing_when_killed(server(&[]));
}

#[test]
fn a_killed_valkey_misses_nothing_that_was_acknowledged() {
    misses_nothing_when_killed(Server::start_program(tools::valkey_server, &[]));
}

fn misses_nothing_when_killed(mut server: Server) {
    let journal = open(single(&server));
    let (stop, acknowledged) = (AtomicBool::new(false), AtomicU64::new(0));
    let sent = thread::scope(|scope| {
        let sender = scope.spawn(|| {
            append_until(&journal, "sender", |sent| {
                acknowledged.store(sent, Ordering::SeqCst);
                stop.load(Ordering::SeqCst)
            })
        });
        for _ in 0..3 {
            let before = acknowledged.load(Ordering::SeqCst);
            let some = || acknowledged.load(Ordering::SeqCst) > before + 60;
            wait::until_true("some more", some);
            server.redis.kill();
            server.redis.start_again();
        }
        stop.store(true, Ordering::SeqCst);
        sender.join().unwrap()
    });
    assert_once(&journal, &[("sender".to_owned(), sent)]);
    let free: u64 = journal.journal.lanes().iter().map(|lane| lane.figures().free).sum();
    assert!(free > 0 && free.is_multiple_of(1 << 24), "{free}");
}

#[test]
fn away_it_refuses_those_who_do_not_wait_and_holds_the_others() {
    let mut server = server(&[]);
    let journal = open(RedisOptions { response_timeout_ms: 1_000, ..single(&server) });
    journal.append(&numbered("a", 0..3));
    server.redis.kill();
    thread::scope(|scope| {
        let held = scope.spawn(|| journal.append(&numbered("a", 3..6)));
        wait::until_true("the reason", || !journal.journal.health().reasons.is_empty());
        let began = Instant::now();
        let refused = journal.try_append(&numbered("b", 0..3), WhenFull::Refuse);
        let Err(AppendError::Full(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains("Redis"), "{why}");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        assert!(!held.is_finished());
        server.redis.start_again();
        held.join().unwrap();
    });
    wait::until_true("no reason", || journal.journal.health().reasons.is_empty());
    let last = journal.try_append(&numbered("a", 6..9), WhenFull::Refuse);
    assert!(last.is_ok(), "{last:?}");
    assert_once(&journal, &[("a".to_owned(), 9)]);
    assert_eq!(journal.journal.stats().snapshot().refused_full, 1);
}

#[test]
fn a_full_memory_is_back_pressure_until_there_is_room() {
    let server = server(&[]);
    let journal = open(RedisOptions { retain_bytes: 1, ..single(&server) });
    let mut seed = 1u64;
    let mut random = || {
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as u8
        };
        vec![(0, (0..100_000).map(|_| next()).collect::<Vec<u8>>())]
    };
    let stored = 40;
    (0..stored).for_each(|_| drop(journal.append(&random())));
    // Two of the four megabytes must go.
    let about: String = server.redis.ask(&["INFO", "memory"]);
    let used = about.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
    let most = (used.parse::<u64>().unwrap() - 2_000_000).to_string();
    let _: String = server.redis.ask(&["CONFIG", "SET", "maxmemory", &most]);
    let refused = journal.try_append(&random(), WhenFull::Refuse);
    let Err(AppendError::Full(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("maxmemory"), "{why}");
    let last = random();
    thread::scope(|scope| {
        let held = scope.spawn(|| journal.append(&last));
        journal.wait_end(0, stored + 1);
        // Reading and trimming go on.
        let read = read_all(&journal, 0, 1);
        assert_eq!(read.records.len() as u64, stored);
        assert!(!held.is_finished());
        let now = read.times.last().unwrap().after(Duration::from_secs(1));
        let end = mutt_journal::Position(stored + 1);
        let trimmed = journal.runtime.block_on(journal.journal.trim(journal.lane(0), end, now));
        assert!(trimmed.unwrap().entries > 0);
        held.join().unwrap();
    });
    journal.wait_end(0, stored + 2);
    let read = read_all(&journal, 0, stored + 1);
    assert_eq!(read.payloads(), [&*last[0].1]);
}

#[test]
fn too_few_replicas_are_back_pressure() {
    let server = server(&[]);
    let journal = open(single(&server));
    let set = |count: &str| {
        let _: String = server.redis.ask(&["CONFIG", "SET", "min-replicas-to-write", count]);
    };
    set("1");
    let refused = journal.try_append(&numbered("b", 0..3), WhenFull::Refuse);
    let Err(AppendError::Full(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("min-replicas-to-write"), "{why}");
    thread::scope(|scope| {
        let held = scope.spawn(|| journal.append(&numbered("a", 0..6)));
        wait::until_true("one to try", || {
            journal.journal.health().reasons.iter().any(|why| why.contains("NOREPLICAS"))
        });
        set("0");
        held.join().unwrap();
    });
    assert_once(&journal, &[("a".to_owned(), 6)]);
}

/// What is stored but not known to be on the replica is not answered, and not stored again.
#[test]
fn what_cannot_be_waited_for_is_stored_once() {
    let master = server(&["min-replicas-to-write 1"]);
    let _replica = server(&[&master.replica_of()]);
    master.wait_replicas(1);
    let journal = open(RedisOptions { replicas: 1, ..single(&master) });
    let allow = |rule: &str| {
        let _: String = master.redis.ask(&["ACL", "SETUSER", "default", rule]);
    };
    allow("-wait");
    thread::scope(|scope| {
        let held = scope.spawn(|| journal.append(&numbered("a", 0..6)));
        wait::until_true("the reason", || {
            let reasons = journal.journal.health().reasons;
            entries(&master, 0).len() == 1 && reasons.iter().any(|why| why.contains("NOPERM"))
        });
        assert!(!held.is_finished());
        allow("+wait");
        held.join().unwrap();
    });
    assert_once(&journal, &[("a".to_owned(), 6)]);
}

/// A server that becomes weak while MUTT runs is not used any more.
#[test]
fn a_server_that_becomes_weak_is_not_written_to() {
    let server = server(&[]);
    let journal = open(RedisOptions { response_timeout_ms: 500, ..single(&server) });
    journal.append(&numbered("a", 0..3));
    let _: String = server.redis.ask(&["CONFIG", "SET", "appendfsync", "everysec"]);
    let mut kill = ::redis::cmd("CLIENT");
    kill.arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes");
    let _: u64 = kill.query(&mut server.redis.connection()).unwrap();
    let why = wait::until("a refusal", || {
        match journal.try_append(&numbered("b", 0..3), WhenFull::Refuse) {
            Err(AppendError::Full(why)) if why.contains("appendfsync is everysec") => Ok(why),
            other => Err(format!("{other:?}")),
        }
    });
    assert!(why.contains("must be always"), "{why}");
    let _: String = server.redis.ask(&["CONFIG", "SET", "appendfsync", "always"]);
    journal.append(&numbered("a", 3..6));
}
