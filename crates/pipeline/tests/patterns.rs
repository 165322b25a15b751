//! What no rule wants becomes patterns, in the judge's own transaction: the same after a crash.
#![allow(clippy::unwrap_used, clippy::panic)] // so a test fails

mod common;

use std::time::Duration;

use common::*;
use mutt_alert::{Alert, NoticeKind};
use mutt_patterns::{Limits, Pattern, PatternDecided, State};
use mutt_pipeline::MiningSettings;
use mutt_rules::{AlertSeverity, Handling};
use mutt_store::{AlertQuery, AuditEntry, Database, History};

const HOUR_MS: i64 = 3_600_000;

fn mining(limits: Limits) -> MiningSettings {
    MiningSettings {
        limits,
        keep: Duration::from_secs(90 * 24 * 3_600),
        team: "mutt".to_owned(),
        handling: Handling::EmailOnly,
        severity: AlertSeverity::Warning,
    }
}

fn bench(limits: Limits) -> Bench {
    let mut bench = Bench::new();
    bench.settings.mining = Some(mining(limits));
    bench
}

/// So many events within a day are told, nothing else.
fn threshold(count: u64) -> Limits {
    Limits { threshold_count: count, surge_count_min: 0, ..Limits::default() }
}

/// A judge from its start to its clean stop.
fn judged(bench: &Bench, ms: i64) {
    let mut judge = bench.judge(at(ms));
    until_idle(|| now(judge.step(at(ms))));
    now(judge.stop(at(ms))).unwrap();
}

fn patterns(bench: &Bench) -> Vec<Pattern> {
    now(bench.store.patterns()).unwrap()
}

fn alerts(bench: &Bench) -> Vec<Alert> {
    let query = AlertQuery { limit: 100, ..AlertQuery::default() };
    now(bench.store.alerts(&query)).unwrap()
}

fn told(bench: &Bench) -> Vec<NoticeKind> {
    let waiting = now(bench.store.waiting("moogsoft", 100)).unwrap();
    waiting.iter().map(|delivery| delivery.notice.kind).collect()
}

fn say(bench: &mut Bench, ms: i64, texts: impl IntoIterator<Item = String>) {
    let messages: Vec<Message> = texts.into_iter().map(|text| syslog("r1", &text)).collect();
    bench.journal.store(at(ms), &messages);
}

#[test]
fn what_no_rule_wants_is_counted_and_what_one_wants_is_not() {
    let mut bench = bench(Limits::default());
    say(&mut bench, 1, (0..5).map(|n| format!("disk {n} is slow")));
    say(&mut bench, 2, ["LINKDOWN Gi0/1", "NOISE", "LINKUP Gi0/1"].map(str::to_owned));
    judged(&bench, 3);
    let found = patterns(&bench);
    assert_eq!(found.len(), 1, "{found:?}");
    let one = &found[0];
    assert_eq!((one.key.as_str(), one.count), ("app", 5));
    assert_eq!(one.template, "disk <*> is slow");
    assert_eq!((one.hosts.names["r1"], one.samples[0].text.as_str()), (5, "disk 0 is slow"));
    let account = now(bench.store.mining()).unwrap();
    assert_eq!((account.observed, account.began), (5, Some(at(1))));
    assert_eq!(bench.stats.mining.observed(), 5);
}

#[test]
fn a_mnemonic_and_a_traps_oid_are_keys() {
    let mut bench = bench(Limits::default());
    let raw = b"<189>45: Nov 23 12:00:00: %SYS-5-CONFIG_I: Configured from console".to_vec();
    bench.journal.store(at(1), &[Message { raw, ..syslog("r1", "") }]);
    judged(&bench, 2);
    assert_eq!(patterns(&bench)[0].key, "SYS-5-CONFIG_I");
}

/// Messages of several kinds, which widen and become one, over days.
fn story(bench: &mut Bench, part: i64) {
    for n in part * 40..(part + 1) * 40 {
        let user = ["ann", "bob", "carla", "dora", "emil"][n as usize % 5];
        let texts = [
            format!("user {user} logged in from port {n}"),
            format!("fan {} of shelf {n} failed", n % 3),
            format!("the lamp {user} is on"),
        ];
        say(bench, n * HOUR_MS, texts);
    }
}

