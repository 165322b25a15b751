//! The correlator's rules one by one, as a reader would ask for them.

use std::collections::BTreeMap;
use std::time::Duration;

use mutt_rules::{AlertSeverity, Environment};

use super::*;
use crate::RuleRef;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

fn problem(host: &str, seconds: i64) -> Signal {
    Signal {
        kind: SignalKind::Problem,
        rule: RuleRef { id: "link-down".to_owned(), revision: "r1".to_owned() },
        key: "Gi0/1".to_owned(),
        host: host.to_owned(),
        environment: Environment::Prod,
        site: Some("fra1".to_owned()),
        handling: Handling::PageAndTicket,
        severity: AlertSeverity::Major,
        team: "network".to_owned(),
        summary: "link down".to_owned(),
        text: "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down".to_owned(),
        reason: "mnemonic LINK-3-UPDOWN".to_owned(),
        runbook: None,
        labels: BTreeMap::from([("rack".to_owned(), "7".to_owned())]),
        cause: MessageId { appended: at(seconds), partition: 0, position: seconds.unsigned_abs() },
        received: at(seconds),
        at: at(seconds),
        close_after: None,
    }
}

fn clear(host: &str, seconds: i64) -> Signal {
    Signal { kind: SignalKind::Clear, ..problem(host, seconds) }
}

fn kinds(changes: &Changes) -> Vec<NoticeKind> {
    changes.notices.iter().map(|notice| notice.kind).collect()
}

#[test]
fn a_problem_its_repeats_and_its_end_are_one_alert_and_two_notices() {
    let mut correlator = Correlator::new(Vec::new());
    assert_eq!(correlator.apply(problem("a", 1)), Effect::Opened);
    for seconds in 2..100 {
        assert_eq!(correlator.apply(problem("a", seconds)), Effect::Repeated);
    }
    assert_eq!(correlator.apply(clear("a", 100)), Effect::Cleared);
    assert_eq!(correlator.apply(clear("a", 101)), Effect::Nothing);
    let changes = correlator.take_changes();
    let [alert] = changes.alerts.as_slice() else { panic!("{:?}", changes.alerts) };
    assert_eq!((alert.count, alert.state), (99, AlertState::Cleared));
    assert_eq!((alert.last_seen, alert.ended_at), (at(99), Some(at(100))));
    assert_eq!(alert.cleared_by, Some(clear("a", 100).cause));
    assert_eq!(kinds(&changes), [NoticeKind::Open, NoticeKind::Clear]);
    assert_eq!(changes.notices[0].alert.count, 1);
    assert_eq!(changes.notices[1].alert, *alert);
    assert_eq!(correlator.open(), 0);
}

#[test]
fn worse_is_told_and_better_is_not() {
    let mut correlator = Correlator::new(Vec::new());
    correlator.apply(problem("a", 1));
    let worse = Signal { severity: AlertSeverity::Critical, ..problem("a", 2) };
    assert_eq!(correlator.apply(worse), Effect::Worse);
    let better = Signal { severity: AlertSeverity::Warning, ..problem("a", 3) };
    assert_eq!(correlator.apply(better), Effect::Repeated);
    let changes = correlator.take_changes();
    assert_eq!(kinds(&changes), [NoticeKind::Open, NoticeKind::Worse]);
    assert_eq!(changes.alerts[0].severity, AlertSeverity::Critical);
    let id = &changes.alerts[0].id;
    assert_eq!(changes.notices[0].id, format!("{id}-1"));
    assert_eq!(changes.notices[1].id, format!("{id}-2"));
}

#[test]
fn an_alert_and_its_notices_carry_site_and_labels_of_its_first_event() {
    let mut correlator = Correlator::new(Vec::new());
    correlator.apply(problem("a", 1));
    let other = BTreeMap::from([("rack".to_owned(), "8".to_owned())]);
    correlator.apply(Signal { labels: other, site: None, ..problem("a", 2) });
    correlator.apply(clear("a", 3));
    let changes = correlator.take_changes();
    for alert in changes.alerts.iter().chain(changes.notices.iter().map(|notice| &notice.alert)) {
        assert_eq!(alert.site.as_deref(), Some("fra1"));
        assert_eq!(alert.labels["rack"], "7");
    }
}

#[test]
fn log_only_is_kept_and_not_told() {
    let mut correlator = Correlator::new(Vec::new());
    let quiet = |signal| Signal { handling: Handling::LogOnly, ..signal };
    assert_eq!(correlator.apply(quiet(problem("a", 1))), Effect::Opened);
    let worse = Signal { severity: AlertSeverity::Critical, ..quiet(problem("a", 2)) };
    assert_eq!(correlator.apply(worse), Effect::Worse);
    assert_eq!(correlator.apply(quiet(clear("a", 3))), Effect::Cleared);
    let changes = correlator.take_changes();
    assert_eq!(changes.alerts.len(), 1);
    assert!(changes.notices.is_empty());
}

