//! Delivery is at least once, in order per alert, under a signature and a notice id that stay; a
//! sender's repeat is archived again, and never counted a second time.

use std::collections::{BTreeMap, HashSet};
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use mutt_output::standin::{Door, Reply};

use crate::common::mutt::{Mutt, post};
use crate::common::wait;
use crate::load;
use crate::senders::inform::{Pdu, datagram};
use crate::senders::relp::Session;
use crate::world::{LINK, World, account, count, link};

const JSON: &str = "Content-Type: application/json\r\n";

/// The link's alert as it ended: how often it was counted.
fn counted(world: &World, name: &str) -> u64 {
    world.accepted(&[link(name, "up")]);
    let signature = format!("core-1::link::{name}");
    let is_end =
        |told: &mutt_output::standin::Told| told.signature == signature && told.kind == "clear";
    count(&world.told("the end of the alert", is_end))
}

#[test]
fn a_relp_sender_that_repeats_after_a_reconnect_makes_a_repeat_in_the_archive_and_no_second_count()
{
    let world = World::start(load::RULES, Door::Relp, "");
    let lines: Vec<String> = (0..300).map(load::line).collect();
    let mut first = Session::open(world.mutt.doors.relp).expect("a session");
    first.send(&lines[..200]).expect("sent");
    first.all_answered().expect("answers");
    // Its answers to the last hundred were lost, it thinks.
    drop(first);
    let mut second = Session::open(world.mutt.doors.relp).expect("a session");
    second.send(&lines[100..]).expect("sent");
    second.all_answered().expect("answers");

    let archived = world.receivers.archived(Door::Relp, 400);
    let mut expected = [&lines[..200], &lines[100..]].concat();
    expected.sort();
    let mut archived: Vec<String> =
        archived.into_iter().map(|raw| String::from_utf8(raw).expect("UTF-8")).collect();
    archived.sort();
    assert_eq!(archived, expected, "each repeat is archived once more");
    let judge = account(&world.settled(), "judge");
    assert_eq!(judge.of("repeated"), 100);
    assert_eq!(judge.of("alerting"), load::alarms(300));
    load::each_alarm_is_told_once(&world.receivers.moogsoft, 300, 0);
}

#[test]
fn an_http_sender_that_repeats_under_its_idempotency_key_makes_no_second_count() {
    let world = World::start(LINK, Door::Relp, "");
    let lines = [link("a", "down"), link("b", "down")];
    for _ in 0..3 {
        assert_eq!(world.post("Idempotency-Key: batch-1\r\n", &lines), 202);
    }
    assert_eq!(world.post("Idempotency-Key: batch-2\r\n", &lines), 202);
    world.receivers.archived(Door::Relp, 8);
    assert_eq!(account(&world.settled(), "judge").of("repeated"), 4);
    assert_eq!(counted(&world, "a"), 2, "once for each key");
}

#[test]
fn an_http_sender_that_repeats_under_its_correlation_id_makes_no_second_count() {
    let world = World::start(LINK, Door::Relp, "");
    let message = r#""hostname": "core-1", "message": "link a is down""#;
    let body = format!("{{{message}, \"correlation_id\": \"c-1\"}}");
    for _ in 0..3 {
        let answer = post(world.mutt.doors.http, "/api/v2/ingest", JSON, body.as_bytes());
        assert_eq!(answer.expect("an answer").0, 202);
    }
    world.receivers.archived(Door::Relp, 3);
    assert_eq!(account(&world.settled(), "judge").of("repeated"), 2);
    assert_eq!(counted(&world, "a"), 1);
}

#[test]
fn http_with_neither_counts_twice() {
    let world = World::start(LINK, Door::Relp, "");
    for _ in 0..2 {
        world.accepted(&[link("a", "down")]);
    }
    world.receivers.archived(Door::Relp, 2);
    assert_eq!(counted(&world, "a"), 2);
}

#[test]
fn an_inform_that_is_sent_again_makes_no_second_count() {
    let world = World::start(load::RULES, Door::Relp, "");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a UDP socket");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    for _ in 0..3 {
        socket.send_to(&datagram(Pdu::Inform, 0), world.mutt.doors.snmp).expect("sent");
        let mut answer = [0; 1_500];
        let n = socket.recv(&mut answer).expect("an answer");
        assert_eq!(load::number(&answer[..n]), 0);
    }
    world.receivers.archived(Door::Trap, 1);
    let judge = account(&world.settled(), "judge");
    assert_eq!((judge.of("alerting"), judge.of("repeated"), judge.stored), (1, 0, 1));
    let labels = ["input=\"snmp\"", "reason=\"repeated\""];
    assert_eq!(world.mutt.metric("mutt_input_refused_total", &labels), 2.0);
}

