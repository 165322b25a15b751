use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::TriggerKind;

const HOUR_MS: i64 = 3_600_000;

fn see_at(miner: &mut Miner, key: &str, text: &str, ms: i64) -> PatternId {
    let at = Timestamp::from_millis(ms);
    let id = MessageId { appended: at, partition: 0, position: ms.unsigned_abs() };
    let severity = Some(Severity::Warning);
    let (key, text, team) = (key.as_bytes(), text.as_bytes(), Some("net"));
    miner.observe(&Seen { key, host: "r1", text, severity, team, at, id }).unwrap()
}

fn see(miner: &mut Miner, text: &str) -> PatternId {
    let ms = miner.stats().observed as i64;
    see_at(miner, "", text, ms)
}

fn now(miner: &Miner, id: PatternId) -> &Pattern {
    miner.get(id).unwrap()
}

fn kinds(triggers: &[Trigger]) -> Vec<TriggerKind> {
    triggers.iter().map(|trigger| trigger.kind).collect()
}

#[test]
fn states_stay_apart_and_names_do_not() {
    let mut miner = Miner::new(Limits::default());
    for state in ["Started", "Paused", "Resumed", "Stopped", "failed", "DOWN", "up", "unknown"] {
        for unit in 0..3 {
            see(&mut miner, &format!("machine {unit} {state} by operator"));
        }
    }
    assert_eq!(miner.stats().patterns, 8);
    let names = ["bird", "frr", "snmpd", "chronyd", "nginx"];
    let ids = names.map(|name| see(&mut miner, &format!("the service {name} was reloaded")));
    let first = now(&miner, ids[0]);
    assert_eq!(first.template, "the service <*> was reloaded");
    assert_eq!((first.id, first.count), (ids[0], 5));
    assert!(ids.iter().all(|id| now(&miner, *id).id == ids[0]));
    assert_eq!(first.aliases, ids[1..3]);
    assert_eq!((first.worst(), first.commonest()), (Some(Severity::Warning), first.worst()));
    assert_eq!((first.hosts.names["r1"], first.teams.names["net"]), (5, 5));
}

#[test]
fn a_wildcard_does_not_swallow_a_state() {
    let mut miner = Miner::new(Limits::default());
    for name in ["bird", "frr", "snmpd", "chronyd"] {
        see(&mut miner, &format!("the service {name} now"));
    }
    let wide = see(&mut miner, "the service nginx now");
    assert_eq!(now(&miner, wide).count, 5);
    let stopped = see(&mut miner, "the service STOPPED now");
    assert_eq!(now(&miner, stopped).template, "the service STOPPED now");
}

#[test]
fn a_number_is_no_wildcard_for_words_until_it_is_widened() {
    let mut miner = Miner::new(Limits::default());
    let number = see(&mut miner, "code 7");
    for user in ["user ann", "user bob"] {
        see(&mut miner, user);
    }
    // `user <*>` is as long and wide at the same place.
    assert_ne!(see(&mut miner, "code red"), number);
    assert_eq!(see(&mut miner, "code 8"), number);
}

#[test]
fn samples_are_few_and_the_first_is_kept() {
    for samples_max in [0, 1, 2, 5] {
        let mut miner = Miner::new(Limits { samples_max, ..Limits::default() });
        let id = see(&mut miner, "port 0\0 is gone");
        (1..600).for_each(|n| {
            see(&mut miner, &format!("port {n}\0 is gone"));
        });
        let samples = &now(&miner, id).samples;
        assert_eq!(samples.len(), samples_max);
        assert!(samples.first().is_none_or(|first| first.text == "port 0  is gone"));
        assert!(samples_max < 2 || samples.iter().any(|sample| sample.id.position > 60));
    }
}

#[test]
fn a_key_is_a_world_of_its_own() {
    let mut miner = Miner::new(Limits::default());
    let a = see_at(&mut miner, "A-1-X", "same text", 0);
    let b = see_at(&mut miner, "B-1-X", "same text", 0);
    assert_ne!(a, b);
    assert_eq!((now(&miner, b).key.as_str(), miner.stats().keys), ("B-1-X", 2));
}