#[test]
fn crashes_between_commits_change_no_pattern_no_count_and_no_alert() {
    let limits = Limits { patterns_max: 5, ..threshold(10) };
    let (mut whole, mut broken) = (bench(limits), bench(limits));
    for part in 0..4 {
        story(&mut whole, part);
        story(&mut broken, part);
        let end = (part + 1) * 40 * HOUR_MS;
        judged(&whole, end);
        // A batch is judged, and nothing of it is written.
        broken.settings.batch_bytes = 700;
        let mut judge = broken.judge(at(end));
        now(judge.step(at(end))).unwrap();
        drop(judge);
        judged(&broken, end);
        assert_eq!(patterns(&whole), patterns(&broken));
        assert_eq!(now(whole.store.mining()), now(broken.store.mining()));
    }
    assert!(patterns(&whole).iter().map(|pattern| pattern.count).sum::<u64>() > 300);
    assert_eq!(alerts(&whole), alerts(&broken));
    assert_eq!(told(&whole), told(&broken));
    assert!(told(&whole).contains(&NoticeKind::Clear), "{:?}", told(&whole));
}

/// Decides on the only pattern.
fn decide(bench: &Bench, ms: i64, state: State) {
    let (pattern, who) = (patterns(bench)[0].id, "ada".to_owned());
    let decided = PatternDecided { pattern, state, who, at: at(ms) };
    now(bench.store.decide_pattern(decided, AuditEntry::default())).unwrap();
    judged(bench, ms);
    assert_eq!(now(bench.store.pattern_decisions(9)).unwrap(), []);
}

#[test]
fn a_pattern_is_told_once_and_its_alert_ends_when_it_is_ignored() {
    let mut bench = bench(threshold(3));
    say(&mut bench, 1, (0..9).map(|n| format!("disk {n} is slow")));
    judged(&bench, 2);
    let alert = alerts(&bench).remove(0);
    let pattern = patterns(&bench).remove(0);
    assert_eq!((alert.rule.id.as_str(), &alert.key), ("mutt/pattern", &pattern.id.to_string()));
    assert_eq!((alert.team.as_str(), alert.handling), ("mutt", Handling::EmailOnly));
    assert_eq!(alert.labels["pattern_kind"], "threshold");
    assert!(alert.summary.contains("disk <*> is slow") && alert.summary.contains("3 messages"));
    assert_eq!(alert.text, "disk 2 is slow");
    assert_eq!(told(&bench), [NoticeKind::Open]);

    decide(&bench, 3, State::Ignored { reason: "a known bug".to_owned() });
    let alert = alerts(&bench).remove(0);
    assert_eq!(alert.ending.unwrap().to_string(), "ada ignores it: a known bug");
    assert_eq!(told(&bench), [NoticeKind::Open, NoticeKind::Clear]);
    say(&mut bench, 4, (0..9).map(|n| format!("disk {n} is slow")));
    judged(&bench, 5);
    assert_eq!((told(&bench).len(), patterns(&bench)[0].count), (2, 18));
    decide(&bench, 6, State::Open);
    say(&mut bench, 7, ["disk 7 is slow".to_owned()]);
    judged(&bench, 8);
    assert_eq!(told(&bench).len(), 3);
}

#[test]
fn after_learning_a_new_pattern_is_told_and_its_window_ends() {
    let mut bench = bench(Limits { threshold_count: 0, surge_count_min: 0, ..Limits::default() });
    say(&mut bench, 1, ["the first of all".to_owned()]);
    say(&mut bench, 25 * HOUR_MS, ["something else".to_owned()]);
    judged(&bench, 25 * HOUR_MS);
    let found = alerts(&bench);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].labels["pattern_kind"], "new");
    judged(&bench, 50 * HOUR_MS);
    assert!(alerts(&bench)[0].ending.as_ref().unwrap().to_string().contains("window"));
    assert_eq!(told(&bench), [NoticeKind::Open, NoticeKind::Clear]);
}

#[test]
fn what_is_old_is_forgotten_and_what_people_decided_is_not() {
    let mut bench = bench(threshold(0));
    bench.settings.mining.as_mut().unwrap().keep = Duration::from_secs(2 * 3_600);
    say(&mut bench, 1, ["old news".to_owned()]);
    judged(&bench, 2);
    say(&mut bench, 9 * HOUR_MS, ["the latest of all".to_owned()]);
    judged(&bench, 9 * HOUR_MS);
    let left: Vec<String> = patterns(&bench).into_iter().map(|one| one.template).collect();
    assert_eq!(left, ["the latest of all"]);
}

#[test]
fn without_mining_nothing_is_kept() {
    let mut bench = Bench::new();
    say(&mut bench, 1, ["disk 1 is slow".to_owned()]);
    judged(&bench, 2);
    assert_eq!(patterns(&bench), []);
}
