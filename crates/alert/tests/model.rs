//! The correlator against a slow model that keeps every alert in one list and looks through all
//! of it each time, on random signals, batches, ticks and restarts.

#![allow(clippy::unwrap_used)] // clippy lets tests, but not what they call

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use mutt_alert::{
    Alert, AlertState, Changes, Correlator, Effect, NoticeKind, RuleRef, Signal, SignalKind,
};
use mutt_event::{MessageId, Timestamp};
use mutt_rules::{AlertSeverity, Environment, Handling};
use proptest::prelude::*;

const LIMIT: usize = 4;

#[derive(Clone, Debug)]
enum Input {
    Signal(Box<Signal>),
    Tick(Timestamp),
    /// The worker commits, and goes on.
    Take,
    /// The worker commits, stops, and begins again from the database.
    Restart,
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn handling() -> impl Strategy<Value = Handling> {
    prop_oneof![
        4 => Just(Handling::PageAndTicket),
        2 => Just(Handling::EmailOnly),
        3 => Just(Handling::LogOnly),
        1 => Just(Handling::Suppress),
    ]
}

fn severity() -> impl Strategy<Value = AlertSeverity> {
    prop_oneof![
        Just(AlertSeverity::Warning),
        Just(AlertSeverity::Minor),
        Just(AlertSeverity::Critical),
    ]
}

/// How long after the input before it, and what.
fn input() -> impl Strategy<Value = (i64, Input)> {
    let signal =
        ((0..4u8, 0..3u8, 0..2u8, 0..3u8), handling(), severity(), prop::option::of(0..400u64))
            .prop_map(|((clear, host, rule, key), handling, severity, close_ms)| {
                Input::Signal(Box::new(Signal {
                    kind: if clear == 0 { SignalKind::Clear } else { SignalKind::Problem },
                    rule: RuleRef { id: format!("rule-{rule}"), revision: "r1".to_owned() },
                    key: "k".repeat(usize::from(key)),
                    host: format!("host-{host}"),
                    environment: Environment::Prod,
                    site: Some(format!("site-{key}")),
                    handling,
                    severity,
                    team: "network".to_owned(),
                    summary: format!("it is {}", severity.name()),
                    text: String::new(),
                    reason: "contains `down`".to_owned(),
                    runbook: None,
                    labels: BTreeMap::from([("host".to_owned(), host.to_string())]),
                    cause: MessageId { appended: Timestamp::ZERO, partition: 0, position: 0 },
                    received: Timestamp::ZERO,
                    at: Timestamp::ZERO,
                    close_after: close_ms.map(Duration::from_millis),
                }))
            });
    let other = prop_oneof![
        2 => Just(Input::Tick(Timestamp::ZERO)),
        2 => Just(Input::Take),
        1 => Just(Input::Restart),
    ];
    // Partitions are merged, so a signal may be a little older than the one before it.
    (-5..60i64, prop_oneof![4 => signal, 1 => other])
}

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    prop::collection::vec(input(), 0..120).prop_map(|steps| {
        let mut now = 1_000;
        let mut all = Vec::with_capacity(steps.len());
        for (position, (later, mut input)) in (1..).zip(steps) {
            now += later;
            match &mut input {
                Input::Signal(signal) => {
                    signal.at = at(now);
                    signal.received = at(now - 3);
                    signal.cause = MessageId { appended: at(now), partition: 1, position };
                }
                Input::Tick(time) => *time = at(now),
                Input::Take | Input::Restart => {}
            }
            all.push(input);
        }
        all
    })
}

/// All alerts there ever were, in the order they opened, and what was told.
#[derive(Default)]
struct Model {
    alerts: Vec<Alert>,
    notices: Vec<(String, NoticeKind, Timestamp)>,
}

impl Model {
    fn open(&mut self) -> impl Iterator<Item = &mut Alert> {
        self.alerts.iter_mut().filter(|alert| alert.state == AlertState::Open)
    }

    fn tick(&mut self, now: Timestamp) {
        for alert in self.open() {
            if let Some(end) = alert.closes_at.filter(|end| *end <= now) {
                (alert.state, alert.ended_at) = (AlertState::Closed, Some(end));
            }
        }
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.open().count() >= LIMIT {
            let order = |a: &&mut Alert| (a.notices > 0, a.last_seen, a.signature.clone());
            let alert = self.open().min_by_key(order).unwrap();
            (alert.state, alert.ended_at) = (AlertState::Closed, Some(now.max(alert.last_seen)));
        }
    }

    fn apply(&mut self, signal: &Signal) -> Effect {
        self.tick(signal.at);
        let same = |alert: &&mut Alert| {
            (&alert.host, &alert.rule.id, &alert.key)
                == (&signal.host, &signal.rule.id, &signal.key)
        };
        let found = self.open().find(same);
        let tells = signal.handling.tells();
        let (effect, told) = match (signal.kind, found) {
            (SignalKind::Clear, None) => (Effect::Nothing, None),
            (SignalKind::Clear, Some(alert)) => {
                alert.state = AlertState::Cleared;
                alert.cleared_by = Some(signal.cause);
                alert.ended_at = Some(signal.at.max(alert.last_seen));
                let told = (alert.notices > 0).then(|| tell(alert, NoticeKind::Clear));
                (Effect::Cleared, told)
            }
            (SignalKind::Problem, _) if signal.handling == Handling::Suppress => {
                (Effect::Nothing, None)
            }
            (SignalKind::Problem, Some(alert)) => {
                let worse = signal.severity > alert.severity;
                alert.count += 1;
                alert.last_seen = signal.at.max(alert.last_seen);
                alert.closes_at = signal.close_after.map(|after| alert.last_seen.after(after));
                if worse {
                    alert.severity = signal.severity;
                    alert.summary.clone_from(&signal.summary);
                }
                let told = match (tells, alert.notices, worse) {
                    (true, 0, _) => {
                        alert.handling = signal.handling;
                        Some(tell(alert, NoticeKind::Open))
                    }
                    (true, _, true) => Some(tell(alert, NoticeKind::Worse)),
                    _ => None,
                };
                (if worse { Effect::Worse } else { Effect::Repeated }, told)
            }
            (SignalKind::Problem, None) => {
                self.make_room(signal.at);
                let mut alert = first(signal);
                let told = tells.then(|| tell(&mut alert, NoticeKind::Open));
                self.alerts.push(alert);
                (Effect::Opened, told)
            }
        };
        self.notices.extend(told.map(|(id, kind)| (id, kind, signal.at)));
        effect
    }
}