#[test]
fn changes_are_taken_once_and_losers_are_not_among_them() {
    let mut miner = Miner::new(Limits::default());
    let id = see(&mut miner, "user a1 logged in");
    see(&mut miner, "user b2 logged in");
    let changes = miner.take_changes();
    assert_eq!((changes.len(), changes[0].id, changes[0].count), (1, id, 2));
    assert!(miner.take_changes().is_empty());
    let loser = see(&mut miner, "user carla logged in");
    let changes = miner.take_changes();
    assert_eq!((changes.len(), changes[0].id, changes[0].count), (1, id, 3));
    assert_eq!(loser, id);
}

#[test]
fn learning_tells_no_new_pattern_and_later_ones_are_told_once() {
    let mut miner = Miner::new(Limits::default());
    see_at(&mut miner, "", "first thing ever", 0);
    assert!(miner.take_triggers().is_empty());
    see_at(&mut miner, "", "second thing", 24 * HOUR_MS - 1);
    assert!(miner.take_triggers().is_empty());
    let id = see_at(&mut miner, "", "third one of 5", 24 * HOUR_MS);
    see_at(&mut miner, "", "third one of 6", 24 * HOUR_MS);
    let triggers = miner.take_triggers();
    assert_eq!(kinds(&triggers), [TriggerKind::New]);
    assert_eq!((triggers[0].pattern, triggers[0].count), (id, 1));
}

#[test]
fn the_threshold_is_told_once_a_window() {
    let mut miner = Miner::new(Limits { surge_count_min: 0, ..Limits::default() });
    let mut told = Vec::new();
    for minute in 0..3 * 24 * 60 {
        see_at(&mut miner, "", "again and again", minute * 60_000);
        told.extend(miner.take_triggers().iter().map(|trigger| (minute, trigger.kind)));
    }
    let at = |minute| (minute, TriggerKind::Threshold);
    assert_eq!(told, [at(99), at(99 + 24 * 60), at(99 + 48 * 60)]);
    let window = Duration::from_secs(24 * 3600);
    assert_eq!(
        now_only(&miner).told.threshold_until,
        Some(Timestamp::from_millis(99 * 60_000).after(window * 3))
    );
}

fn now_only(miner: &Miner) -> &Pattern {
    let slot = miner.patterns.oldest(1, |_| true)[0];
    miner.patterns.get(slot).unwrap()
}

#[test]
fn a_surge_is_told_once_an_hour_and_not_without_a_past() {
    let limits = Limits { threshold_count: 0, ..Limits::default() };
    let mut miner = Miner::new(limits);
    let burst = |miner: &mut Miner, hour: i64, count: i64| {
        (0..count).for_each(|n| {
            see_at(miner, "", &format!("flap {n}"), hour * HOUR_MS + n);
        });
        kinds(&miner.take_triggers())
    };
    assert!(burst(&mut miner, 0, 60).is_empty());
    for hour in 1..30 {
        assert!(burst(&mut miner, hour, 15 + hour % 3).is_empty());
    }
    assert_eq!(burst(&mut miner, 30, 500), [TriggerKind::Surging]);
    assert!(burst(&mut miner, 31, 100).is_empty());
}

#[test]
fn what_people_decided_on_tells_nothing_until_it_is_open_again() {
    let mut miner = Miner::new(Limits { threshold_count: 2, ..Limits::default() });
    let id = see(&mut miner, "noise 1");
    assert!(miner.set_state(id, State::Ignored { reason: "known".to_owned() }));
    see(&mut miner, "noise 2");
    assert!(miner.take_triggers().is_empty());
    assert!(miner.set_state(id, State::Open));
    see(&mut miner, "noise 3");
    assert_eq!(kinds(&miner.take_triggers()), [TriggerKind::Threshold]);
    assert!(!miner.set_state(PatternId::new("", "no such", 0), State::Handled));
}

