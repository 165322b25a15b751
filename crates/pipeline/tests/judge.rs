//! The judge over a journal and a database in memory.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests, too

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::{Bench, Message, at, counts, element, http, now, relp, rulebook, syslog, until_idle};
use mutt_alert::AlertState;
use mutt_event::Timestamp;
use mutt_journal::Position;
use mutt_pipeline::{JUDGE, Monitor, MonitorConfig, Observation, Rulebook, Step};
use mutt_rules::{Environment, Environments, Handling, Inventory, InventoryEntry};
use mutt_store::{Call, Database, Fault, FaultyStore, Outcome};

fn settle<B: Database>(
    judge: &mut mutt_pipeline::Judge<mutt_journal::Handle<mutt_journal::SimDisk>, B>,
    time: Timestamp,
) -> Option<Timestamp> {
    until_idle(|| now(judge.step(time)))
}

#[test]
fn an_alert_its_notice_and_the_cursor_become_true_together_and_at_once() {
    let mut bench = Bench::new();
    bench
        .journal
        .store(at(0), &[syslog("r1", "LINKDOWN"), syslog("r2", "NOISE"), syslog("r3", "x")]);
    let mut judge = bench.judge(at(0));
    assert_eq!(now(judge.step(at(0))).unwrap(), Step::Progress);
    let expected = [(Outcome::Alerting, 1), (Outcome::Suppressed, 1), (Outcome::Unhandled, 1)];
    assert_eq!(bench.done(JUDGE), counts(&expected));
    let alerts = now(bench.store.open_alerts()).unwrap();
    assert_eq!(alerts.len(), 1);
    assert_eq!((alerts[0].host.as_str(), alerts[0].cause.position), ("r1", 1));
    let waiting = now(bench.store.waiting("moogsoft", 10)).unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(bench.stats.progress.committed(), Position(4));
}

#[test]
fn a_cursor_alone_may_wait_but_not_for_ever() {
    let mut bench = Bench::new();
    bench.journal.store(at(0), &[syslog("r1", "nothing")]);
    let mut judge = bench.judge(at(0));
    let wake = settle(&mut judge, at(100));
    assert_eq!(bench.stats.progress.committed(), Position(1));
    assert_eq!(wake, Some(at(200)));
    settle(&mut judge, at(200));
    assert_eq!(bench.stats.progress.committed(), Position(2));
    bench.journal.store(at(201), &[syslog("r1", "nothing")]);
    settle(&mut judge, at(202));
    now(judge.stop(at(203))).unwrap();
    assert_eq!(bench.stats.progress.committed(), Position(3), "a clean stop leaves nothing");
}

#[test]
fn who_only_observes_tells_nobody() {
    let mut bench = Bench::new();
    bench.rules.store(Arc::new(Rulebook { observe: true, ..rulebook(common::RULES) }));
    bench.journal.store(at(0), &[syslog("r1", "LINKDOWN")]);
    settle(&mut bench.judge(at(0)), at(0));
    assert_eq!(now(bench.store.open_alerts()).unwrap().len(), 1);
    assert!(now(bench.store.waiting("moogsoft", 10)).unwrap().is_empty());
    assert_eq!(bench.done(JUDGE), counts(&[(Outcome::Alerting, 1)]));
}

#[test]
fn observing_may_begin_and_end_at_any_time() {
    let mut bench = Bench::new();
    let mut judge = bench.judge(at(0));
    for (n, observe, waiting) in [(0, false, 1), (1, true, 1), (2, false, 2)] {
        bench.rules.store(Arc::new(Rulebook { observe, ..rulebook(common::RULES) }));
        bench.journal.store(at(n), &[syslog(["r1", "r2", "r3"][n as usize], "LINKDOWN")]);
        settle(&mut judge, at(n));
        assert_eq!(now(bench.store.waiting("moogsoft", 10)).unwrap().len(), waiting);
    }
    assert_eq!(now(bench.store.open_alerts()).unwrap().len(), 3);
}