#[test]
fn repeats_are_known_over_a_restart_by_reading_back() {
    let mut world = World::start(LINK, Door::Relp, "");
    let key = "Idempotency-Key: batch-1\r\n";
    assert_eq!(world.post(key, &[link("a", "down")]), 202);
    let lines: Vec<String> = (0..50).map(load::line).collect();
    let mut session = Session::open(world.mutt.doors.relp).expect("a session");
    session.send(&lines).expect("sent");
    session.all_answered().expect("answers");
    world.settled();
    world.mutt.kill();
    world.mutt.start();
    assert_eq!(world.post(key, &[link("a", "down")]), 202);
    let mut session = Session::open(world.mutt.doors.relp).expect("a session");
    session.send(&lines[20..]).expect("sent");
    session.all_answered().expect("answers");
    assert_eq!(account(&world.settled(), "judge").of("repeated"), 31);
    assert_eq!(counted(&world, "a"), 1);
}

#[test]
fn a_repeat_is_known_for_the_time_that_is_set_and_counts_as_new_after_it() {
    let world = World::start(LINK, Door::Relp, "judge.repeats_ms = 1000");
    let key = "Idempotency-Key: batch-1\r\n";
    let lines = [link("a", "down")];
    assert_eq!(world.post(key, &lines), 202);
    assert_eq!(world.post(key, &lines), 202);
    world.account_when("judge", "one known as a repeat", |judge| judge.of("repeated") == 1);
    let last = Instant::now();
    wait::until_true("the time to be over", || last.elapsed() > Duration::from_millis(1_200));
    assert_eq!(world.post(key, &lines), 202);
    world.account_when("judge", "one counted anew", |judge| judge.of("alerting") == 2);
}

#[test]
fn delivery_is_at_least_once_under_a_signature_and_a_notice_id_that_stay() {
    let mut world = World::start(LINK, Door::Relp, "");
    // It takes the alert, and MUTT never hears of it; then MUTT is killed.
    world.receivers.moogsoft.script([Reply::TakeAndHang, Reply::Status(500), Reply::TakeAndHang]);
    world.accepted(&[link("a", "down")]);
    world.told("the alert", |told| told.kind == "open");
    world.mutt.kill();
    world.mutt.start();
    let delivered = |mutt: &Mutt| mutt.metric("mutt_deliveries", &["state=\"delivered\""]);
    wait::until_true("its delivery", || delivered(&world.mutt) > 0.0);
    let told = world.receivers.moogsoft.told();
    assert!(told.len() >= 3, "{told:?}");
    let names: HashSet<_> = told.iter().map(|t| (&t.signature, &t.notice_id, &t.kind)).collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn delivery_is_in_order_per_alert() {
    const LINKS: usize = 20;
    const ROUNDS: usize = 4;
    let mut world = World::start(LINK, Door::Relp, "");
    let troubles = [
        Reply::Status(500),
        Reply::Well,
        Reply::RetryAfter(429, 0),
        Reply::TakeAndHang,
        Reply::Status(503),
        Reply::Well,
    ];
    world.receivers.moogsoft.script(troubles.into_iter().cycle().take(30));
    for round in 0..ROUNDS {
        for state in ["down", "up"] {
            let lines: Vec<String> = (0..LINKS).map(|n| link(&format!("if-{n}"), state)).collect();
            world.accepted(&lines);
        }
        if round == ROUNDS / 2 {
            world.mutt.kill();
            world.mutt.start();
        }
    }
    let ends = || {
        let told = world.receivers.moogsoft.told();
        let clears = told.iter().filter(|told| told.kind == "clear");
        clears.map(|told| told.notice_id.clone()).collect::<HashSet<_>>().len()
    };
    wait::until("all ends told", || {
        let ends = ends();
        if ends == LINKS * ROUNDS { Ok(()) } else { Err(ends.to_string()) }
    });
    let mut known = HashSet::new();
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for told in world.receivers.moogsoft.told() {
        if known.insert(told.notice_id) {
            kinds.entry(told.signature).or_default().push(told.kind);
        }
    }
    assert_eq!(kinds.len(), LINKS);
    for (signature, kinds) in kinds {
        assert_eq!(kinds, ["open", "clear"].repeat(ROUNDS), "{signature}");
    }
    assert!(world.receivers.moogsoft.open().is_empty(), "the last word is the end");
}