#[test]
fn a_pattern_that_widens_beyond_what_was_decided_is_open_again() {
    let mut miner = Miner::new(Limits::default());
    let known = see(&mut miner, "user admin logged in");
    miner.set_state(known, State::Handled);
    see(&mut miner, "user carla logged in");
    assert_eq!(now(&miner, known).state, State::Open);
}

#[test]
fn more_patterns_than_allowed_make_room_by_age() {
    let limits = Limits { patterns_max: 20, key_patterns_max: 16, ..Limits::default() };
    let mut miner = Miner::new(limits);
    let words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"];
    let kept = see_at(&mut miner, "k", "kept for good", 0);
    miner.set_state(kept, State::Handled);
    for (n, (a, b)) in (1..).zip(words.iter().flat_map(|a| words.iter().map(move |b| (a, b)))) {
        let key = if n % 2 == 0 { "k" } else { "l" };
        see_at(&mut miner, key, &[*a].repeat(n as usize % 5 + 1).join(b), n);
    }
    let stats = miner.stats();
    assert!(stats.patterns <= 20 && stats.evicted > 0, "{stats:?}");
    assert!(miner.get(kept).is_some());
    assert_eq!(stats.created, stats.evicted + stats.merged + stats.patterns as u64);
    let gone = miner.take_gone();
    let room = gone.iter().filter(|(_, why)| *why == Gone::MadeRoom).count() as u64;
    assert_eq!((room, miner.account().evicted), (stats.evicted, stats.evicted));
    assert_eq!(miner.take_changes().len(), stats.patterns);
    assert!(gone.iter().all(|(id, _)| miner.get(*id).is_none_or(|held| held.id != *id)));
}

#[test]
fn what_was_not_seen_for_long_is_forgotten_unless_it_was_decided_on() {
    let mut miner = Miner::new(Limits::default());
    let [old, ignored] = [see(&mut miner, "old news"), see(&mut miner, "old and known")];
    miner.set_state(ignored, State::Ignored { reason: "known".to_owned() });
    let young = see_at(&mut miner, "", "young one", HOUR_MS);
    miner.forget_before(Timestamp::from_millis(HOUR_MS));
    assert_eq!(miner.take_gone(), [(old, Gone::Old)]);
    assert!(miner.get(old).is_none() && miner.get(ignored).is_some() && miner.get(young).is_some());
    assert_eq!(see_at(&mut miner, "", "old news", 2 * HOUR_MS), old);
    assert_eq!(now(&miner, old).count, 1);
}

#[test]
fn what_finds_no_room_after_a_restart_is_gone() {
    let mut miner = Miner::new(Limits::default());
    let [first, second] = [see(&mut miner, "first of all"), see(&mut miner, "and a second one")];
    let limits = Limits { patterns_max: 1, ..Limits::default() };
    let mut miner = Miner::restore(limits, miner.take_changes(), miner.account());
    assert_eq!(miner.take_gone(), [(first, Gone::MadeRoom)]);
    assert!(miner.get(second).is_some());
}

#[test]
fn a_sample_is_said_for_a_while() {
    let limits = Limits { events_per_second_max: 2, sample_every: 2, ..Limits::default() };
    let mut miner = Miner::new(limits);
    (0..3).for_each(|n| {
        let at = Timestamp::from_millis(n);
        let id = MessageId { appended: at, partition: 0, position: 1 };
        let (key, text, host) = (&b""[..], &b"many"[..], "r1");
        miner.observe(&Seen { key, host, text, severity: None, team: None, at, id });
    });
    let account = miner.account();
    assert_eq!((account.observed, account.skipped), (3, 1));
    let is_at = |ms| account.is_sampling(Timestamp::from_millis(ms));
    assert!(is_at(9_000) && !is_at(10_002));
}