#[test]
fn the_inventory_says_where_a_host_belongs_and_the_alert_keeps_it() {
    let mut bench = Bench::new();
    let entry = InventoryEntry {
        host: "10.0.0.0/8".into(),
        environment: Some(Environment::Dev),
        site: Some("fra1".into()),
        team: Some("lab".into()),
        ..InventoryEntry::default()
    };
    let inventory = Inventory::new(vec![entry], Environments::default()).unwrap();
    let label = "labels = { rack = \"7\" }\nclear.message";
    let rules = rulebook(&common::RULES.replacen("clear.message", label, 1));
    bench.rules.store(Arc::new(Rulebook { inventory, ..rules }));
    bench.journal.store(at(0), &[syslog("r1", "LINKDOWN")]);
    settle(&mut bench.judge(at(0)), at(0));
    let alerts = now(bench.store.open_alerts()).unwrap();
    assert_eq!(alerts[0].environment, Environment::Dev);
    assert_eq!(alerts[0].team, "noc", "the rule's own");
    assert_eq!((alerts[0].site.as_deref(), alerts[0].labels["rack"].as_str()), (Some("fra1"), "7"));
}

#[test]
fn mutts_own_alerts_go_the_same_way() {
    let bench = Bench::new();
    let config = MonitorConfig {
        instance: "mutt-1".into(),
        team: "noc".into(),
        handling: Handling::PageAndTicket,
        down_after: Duration::from_secs(60),
        watched: Vec::new(),
        again_after: Duration::from_secs(60),
    };
    let mut monitor = Monitor::new(config, &[]);
    let mut seen = Observation { journal_usage: 0.75, ..Observation::default() };
    bench.inbox.put(monitor.observe(at(0), &seen));
    let mut judge = bench.judge(at(0));
    settle(&mut judge, at(0));
    let open = now(bench.store.open_alerts()).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].rule.id.as_str(), open[0].host.as_str()),
        ("mutt/journal-filling", "mutt-1")
    );
    seen.journal_usage = 0.1;
    bench.inbox.put(monitor.observe(at(5_000), &seen));
    settle(&mut judge, at(5_000));
    assert!(now(bench.store.open_alerts()).unwrap().is_empty());
    assert_eq!(now(bench.store.waiting("moogsoft", 10)).unwrap().len(), 2, "open and clear");
}

#[test]
fn a_repeat_is_known_after_a_restart_too() {
    let mut bench = Bench::new();
    bench
        .journal
        .store(at(0), &[http("LINKDOWN", 1), relp(1, "LINKDOWN a"), relp(1, "LINKDOWN b")]);
    settle(&mut bench.judge(at(0)), at(0));
    let again = [http("LINKDOWN", 1), relp(2, "LINKDOWN b"), relp(2, "LINKDOWN c")];
    bench.journal.store(at(60_000), &again);
    settle(&mut bench.judge(at(60_000)), at(60_000));
    assert_eq!(bench.done(JUDGE), counts(&[(Outcome::Alerting, 4), (Outcome::Repeated, 2)]));
    assert_eq!(now(bench.store.open_alerts()).unwrap()[0].count, 4);
}

#[test]
fn a_repeat_is_known_after_an_hour_in_which_nothing_could_be_stored_and_a_restart() {
    let mut bench = Bench::new();
    // Of the last ten minutes there is more than the first look back finds.
    let noise = syslog("r2", &"noise ".repeat(500));
    bench.journal.store(at(0), &[relp(1, "LINKDOWN a"), relp(1, "LINKDOWN b")]);
    for _ in 0..4 {
        bench.journal.store(at(1_000), &vec![noise.clone(); 200]);
    }
    let hour = 3_600_000;
    bench.journal.store(at(hour), &[syslog("r2", "first after it")]);
    settle(&mut bench.judge(at(hour)), at(hour));
    bench.journal.store(at(hour + 1), &[relp(2, "LINKDOWN b"), relp(2, "LINKDOWN c")]);
    settle(&mut bench.judge(at(hour + 1)), at(hour + 1));
    let expected = [
        (Outcome::Alerting, 3),
        (Outcome::Repeated, 1),
        (Outcome::Suppressed, 800),
        (Outcome::Unhandled, 1),
    ];
    assert_eq!(bench.done(JUDGE), counts(&expected));
}

