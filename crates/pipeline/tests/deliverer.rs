//! The deliverer over a database in memory, and a destination that answers as it is told.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests, too

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use common::{Answers, Bench, at, now, syslog, until_idle};
use mutt_event::Timestamp;
use mutt_output::{Adapter, CloudSettings, Gate, GateSettings, OutputStats, WebhookSettings};
use mutt_pipeline::{Deliverer, DelivererParts, DelivererSettings, Standing, Step};
use mutt_secrets::{Live, Passwords, Place};
use mutt_store::{
    AuditEntry, Database, DeliveryState, History, Live as _, MemoryStore, Replay, TallyKind,
    hour_of,
};

struct Destination {
    bench: Bench,
    http: Answers,
    standing: Standing,
}

/// A destination with a notice waiting for each of these hosts.
fn destination(hosts: &[&'static str]) -> Destination {
    let mut bench = Bench::new();
    let downs: Vec<_> = hosts.iter().map(|host| syslog(host, "LINKDOWN")).collect();
    bench.journal.store(at(0), &downs);
    let mut judge = bench.judge(at(0));
    until_idle(|| now(judge.step(at(0))));
    Destination { bench, http: Answers::default(), standing: Standing::default() }
}

impl Destination {
    fn deliverer(&self) -> Deliverer<MemoryStore, Answers> {
        let webhook = WebhookSettings::new("http://moogsoft.invalid/");
        self.deliverer_by(Adapter::MoogsoftWebhook(webhook))
    }

    fn deliverer_by(&self, adapter: Adapter) -> Deliverer<MemoryStore, Answers> {
        let parts = DelivererParts {
            database: self.bench.store.clone(),
            http: self.http.clone(),
            adapter,
            gate: Gate::new(GateSettings::default()),
            stats: OutputStats::default().destination("moogsoft"),
            standing: self.standing.clone(),
            tenure: common::tenure(&self.bench.store),
        };
        Deliverer::new(parts, DelivererSettings::new("moogsoft"))
    }

    fn waiting(&self) -> Vec<(u32, Option<String>)> {
        let waiting = now(self.bench.store.waiting("moogsoft", 100)).unwrap();
        waiting.into_iter().map(|delivery| (delivery.attempts, delivery.answer)).collect()
    }

    fn count(&self, state: DeliveryState) -> u64 {
        let queues = now(self.bench.store.queues()).unwrap();
        let lengths = queues.iter().flat_map(|queue| &queue.lengths);
        lengths.filter(|length| length.state == state).map(|length| length.count).sum()
    }

    /// The hosts of each request's events.
    fn requests(&self) -> Vec<Vec<String>> {
        let bodies = self.http.bodies.lock().unwrap();
        let hosts = |body: &String| {
            let parts = body.split("\"source\":\"").skip(1);
            parts.map(|part| part.split('"').next().unwrap_or_default().to_owned()).collect()
        };
        bodies.iter().map(hosts).collect()
    }
}

fn settle(deliverer: &mut Deliverer<MemoryStore, Answers>, time: Timestamp) -> Option<Timestamp> {
    until_idle(|| now(deliverer.step(time)))
}

#[test]
fn a_batch_goes_in_order_and_is_written_down() {
    let to = destination(&["r1", "r2", "r3"]);
    settle(&mut to.deliverer(), at(10));
    assert_eq!(to.requests(), [["r1", "r2", "r3"]]);
    assert_eq!((to.count(DeliveryState::Delivered), to.waiting().len()), (3, 0));
}

#[test]
fn a_refused_batch_is_sent_singly_to_find_the_bad_one() {
    let to = destination(&["r1", "r2", "r3"]);
    for status in [400, 200, 422, 200] {
        to.http.then(status);
    }
    settle(&mut to.deliverer(), at(10));
    let expected: [&[&str]; 4] = [&["r1", "r2", "r3"], &["r1"], &["r2"], &["r3"]];
    assert_eq!(to.requests(), expected);
    let dead = now(to.bench.store.dead_letters(10)).unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].notice.alert.host, "r2");
    assert_eq!(dead[0].answer.as_deref(), Some("HTTP 422: because"));
    assert_eq!(to.count(DeliveryState::Delivered), 2);
}

#[test]
fn only_what_was_really_sent_is_an_attempt() {
    let to = destination(&["r1"]);
    let mut deliverer = to.deliverer();
    let mut time = at(10);
    for _ in 0..7 {
        to.http.then(503);
        // Asking again and again before the gate opens uses up nothing.
        let wake = settle(&mut deliverer, time).unwrap();
        settle(&mut deliverer, time);
        time = wake;
    }
    assert_eq!(to.waiting(), [(7, Some("HTTP 503: because".to_owned()))]);
    assert!(to.standing.trouble().is_some(), "the breaker is open");
    settle(&mut deliverer, time);
    assert_eq!(to.count(DeliveryState::Delivered), 1);
    assert!(to.standing.trouble().is_none());
}

#[test]
fn a_destination_that_does_not_know_us_pauses_and_says_so() {
    let to = destination(&["r1", "r2"]);
    to.http.then(401);
    let mut deliverer = to.deliverer();
    let wake = settle(&mut deliverer, at(10)).unwrap();
    assert_eq!(wake, at(60_010));
    assert!(to.standing.trouble().unwrap().why.contains("401"));
    assert_eq!(to.waiting().len(), 2, "nothing is given up");
    settle(&mut deliverer, wake);
    assert_eq!(to.count(DeliveryState::Delivered), 2);
    assert_eq!(to.requests()[1], ["r1"], "a single one tries first");
}

