//! A Redis list of a real redis-server: elements are stored, then taken out, whatever happens between.

use std::time::Duration;

use mutt_event::{Flags, Input, Kind};
use mutt_input::{RedisList, RedisListConfig, Refusal};
use tempfile::TempDir;

use crate::common::redis::Redis;
use crate::journal::{Journal, Mode, Running, raws, run, until};

pub const LIST: &str = "syslog";
pub const INPUT: Input = Input::RedisList;

/// The list of what a worker took.
pub fn taken_by(worker: &str) -> String {
    format!("mutt:{{{LIST}}}:worker:{worker}")
}

pub fn config(redis: &Redis, worker: &str) -> RedisListConfig {
    RedisListConfig {
        tls: None,
        name: LIST.to_owned(),
        address: redis.address.to_string(),
        database: 0,
        user: None,
        password: None,
        list: LIST.to_owned(),
        worker: worker.to_owned(),
        message_bytes_max: 200,
        batch_messages_max: 100,
        batch_bytes_max: 100_000,
        answer_timeout_ms: 5_000,
        ttl_ms: 600,
        retry_first_ms: 10,
        retry_max_ms: 100,
    }
}

pub fn start(journal: &Journal, config: RedisListConfig) -> Running {
    let input = RedisList::new(config).unwrap();
    run(journal, INPUT, |intake, stop| input.serve(intake, stop))
}

pub fn redis(settings: &[&str]) -> (TempDir, Redis) {
    let folder = tempfile::tempdir().unwrap();
    let redis = Redis::start(folder.path(), settings);
    (folder, redis)
}

fn lines(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("<13>Nov 23 12:00:00 r{} a: message {n}", n % 7)).collect()
}