#[test]
fn a_redis_list_makes_no_second_count_a_day_later_either() {
    let day = 24 * 3_600_000;
    let mut bench = Bench::new();
    let start_and_stop = |bench: &Bench, ms: i64| {
        let mut judge = bench.judge(at(ms));
        settle(&mut judge, at(ms));
        now(judge.stop(at(ms))).unwrap();
    };
    bench.journal.store(at(0), &[element(1, false, "LINKDOWN a"), element(1, false, "LINKDOWN b")]);
    // More than is read back at first, and within ten minutes of it.
    for n in 0..3_000 {
        bench.journal.store(at(n), &vec![syslog("r2", &"x".repeat(300)); 4]);
    }
    settle(&mut bench.judge(at(3_000)), at(3_000));
    bench
        .journal
        .store(at(day), &[element(2, true, "LINKDOWN b"), element(2, false, "LINKDOWN b")]);
    start_and_stop(&bench, day);
    bench.journal.store(at(2 * day), &[element(3, true, "LINKDOWN b")]);
    start_and_stop(&bench, 2 * day);
    let expected = [(Outcome::Alerting, 3), (Outcome::Repeated, 2), (Outcome::Unhandled, 12_000)];
    assert_eq!(bench.done(JUDGE), counts(&expected));
}

#[test]
fn an_undecided_resend_is_held_and_then_counts_as_new() {
    let mut bench = Bench::new();
    bench.journal.store(at(0), &[relp(1, "LINKDOWN a"), relp(1, "LINKDOWN b")]);
    let mut judge = bench.judge(at(0));
    settle(&mut judge, at(0));
    // `a` again could be the beginning of a resend of `a b`; what comes behind it waits with it.
    bench.journal.store(at(1_000), &[relp(2, "LINKDOWN a"), syslog("r9", "LINKDOWN")]);
    assert_eq!(settle(&mut judge, at(1_500)), Some(at(3_000)));
    assert_eq!(now(bench.store.open_alerts()).unwrap().len(), 1);
    settle(&mut judge, at(3_000));
    assert_eq!(now(bench.store.open_alerts()).unwrap().len(), 2);
    assert_eq!(bench.done(JUDGE), counts(&[(Outcome::Alerting, 4)]));
}

#[test]
fn a_held_resend_is_decided_far_behind_it() {
    let mut bench = Bench::new();
    bench.settings.batch_bytes = 1;
    bench.journal.store(at(0), &[relp(1, "LINKDOWN a"), relp(1, "LINKDOWN b")]);
    bench.journal.store(at(100), &[relp(2, "LINKDOWN a")]);
    let between: Vec<Message> = (0..8_000).map(|n| syslog("r2", &format!("line {n}"))).collect();
    for part in between.chunks(200) {
        bench.journal.store(at(200), part);
    }
    bench.journal.store(at(300), &[relp(2, "LINKDOWN b"), relp(2, "LINKDOWN c")]);
    let mut judge = bench.judge(at(300));
    settle(&mut judge, at(300));
    now(judge.stop(at(300))).unwrap();
    let expected = [(Outcome::Alerting, 3), (Outcome::Repeated, 2), (Outcome::Unhandled, 8_000)];
    assert_eq!(bench.done(JUDGE), counts(&expected));
}

#[test]
fn a_hold_ends_on_the_journals_time_however_much_comes_behind() {
    let mut bench = Bench::new();
    bench.journal.store(at(0), &[relp(1, "LINKDOWN a"), relp(1, "LINKDOWN b")]);
    bench.journal.store(at(100), &[relp(2, "LINKDOWN a")]);
    bench.journal.store(at(2_099), &[syslog("r2", "x")]);
    let mut judge = bench.judge(at(0));
    settle(&mut judge, at(0));
    assert_eq!(bench.stats.progress.done(), Position(3));
    bench.journal.store(at(2_100), &[syslog("r2", "x")]);
    settle(&mut judge, at(0));
    assert_eq!(bench.stats.progress.done(), Position(6));
}