fn tell(alert: &mut Alert, kind: NoticeKind) -> (String, NoticeKind) {
    alert.notices += 1;
    (format!("{}-{}", alert.cause, alert.notices), kind)
}

fn first(signal: &Signal) -> Alert {
    Alert {
        id: String::new(),
        signature: mutt_alert::signature(&signal.host, &signal.rule.id, &signal.key),
        state: AlertState::Open,
        rule: signal.rule.clone(),
        key: signal.key.clone(),
        host: signal.host.clone(),
        environment: signal.environment,
        site: signal.site.clone(),
        handling: signal.handling,
        severity: signal.severity,
        team: signal.team.clone(),
        summary: signal.summary.clone(),
        text: signal.text.clone(),
        reason: signal.reason.clone(),
        runbook: None,
        labels: signal.labels.clone(),
        cause: signal.cause,
        received: signal.received,
        first_seen: signal.at,
        last_seen: signal.at,
        count: 1,
        closes_at: signal.close_after.map(|after| signal.at.after(after)),
        cleared_by: None,
        ended_at: None,
        notices: 0,
    }
}

/// What a database would hold after the changes: alerts by id, in the order they came.
#[derive(Default, PartialEq, Debug)]
struct Database {
    alerts: BTreeMap<String, Alert>,
    notices: Vec<mutt_alert::Notice>,
}

impl Database {
    fn take(&mut self, changes: Changes) {
        let ids: HashSet<&String> = changes.alerts.iter().map(|alert| &alert.id).collect();
        assert_eq!(ids.len(), changes.alerts.len(), "an alert twice in one batch");
        for alert in changes.alerts {
            let other = self.alerts.values().find(|other| {
                other.state == AlertState::Open
                    && other.signature == alert.signature
                    && other.id != alert.id
            });
            assert!(
                other.is_none() || alert.state != AlertState::Open,
                "two open alerts for {}",
                alert.signature
            );
            self.alerts.insert(alert.id.clone(), alert);
        }
        for notice in changes.notices {
            assert!(self.notices.iter().all(|other| other.id != notice.id), "a notice id twice");
            self.notices.push(notice);
        }
    }

    fn open(&self) -> Vec<Alert> {
        let open = self.alerts.values().filter(|alert| alert.state == AlertState::Open);
        open.cloned().collect()
    }
}

/// Runs all inputs; with `often`, commits and begins again after each.
fn run(inputs: &[Input], often: bool) -> (Vec<Effect>, Database) {
    let mut correlator = Correlator::new(Vec::new()).with_limit(LIMIT);
    let mut database = Database::default();
    let mut effects = Vec::new();
    for input in inputs {
        match input {
            Input::Signal(signal) => effects.push(correlator.apply(signal.as_ref().clone())),
            Input::Tick(now) => correlator.tick(*now),
            Input::Take => database.take(correlator.take_changes()),
            Input::Restart => {}
        }
        if often || matches!(input, Input::Restart) {
            database.take(correlator.take_changes());
            assert_eq!(database.open().len(), correlator.open());
            correlator = Correlator::new(database.open()).with_limit(LIMIT);
        }
    }
    database.take(correlator.take_changes());
    assert_eq!(correlator.take_changes(), Changes::default());
    let timers = database.open().iter().filter_map(|alert| alert.closes_at).min();
    assert_eq!(correlator.next_timer(), timers);
    (effects, database)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn does_what_the_model_does(inputs in inputs()) {
        let (effects, mut database) = run(&inputs, false);
        let mut model = Model::default();
        let mut expected = Vec::new();
        let mut problems = 0;
        for input in &inputs {
            match input {
                Input::Signal(signal) => {
                    let effect = model.apply(signal);
                    problems += u64::from(signal.kind == SignalKind::Problem && effect != Effect::Nothing);
                    expected.push(effect);
                }
                Input::Tick(now) => model.tick(*now),
                Input::Take | Input::Restart => {}
            }
        }
        prop_assert_eq!(effects, expected);
        let counted: u64 = database.alerts.values().map(|alert| alert.count).sum();
        prop_assert_eq!(counted, problems);
        let told: Vec<_> = database.notices.iter().map(|notice| {
            assert_eq!(notice.id, format!("{}-{}", notice.alert.id, notice.alert.notices));
            (format!("{}-{}", notice.alert.cause, notice.alert.notices), notice.kind, notice.at)
        }).collect();
        prop_assert_eq!(told, model.notices);
        for alert in &model.alerts {
            let found = database.alerts.values().find(|found| found.cause == alert.cause).unwrap();
            let id = found.id.clone();
            let expected = Alert { id: id.clone(), ..alert.clone() };
            prop_assert_eq!(found, &expected);
            database.alerts.remove(&id);
        }
        prop_assert!(database.alerts.is_empty());
    }

    #[test]
    fn commits_and_restarts_change_nothing(inputs in inputs()) {
        prop_assert_eq!(run(&inputs, false), run(&inputs, true));
    }
}