/// Whether each of the lines is among what is stored.
fn all_there(journal: &Journal, lines: &[String]) -> bool {
    let stored = journal.now();
    let stored: std::collections::HashSet<&[u8]> = raws(&stored).into_iter().collect();
    lines.iter().all(|line| stored.contains(line.as_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_are_stored_in_their_order_and_taken_out() {
    let (_folder, redis) = redis(&[]);
    let journal = Journal::new(Mode::Store);
    let lines = lines(1_000);
    redis.push(LIST, &lines);
    let running = start(&journal, config(&redis, "a"));
    let stored = journal.stored(1_000).await;
    assert_eq!(raws(&stored), lines.iter().map(String::as_bytes).collect::<Vec<_>>());
    assert!(stored.iter().all(|m| m.input == INPUT && m.peer == Some(redis.address)));
    assert_eq!(stored[3].host, "r3");
    until("they are taken out", || redis.len(&taken_by("a")) == 0).await;
    // It waits for the next now.
    redis.push(LIST, ["<13>one more"]);
    journal.stored(1_001).await;
    running.stop().await;
    assert_eq!((redis.len(LIST), redis.len(&taken_by("a"))), (0, 0));
    assert_eq!(redis.ask::<usize>(&["EXISTS", "mutt:{syslog}:alive:a"]), 0);
    assert!(journal.now().iter().all(|message| !message.flags.again));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_element_is_a_line_or_an_object() {
    let (_folder, redis) = redis(&[]);
    let journal = Journal::new(Mode::Store);
    let object = r#"{"message":"m","hostname":"r9","correlation_id":"1"}"#;
    let long = "x".repeat(201);
    redis.push(LIST, ["<13>Nov 23 12:00:00 r1 a: b", object, "", &long, "{broken"]);
    let running = start(&journal, config(&redis, "a"));
    let stored = journal.stored(4).await;
    let kinds: Vec<Kind> = stored.iter().map(|message| message.kind).collect();
    assert_eq!(kinds, [Kind::Syslog, Kind::Json, Kind::Syslog, Kind::Syslog]);
    assert_eq!((stored[1].host.as_str(), stored[1].dedup.is_some()), ("r9", true));
    assert_eq!(stored[1].raw, object.as_bytes());
    assert_eq!(stored[2].flags, Flags { truncated: true, ..Flags::default() });
    assert_eq!(stored[2].raw, long.as_bytes()[..200].to_vec());
    running.stop().await;
    let meter = journal.meter(INPUT);
    assert_eq!((meter.received.get(), meter.refused(Refusal::Empty)), (5, 1));
    assert_eq!(meter.truncated.get(), 1);
    assert_eq!((redis.len(LIST), redis.len(&taken_by("a"))), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_stored_first() {
    let (_folder, redis) = redis(&[]);
    let journal = Journal::new(Mode::Store);
    let lines = lines(150);
    redis.push(&taken_by("a"), &lines[..120]);
    redis.push(LIST, &lines[120..]);
    let running = start(&journal, config(&redis, "a"));
    let stored = journal.stored(150).await;
    assert_eq!(raws(&stored), lines.iter().map(String::as_bytes).collect::<Vec<_>>());
    running.stop().await;
    // So the judge knows which ones may be repeats.
    let again: Vec<bool> = stored.iter().map(|message| message.flags.again).collect();
    assert_eq!(again, [vec![true; 120], vec![false; 30]].concat());
    assert_eq!(journal.intake.stats().reread(INPUT).get(), 120);
    assert_eq!((redis.len(LIST), redis.len(&taken_by("a"))), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn however_much_is_read_at_once_the_journal_gets_it_in_rounds() {
    let (_folder, redis) = redis(&[]);
    let journal = Journal::new(Mode::Store);
    let lines = lines(100);
    redis.push(&taken_by("a"), &lines);
    let running = start(&journal, RedisListConfig { batch_bytes_max: 1, ..config(&redis, "a") });
    let stored = journal.stored(100).await;
    assert_eq!(raws(&stored), lines.iter().map(String::as_bytes).collect::<Vec<_>>());
    running.stop().await;
    assert_eq!((journal.now().len(), redis.len(&taken_by("a"))), (100, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_while_the_journal_has_no_room() {
    let (_folder, redis) = redis(&[]);
    let journal = Journal::new(Mode::Full);
    let lines = lines(500);
    redis.push(LIST, &lines);
    let running = start(&journal, config(&redis, "a"));
    until("a batch is on its way", || redis.len(&taken_by("a")) > 0).await;
    // Heartbeats go on meanwhile, so nobody takes it for dead.
    let other = Journal::new(Mode::Store);
    let beside = start(&other, RedisListConfig { list: "other".to_owned(), ..config(&redis, "b") });
    let alive = || redis.ask::<i64>(&["PTTL", "mutt:{syslog}:alive:a"]);
    for beat in 0..3 {
        // It begins at 600 ms and is renewed at 400.
        until(&format!("most of heartbeat {beat}"), || alive() < 500).await;
        assert!(alive() > 0, "its heartbeat stopped");
        until(&format!("a heartbeat after {beat}"), || alive() > 500).await;
    }
    assert_eq!(redis.len(LIST) + redis.len(&taken_by("a")), 500);
    assert!(redis.len(&taken_by("a")) <= 100);
    assert!(journal.now().is_empty());
    journal.set(Mode::Store);
    journal.stored(500).await;
    running.stop().await;
    beside.stop().await;
    assert_eq!((journal.now().len(), redis.len(LIST), redis.len(&taken_by("a"))), (500, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_workers_list_goes_back_to_where_it_is_read() {
    let (_folder, redis) = redis(&[]);
    let journal = Journal::new(Mode::Store);
    let lines = lines(350);
    redis.push(&taken_by("dead"), &lines[..250]);
    redis.push(LIST, &lines[250..]);
    let _: u64 = redis.ask(&["SADD", "mutt:{syslog}:workers", "dead", "no name"]);
    let running = start(&journal, config(&redis, "b"));
    let stored = journal.stored(350).await;
    // The oldest first, as if nobody had died.
    assert_eq!(raws(&stored), lines.iter().map(String::as_bytes).collect::<Vec<_>>());
    let workers = || redis.ask::<Vec<String>>(&["SMEMBERS", "mutt:{syslog}:workers"]);
    until("it is forgotten", || !workers().contains(&"dead".to_owned())).await;
    assert!(workers().contains(&"b".to_owned()));
    running.stop().await;
    assert_eq!(journal.intake.stats().recovered(INPUT).get(), 250);
    assert_eq!((redis.len(LIST), redis.len(&taken_by("dead"))), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_recover_at_once_lose_nothing_and_repeat_nothing() {
    let (_folder, redis) = redis(&[]);
    let journals = [Journal::new(Mode::Store), Journal::new(Mode::Store)];
    let lines = lines(2_000);
    for (n, part) in lines.chunks(500).enumerate() {
        redis.push(&taken_by(&format!("dead-{n}")), part);
        let _: u64 = redis.ask(&["SADD", "mutt:{syslog}:workers", &format!("dead-{n}")]);
    }
    let names = ["a", "b"].iter().zip(&journals);
    let running: Vec<Running> =
        names.map(|(name, journal)| start(journal, config(&redis, name))).collect();
    until("all is stored", || journals.iter().map(|j| j.now().len()).sum::<usize>() >= 2_000).await;
    for running in running {
        running.stop().await;
    }
    let [mut stored, more] = journals.map(|journal| journal.now());
    stored.extend(more);
    let mut stored: Vec<String> =
        stored.into_iter().map(|m| String::from_utf8(m.raw).unwrap()).collect();
    stored.sort();
    let mut lines = lines;
    lines.sort();
    assert_eq!(stored, lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_taken_for_dead_loses_nothing() {
    let (_folder, redis) = redis(&[]);
    let journal = Journal::new(Mode::Hold);
    let lines = lines(300);
    redis.push(LIST, &lines);
    let running = start(&journal, config(&redis, "a"));
    until("a batch is on its way", || redis.len(&taken_by("a")) > 0).await;
    // As one does that recovers; and what it put back is in the own list again, in part.
    let taken = redis.len(&taken_by("a"));
    for _ in 0..taken {
        let _: String = redis.ask(&["LMOVE", &taken_by("a"), LIST, "LEFT", "RIGHT"]);
    }
    for _ in 0..taken / 2 {
        let _: String = redis.ask(&["LMOVE", LIST, &taken_by("a"), "RIGHT", "LEFT"]);
    }
    journal.set(Mode::Store);
    until("all is stored", || all_there(&journal, &lines)).await;
    running.stop().await;
    assert_eq!((redis.len(LIST), redis.len(&taken_by("a"))), (0, 0));
    let stored = journal.now();
    assert_eq!(stored.len(), 300 + taken, "and what was touched came twice");
    let (first, repeated) = (&stored[0], &stored[taken]);
    assert_eq!(first.raw, repeated.raw);
    assert!(!first.flags.again && repeated.flags.again);
    assert!(first.session < repeated.session);
    assert!(stored[taken..2 * taken].iter().all(|m| m.flags.again));
    assert!(journal.intake.stats().reread(INPUT).get() >= taken as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_the_wait_for_an_element_at_once() {
    let (_folder, redis) = redis(&[]);
    let journal = Journal::new(Mode::Store);
    let running = start(&journal, RedisListConfig { ttl_ms: 60_000, ..config(&redis, "a") });
    let blocked = || redis.ask::<String>(&["INFO", "clients"]).contains("blocked_clients:1");
    until("it waits", blocked).await;
    tokio::time::timeout(Duration::from_secs(2), running.stop()).await.unwrap();
    until("Redis knows that nobody waits", || !blocked()).await;
    assert_eq!(redis.ask::<usize>(&["EXISTS", "mutt:{syslog}:alive:a"]), 0);
    redis.push(LIST, ["<13>nobody takes this"]);
    assert_eq!((redis.len(LIST), redis.len(&taken_by("a"))), (1, 0));
}