#[test]
fn a_database_that_does_not_answer_delays_and_changes_nothing() {
    let mut bench = Bench::new();
    bench.journal.store(at(0), &[syslog("r1", "LINKDOWN"), syslog("r1", "LINKDOWN")]);
    let commits = Arc::new(AtomicU32::new(0));
    let asked = Arc::clone(&commits);
    let store = FaultyStore::new(bench.store.clone(), move |call| {
        let nth = if call == Call::Commit { asked.fetch_add(1, Ordering::Relaxed) } else { 9 };
        if nth < 3 { Fault::LoseBefore } else { Fault::None }
    });
    let mut judge = bench.judge_over(store, at(0));
    assert_eq!(settle(&mut judge, at(0)), Some(at(1_000)));
    assert!(bench.stats.standing.trouble().unwrap().why.contains("unavailable"));
    assert_eq!(settle(&mut judge, at(999)), Some(at(1_000)), "not before its time");
    settle(&mut judge, at(1_000));
    settle(&mut judge, at(2_000));
    settle(&mut judge, at(3_000));
    assert!(bench.stats.standing.trouble().is_none());
    assert_eq!(commits.load(Ordering::Relaxed), 4);
    assert_eq!(now(bench.store.open_alerts()).unwrap()[0].count, 2);
    assert_eq!(now(bench.store.waiting("moogsoft", 10)).unwrap().len(), 1);
}

#[test]
fn a_second_judge_fences_the_first() {
    let mut bench = Bench::new();
    let mut first = bench.judge(at(0));
    let mut second = bench.judge(at(0));
    bench.journal.store(at(0), &[syslog("r1", "LINKDOWN")]);
    assert!(now(first.step(at(0))).is_err());
    settle(&mut second, at(0));
    assert_eq!(now(bench.store.open_alerts()).unwrap()[0].count, 1);
}

#[test]
fn new_rules_hold_from_the_next_batch_on() {
    let mut bench = Bench::new();
    let mut judge = bench.judge(at(0));
    bench.journal.store(at(0), &[syslog("r1", "NOISE")]);
    settle(&mut judge, at(0));
    let rules = common::RULES.replace("suppress", "log_only");
    bench.rules.store(Arc::new(rulebook(&rules)));
    bench.journal.store(at(1), &[syslog("r1", "NOISE")]);
    settle(&mut judge, at(1));
    assert_eq!(bench.done(JUDGE), counts(&[(Outcome::Suppressed, 1), (Outcome::Logged, 1)]));
}

#[test]
fn a_shadow_rule_is_counted_and_changes_nothing() {
    let mut bench = Bench::new();
    let shadow = "[[rules]]\nid = \"draft\"\npriority = 1\nmode = \"shadow\"\nteam = \"net\"\n\
                  handling = \"page_only\"\nsummary = \"draft\"\nwhen.message.contains = \"NOISE\"\n";
    bench.rules.store(Arc::new(rulebook(&[shadow, common::RULES].concat())));
    bench.journal.store(at(0), &[syslog("r1", "NOISE"), syslog("r1", "calm")]);
    let mut judge = bench.judge(at(0));
    settle(&mut judge, at(0));
    settle(&mut judge, at(1_000));
    assert_eq!(bench.stats.shadow_matches("draft"), 1);
    assert_eq!(bench.done(JUDGE), counts(&[(Outcome::Suppressed, 1), (Outcome::Unhandled, 1)]));
}

#[test]
fn an_alert_closes_itself_on_the_journals_time() {
    let mut bench = Bench::new();
    let rules = common::RULES.replace("\"suppress\"", "\"log_only\"\nclose_after = \"10s\"");
    bench.rules.store(Arc::new(rulebook(&rules)));
    bench.journal.store(at(0), &[syslog("r1", "NOISE")]);
    let mut judge = bench.judge(at(0));
    settle(&mut judge, at(9_900));
    assert_eq!(now(bench.store.open_alerts()).unwrap().len(), 1);
    let wake = settle(&mut judge, at(9_990)).unwrap();
    assert_eq!(wake, at(10_000), "at once when it is time");
    settle(&mut judge, wake);
    let alert = &now(bench.store.latest_alerts(1)).unwrap()[0];
    assert_eq!((alert.state, alert.ended_at), (AlertState::Closed, Some(at(10_000))));
}

#[test]
fn what_is_lost_is_counted_and_the_ledger_balances() {
    let mut bench = Bench::new();
    for n in 0..400 {
        bench.journal.store(at(n), &vec![syslog("r1", &"x".repeat(300)); 4]);
    }
    let first = bench.journal.disk.clone();
    first.lose_file("00000000000000000001.seg");
    let mut judge = bench.judge(at(1_000));
    settle(&mut judge, at(1_000));
    now(judge.stop(at(1_000))).unwrap();
    let done = bench.done(JUDGE);
    assert!(done.get(Outcome::Lost) > 100, "{done:?}");
    assert_eq!(done.total(), 1_600);
}