#[test]
fn an_open_alert_is_told_once_its_rule_tells() {
    let mut correlator = Correlator::new(Vec::new());
    correlator.apply(Signal { handling: Handling::LogOnly, ..problem("a", 1) });
    assert_eq!(correlator.apply(problem("a", 2)), Effect::Repeated);
    correlator.apply(problem("a", 3));
    let changes = correlator.take_changes();
    assert_eq!(kinds(&changes), [NoticeKind::Open]);
    assert_eq!(changes.alerts[0].handling, Handling::PageAndTicket);
}

#[test]
fn who_was_told_of_a_problem_is_told_of_its_end_whatever_the_rule_says_by_then() {
    let mut correlator = Correlator::new(Vec::new());
    correlator.apply(problem("a", 1));
    let noise = |signal| Signal { handling: Handling::Suppress, ..signal };
    assert_eq!(correlator.apply(noise(problem("a", 2))), Effect::Nothing);
    assert_eq!(correlator.apply(noise(clear("a", 3))), Effect::Cleared);
    let changes = correlator.take_changes();
    assert_eq!(kinds(&changes), [NoticeKind::Open, NoticeKind::Clear]);
    assert_eq!(changes.alerts[0].count, 1);
}

#[test]
fn a_quiet_alert_closes_untold_and_the_next_event_opens_another() {
    let mut correlator = Correlator::new(Vec::new());
    let minute =
        |seconds| Signal { close_after: Some(Duration::from_secs(60)), ..problem("a", seconds) };
    correlator.apply(minute(0));
    correlator.apply(minute(50));
    assert_eq!(correlator.next_timer(), Some(at(110)));
    correlator.tick(at(109));
    assert_eq!(correlator.open(), 1);
    correlator.tick(at(500));
    assert_eq!((correlator.open(), correlator.next_timer()), (0, None));
    assert_eq!(correlator.apply(minute(501)), Effect::Opened);
    let changes = correlator.take_changes();
    let [old, new] = changes.alerts.as_slice() else { panic!("{:?}", changes.alerts) };
    // The same end whenever the tick came.
    assert_eq!((old.state, old.ended_at), (AlertState::Closed, Some(at(110))));
    assert_eq!((new.state, &new.signature), (AlertState::Open, &old.signature));
    assert_ne!(new.id, old.id);
    assert_eq!(kinds(&changes), [NoticeKind::Open, NoticeKind::Open]);
}

#[test]
fn a_full_correlator_closes_the_quietest_untold_then_the_quietest() {
    let mut correlator = Correlator::new(Vec::new()).with_limit(2);
    correlator.apply(problem("told", 1));
    correlator.apply(Signal { handling: Handling::LogOnly, ..problem("untold", 2) });
    assert_eq!(correlator.apply(problem("new", 3)), Effect::Opened);
    correlator.apply(problem("told", 4));
    assert_eq!(correlator.apply(problem("newer", 5)), Effect::Opened);
    assert_eq!(correlator.open(), 2);
    let totals = correlator.totals();
    assert_eq!((totals.evicted_logged, totals.evicted_told, totals.opened), (1, 1, 4));
    let changes = correlator.take_changes();
    let ended: Vec<(&str, Option<Timestamp>)> = changes
        .alerts
        .iter()
        .filter(|alert| alert.state == AlertState::Closed)
        .map(|alert| (alert.host.as_str(), alert.ended_at))
        .collect();
    assert_eq!(ended, [("untold", Some(at(3))), ("new", Some(at(5)))]);
    assert_eq!(kinds(&changes), [NoticeKind::Open; 3]);
}

#[test]
fn the_same_batch_makes_the_same_ids() {
    let ids = || {
        let mut correlator = Correlator::new(Vec::new());
        correlator.apply(problem("a", 1));
        correlator.apply(problem("b", 2));
        let changes = correlator.take_changes();
        let ids: Vec<String> = changes.notices.into_iter().map(|notice| notice.id).collect();
        ids
    };
    assert_eq!(ids(), ids());
    assert_ne!(ids()[0], ids()[1]);
}

#[test]
fn of_two_open_alerts_of_one_problem_the_younger_goes_on() {
    let mut correlator = Correlator::new(Vec::new());
    correlator.apply(problem("a", 1));
    let older = correlator.take_changes().alerts.remove(0);
    let younger = Alert { id: "another".to_owned(), last_seen: at(9), ..older.clone() };
    let mut correlator = Correlator::new(vec![older.clone(), younger]);
    assert_eq!(correlator.open(), 1);
    let changes = correlator.take_changes();
    assert_eq!(changes.alerts.len(), 1);
    assert_eq!((&changes.alerts[0].id, changes.alerts[0].state), (&older.id, AlertState::Closed));
}