#[test]
fn a_restart_sends_again_under_the_same_id() {
    let to = destination(&["r1"]);
    let mut killed = to.deliverer();
    to.http.next.lock().unwrap().push_back(Err(mutt_output::HttpError::Network("lost".into())));
    assert_eq!(now(killed.step(at(10))).unwrap(), Step::Progress);
    settle(&mut to.deliverer(), at(20));
    let bodies = to.http.bodies.lock().unwrap();
    let id = |body: &str| body.split("notice_id\":\"").nth(1).unwrap()[..36].to_owned();
    assert_eq!(bodies.len(), 2);
    assert_eq!(id(&bodies[0]), id(&bodies[1]));
}

#[test]
fn with_nothing_to_send_it_looks_again_after_a_while() {
    let to = destination(&[]);
    assert_eq!(settle(&mut to.deliverer(), at(10)), Some(at(1_010)));
    assert!(to.requests().is_empty());
}

#[test]
fn another_key_is_tried_at_once_and_a_new_one_ends_the_pause() {
    let (first, next) = (Live::new("because".into()), Live::new("k2".into()));
    let doubts = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&doubts);
    first.on_doubt(move || {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let places = [Place::of(first.clone()), Place::of(next.clone())];
    let cloud = CloudSettings::new(Passwords::new("key", places));
    let to = destination(&["r1"]);
    let mut deliverer = to.deliverer_by(Adapter::MoogsoftCloud(cloud));
    (0..2).for_each(|_| to.http.then(403));
    let wake = settle(&mut deliverer, at(10)).unwrap();
    assert_eq!(to.requests().len(), 2, "with each key");
    let paused = "paused, it does not accept our credentials: HTTP 403: ";
    assert_eq!(to.waiting(), [(1, Some(format!("{paused}because")))], "one attempt");
    assert!(wake > at(60_000), "paused");
    assert_eq!(doubts.load(Ordering::Relaxed), 1);
    next.clear();
    to.http.then(403);
    settle(&mut deliverer, at(11));
    let quoted = Some(format!("{paused}(secret)"));
    assert_eq!(to.waiting(), [(2, quoted)], "what quotes a key is kept without it");
    first.set("k3".into());
    settle(&mut deliverer, at(12));
    assert_eq!((to.requests().len(), to.count(DeliveryState::Delivered)), (4, 1));
}

/// Puts a dead letter back.
fn put_back(to: &Destination, number: i64) {
    let replay = Replay { numbers: vec![number], at: at(30) };
    now(to.bench.store.replay(replay, AuditEntry::default())).unwrap();
}

#[test]
fn a_dead_letter_that_was_put_back_goes_in_its_place_and_counts_as_a_page() {
    let to = destination(&["r1", "r2"]);
    to.http.then(400);
    to.http.then(400);
    to.http.then(200);
    let mut deliverer = to.deliverer();
    settle(&mut deliverer, at(10));
    let dead = now(to.bench.store.dead_letters(9)).unwrap().remove(0);
    assert_eq!(dead.notice.alert.host, "r1");
    put_back(&to, dead.number);
    settle(&mut deliverer, at(2_000));
    assert_eq!(to.requests().last().unwrap(), &["r1"]);
    assert_eq!((to.count(DeliveryState::Delivered), to.count(DeliveryState::Dead)), (2, 0));
    let hour = hour_of(at(0));
    let delays = now(to.bench.store.tallies(TallyKind::PageDelay, hour, hour + 1)).unwrap();
    let delays: Vec<_> = delays.iter().map(|one| (one.name.as_str(), one.value)).collect();
    assert_eq!(delays, [("10", 1), ("2000", 1)], "from receipt to the answer, by its range");
}

#[test]
fn a_begin_that_was_put_back_is_not_sent_behind_the_end_that_was_held_in_memory() {
    let mut to = destination(&["r1"]);
    to.http.then(400);
    let mut deliverer = to.deliverer();
    settle(&mut deliverer, at(10));
    let dead = now(to.bench.store.dead_letters(9)).unwrap().remove(0);
    to.bench.journal.store(at(20), &[syslog("r1", "LINKUP")]);
    let mut judge = to.bench.judge(at(20));
    until_idle(|| now(judge.step(at(20))));
    // It does not reach the destination, reads the end again, and holds it until it may try again.
    to.http.then(503);
    assert_eq!(now(deliverer.step(at(2_000))).unwrap(), Step::Progress);
    settle(&mut deliverer, at(2_000));
    put_back(&to, dead.number);
    let mut time = at(2_000);
    while to.count(DeliveryState::Waiting) > 0 {
        time = settle(&mut deliverer, time).unwrap_or(time);
    }
    let states = [DeliveryState::Delivered, DeliveryState::Superseded, DeliveryState::Dead];
    assert_eq!(states.map(|state| to.count(state)), [1, 1, 0]);
    let bodies = to.http.bodies.lock().unwrap();
    let begins = bodies.iter().filter(|body| body.contains("\"kind\":\"open\"")).count();
    assert_eq!(begins, 1, "only when it was refused: {bodies:?}");
}
