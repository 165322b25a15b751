//! Shadow rules in a running judge: what they would alert and tell is counted, and nothing else
//! comes of it.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests, too

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use common::{Bench, at, counts, now, rulebook, syslog, until_idle};
use mutt_event::Timestamp;
use mutt_pipeline::{JUDGE, Judge};
use mutt_store::{
    Call, Database, Fault, FaultyStore, History, MemoryStore, Outcome, TallyKind, hour_of,
};

/// The live rule suppresses what the first one would page for.
const RULES: &str = r#"
[[rules]]
id = "counted"
priority = 1
mode = "shadow"
team = "net"
handling = "page_only"
when.message.contains = "FLAP"
clear.message.contains = "CALM"
count = { at_least = 3, within = "1m" }
hold_for = "10s"

[[rules]]
id = "live"
priority = 2
handling = "log_only"
when.message.contains = "FLAP"

[[rules]]
id = "late"
priority = 3
mode = "shadow"
team = "net"
handling = "ticket_only"
when.message.contains = "FLAP"
"#;

fn settle<B: Database>(
    judge: &mut Judge<mutt_journal::Handle<mutt_journal::SimDisk>, B>,
    time: Timestamp,
) {
    until_idle(|| now(judge.step(time)));
}

fn bench(rules: &str) -> Bench {
    let bench = Bench::new();
    bench.rules.store(Arc::new(rulebook(rules)));
    bench
}

/// Alerts, notices and pages of a shadow rule in the database.
fn shadowed(store: &MemoryStore, rule: &str) -> [u64; 3] {
    let (from, until) = (hour_of(at(0)) - 1, hour_of(at(0)) + 3);
    [TallyKind::ShadowAlerts, TallyKind::ShadowNotices, TallyKind::ShadowPages].map(|kind| {
        let found = now(store.tallies(kind, from, until)).unwrap();
        found.iter().filter(|tally| tally.name == rule).map(|tally| tally.value).sum()
    })
}

#[test]
fn a_shadow_rule_counts_holds_and_clears_and_nothing_of_it_is_real() {
    let mut bench = bench(RULES);
    let mut judge = bench.judge(at(0));
    for n in 0..2 {
        bench.journal.store(at(n), &[syslog("r1", "FLAP")]);
    }
    settle(&mut judge, at(500));
    assert_eq!(shadowed(&bench.store, "counted"), [0, 0, 0], "it takes three");
    bench.journal.store(at(1_000), &[syslog("r1", "FLAP")]);
    settle(&mut judge, at(1_500));
    assert_eq!(shadowed(&bench.store, "counted"), [1, 0, 0], "it is held");
    // No message comes any more.
    settle(&mut judge, at(11_500));
    assert_eq!(shadowed(&bench.store, "counted"), [1, 1, 1]);
    bench.journal.store(at(20_000), &[syslog("r1", "CALM")]);
    settle(&mut judge, at(21_000));
    assert_eq!(shadowed(&bench.store, "counted"), [1, 2, 1], "its end is told, and pages nobody");
    assert_eq!(shadowed(&bench.store, "late"), [0, 0, 0], "a live rule before it owns them");
    assert_eq!(bench.stats.shadow_matches("late"), 3);
    let page = ("open", "page_only");
    assert_eq!(
        (bench.stats.shadow_alerts("counted"), bench.stats.shadow_notices("counted", page)),
        (1, 1)
    );

    let alerts = now(bench.store.latest_alerts(9)).unwrap();
    assert!(alerts.iter().all(|alert| alert.rule.id == "live"), "{alerts:?}");
    assert!(now(bench.store.waiting("moogsoft", 9)).unwrap().is_empty());
    assert!(now(bench.store.tracks()).unwrap().is_empty());
    let expected = [(Outcome::Logged, 3), (Outcome::Unhandled, 1)];
    assert_eq!(bench.done(JUDGE), counts(&expected));
}

#[test]
fn a_commit_that_fails_counts_nothing_twice() {
    let mut bench = bench(&RULES.replace("hold_for = \"10s\"\n", ""));
    let commits = AtomicU32::new(0);
    let store = FaultyStore::new(bench.store.clone(), move |call| {
        let nth = if call == Call::Commit { commits.fetch_add(1, Ordering::Relaxed) } else { 9 };
        if nth < 2 { Fault::LoseBefore } else { Fault::None }
    });
    let mut judge = bench.judge_over(store, at(0));
    for n in 0..3 {
        bench.journal.store(at(n), &[syslog("r1", "FLAP")]);
    }
    settle(&mut judge, at(10));
    settle(&mut judge, at(5_000));
    settle(&mut judge, at(9_000));
    assert_eq!(shadowed(&bench.store, "counted"), [1, 1, 1]);
    assert_eq!(bench.stats.shadow_alerts("counted"), 1);
}

#[test]
fn a_rule_that_leaves_shadow_tells_no_end_and_begins_anew() {
    let shadow = RULES.replace("hold_for = \"10s\"\n", "").replace("at_least = 3", "at_least = 2");
    let mut bench = bench(&shadow);
    let mut judge = bench.judge(at(0));
    let flaps = [syslog("r1", "FLAP"), syslog("r1", "FLAP")];
    bench.journal.store(at(0), &flaps);
    settle(&mut judge, at(1_000));
    bench.rules.store(Arc::new(rulebook(&shadow.replace("mode = \"shadow\"\n", ""))));
    settle(&mut judge, at(2_000));
    bench.journal.store(at(2_001), &flaps);
    settle(&mut judge, at(3_000));
    assert_eq!(shadowed(&bench.store, "counted"), [1, 1, 1], "what it does now is real");
    assert_eq!(now(bench.store.waiting("moogsoft", 9)).unwrap().len(), 1);
    bench.rules.store(Arc::new(rulebook(&shadow)));
    settle(&mut judge, at(4_000));
    bench.journal.store(at(4_001), &flaps);
    settle(&mut judge, at(5_000));
    assert_eq!(shadowed(&bench.store, "counted"), [2, 2, 2], "in shadow again it knows no alert");
}

#[test]
fn a_shadow_rule_of_absence_waits_for_what_it_expects() {
    let rules = r#"
[[rules]]
id = "beat"
priority = 1
mode = "shadow"
team = "net"
handling = "page_only"
when.message.contains = "beat"
absent = { for = "10m", expect.hosts = ["r1"] }
"#;
    let mut bench = bench(rules);
    let mut judge = bench.judge(at(0));
    bench.journal.store(at(1_000), &[syslog("r1", "beat")]);
    settle(&mut judge, at(599_000));
    settle(&mut judge, at(600_500));
    assert_eq!(shadowed(&bench.store, "beat"), [0, 0, 0], "it beat once");
    settle(&mut judge, at(601_500));
    settle(&mut judge, at(602_000));
    assert_eq!(shadowed(&bench.store, "beat"), [1, 1, 1]);
    assert!(now(bench.store.latest_alerts(9)).unwrap().is_empty());
}

#[test]
fn a_clean_stop_writes_what_was_counted() {
    let mut bench = bench(RULES);
    let mut judge = bench.judge(at(0));
    bench.journal.store(at(0), &vec![syslog("r1", "FLAP"); 3]);
    now(judge.step(at(0))).unwrap();
    now(judge.stop(at(1))).unwrap();
    assert_eq!(shadowed(&bench.store, "counted"), [1, 0, 0]);
    // Where it goes on, nothing is open in shadow.
    let mut judge = bench.judge(at(2));
    settle(&mut judge, at(12_000));
    assert_eq!(shadowed(&bench.store, "counted"), [1, 0, 0]);
}