#[test]
fn a_form_that_cannot_be_read_falls_back_to_the_template() {
    let mut miner = Miner::new(Limits::default());
    let id = see(&mut miner, "link 3 on fire");
    let mut known = miner.take_changes();
    known[0].form = "nonsense".to_owned();
    let mut miner = Miner::restore(Limits::default(), known, Account::default());
    assert_eq!(see(&mut miner, "link 4 on fire"), id);
}

#[test]
fn a_pattern_survives_json() {
    let mut miner = Miner::new(Limits::default());
    see(&mut miner, "port 3 is \"gone\"  now");
    let pattern = miner.take_changes().remove(0);
    let json = serde_json::to_string(&pattern).unwrap();
    assert_eq!(serde_json::from_str::<Pattern>(&json).unwrap(), pattern);
}

/// Messages with few words, so that patterns widen and become one.
fn messages() -> impl Strategy<Value = Vec<(String, String)>> {
    let word = prop_oneof![
        4 => "[a-f]", 2 => "[0-9]{1,2}", 1 => Just("up".to_owned()), 1 => Just("down".to_owned()),
        1 => Just("user".to_owned()), 1 => Just("x=".to_owned()), 1 => Just("()".to_owned()),
        1 => Just("".to_owned()), 1 => Just(", Jul".to_owned()), 1 => Just("ms".to_owned()),
    ];
    let text = prop::collection::vec(word, 1..6).prop_map(|words| words.join(" "));
    prop::collection::vec(("[kl]", text), 1..80)
}

fn run(miner: &mut Miner, messages: &[(String, String)], from: usize) -> Vec<PatternId> {
    (from as i64..)
        .zip(messages)
        .map(|(at, (key, text))| see_at(miner, key, text, at * 600_000))
        .collect()
}

fn all(mut miner: Miner) -> Vec<Pattern> {
    let slots = miner.patterns.oldest(usize::MAX, |_| true);
    slots.iter().for_each(|slot| {
        miner.patterns.change(*slot);
    });
    let mut all = miner.take_changes();
    all.sort_by_key(|pattern| pattern.id);
    all
}

proptest! {
    #[test]
    fn the_same_messages_make_the_same_patterns_and_triggers(messages in messages()) {
        let limits = Limits { learning: Duration::from_secs(3600), threshold_count: 5, ..Limits::default() };
        let (mut one, mut other) = (Miner::new(limits), Miner::new(limits));
        prop_assert_eq!(run(&mut one, &messages, 0), run(&mut other, &messages, 0));
        prop_assert_eq!(one.take_triggers(), other.take_triggers());
        prop_assert_eq!(one.take_changes(), other.take_changes());
    }

    #[test]
    fn a_restored_miner_goes_on_as_the_old_one(messages in messages(), at in 0usize..80) {
        let limits = Limits { learning: Duration::from_secs(3600), threshold_count: 5, ..Limits::default() };
        let (before, after) = messages.split_at(at.min(messages.len()));
        let mut old = Miner::new(limits);
        run(&mut old, before, 0);
        old.take_triggers();
        let stored = serde_json::to_string(&old.take_changes()).unwrap();
        let known = serde_json::from_str(&stored).unwrap();
        let mut new = Miner::restore(limits, known, old.account());
        prop_assert_eq!(run(&mut old, after, at), run(&mut new, after, at));
        prop_assert_eq!(old.take_triggers(), new.take_triggers());
        prop_assert_eq!(all(old), all(new));
    }

    #[test]
    fn every_event_is_counted_once_and_leads_to_its_pattern(messages in messages()) {
        let mut miner = Miner::new(Limits::default());
        let ids = run(&mut miner, &messages, 0);
        for (id, (key, _)) in ids.iter().zip(&messages) {
            prop_assert_eq!(&now(&miner, *id).key, key);
        }
        let counted: u64 = all(miner).iter().map(|pattern| pattern.count).sum();
        prop_assert_eq!(counted, messages.len() as u64);
    }
}
