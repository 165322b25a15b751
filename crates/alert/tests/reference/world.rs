//! Random rules and what happens under them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mutt_alert::{Decision, Facts, Signal, SignalKind, StormLimits, own_plan};
use mutt_event::{MessageId, Timestamp};
use mutt_rules::{
    Absent, AlertSeverity, Count, Environment, Expectation, Expected, Flapping, Handling, Links,
    Plan, SequencePlan,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Rules, and what happens, each so many seconds after the one before.
#[derive(Clone)]
pub struct World {
    pub rules: Vec<Rule>,
    pub limits: StormLimits,
    pub inputs: Vec<(u64, Input)>,
}

/// A rule, and what its events say whoever sends them.
#[derive(Clone, Debug)]
pub struct Rule {
    pub plan: Plan,
    /// The rules of which an open alert on the same host quiets this one's.
    pub parents: Vec<usize>,
    /// Whether each of the hosts is expected.
    pub is_expected: bool,
}

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Input {
    Signal(Says),
    Tick,
    /// What is done with which of the open alerts.
    Decide(usize, Decision),
    /// A rule goes or comes back, or tells its alerts apart otherwise; and other storm limits.
    Follow(usize, Change, StormLimits),
    Resume,
    /// A silence more.
    Hide(Hide),
    /// One of the silences less.
    Show(usize),
}

/// A silence of a rule's alerts, of one host or all, from so many seconds on for so many.
#[derive(Clone, Copy, Debug)]
pub struct Hide {
    pub rule: usize,
    pub host: Option<usize>,
    pub after: u64,
    pub lasts: u64,
}

#[derive(Clone, Copy, Debug)]
pub enum Change {
    Gone,
    Back,
    Keyed,
    Nothing,
}

/// An event.
#[derive(Clone, Debug)]
pub struct Says {
    pub rule: usize,
    pub kind: SignalKind,
    pub host: usize,
    pub value: usize,
    pub handling: Handling,
    pub severity: AlertSeverity,
}

pub const HOSTS: [&str; 3] = ["a", "b", "c"];

fn secs(all: &'static [u64]) -> impl Strategy<Value = Duration> {
    select(all).prop_map(Duration::from_secs)
}

fn kind(plan: Plan) -> impl Strategy<Value = Plan> {
    let within = || secs(&[5, 30, 60]);
    let plain = plan.clone();
    let count = (2..4_u32, within(), any::<bool>()).prop_map({
        let plan = plan.clone();
        move |(at_least, within, values)| {
            let distinct = if values { "{value}" } else { "" }.to_owned();
            Plan { count: Some(Count { at_least, within, distinct }), ..plan.clone() }
        }
    });
    let sequence = (within(), any::<bool>()).prop_map({
        let plan = plan.clone();
        move |(within, needs_with)| Plan {
            sequence: Some(SequencePlan { within, needs_with }),
            ..plan.clone()
        }
    });
    let absent = secs(&[10, 30, 100]).prop_map(move |after| {
        let expect = Expected::default();
        Plan { absent: Some(Absent { after: Some(after), between: None, expect }), ..plan.clone() }
    });
    prop_oneof![3 => Just(plain), 2 => count, 2 => sequence, 2 => absent]
}

/// The half-life is such that nothing becomes calm together with something else.
fn flapping() -> impl Strategy<Value = Flapping> {
    (2..4_u32, 1..3_u32, any::<bool>()).prop_map(|(above, below, shares)| Flapping {
        suppress_above: above,
        release_below: below.min(above - 1),
        half_life: Duration::from_micros(23_031_317),
        object: if shares { "{object}" } else { "" }.to_owned(),
    })
}

fn rule(i: usize) -> impl Strategy<Value = Rule> {
    let base = own_plan(&format!("r{i}"), None);
    let times = (
        prop_oneof![1 => Just(None), 1 => secs(&[20, 60, 200]).prop_map(Some)],
        secs(&[0, 30, 300]),
        prop_oneof![2 => secs(&[0]), 1 => secs(&[10, 60])],
        prop_oneof![2 => secs(&[0]), 1 => secs(&[5, 20])],
    );
    let more = (
        prop_oneof![1 => Just(None), 1 => flapping().prop_map(Some)],
        prop_oneof![4 => Just(None), 1 => (0..3_u32).prop_map(Some)],
        prop::bool::weighted(0.2),
        prop_oneof![1 => Just(Vec::new()), 1 => vec(0..i.max(1), 1)],
        any::<bool>(),
    );
    (kind(base), times, more).prop_map(move |(plan, times, more)| {
        let (close_after, reopen_within, hold_for, early_clear) = times;
        let (flapping, storm_per_minute, across_hosts, parents, is_expected) = more;
        let parents = if i == 0 { Vec::new() } else { parents };
        let shape = "shape".to_owned();
        let team = format!("team{}", i % 2);
        let plan = Plan { shape, team, close_after, reopen_within, hold_for, early_clear, ..plan };
        let mut plan = Plan { flapping, storm_per_minute, across_hosts, ..plan };
        if let Some(absent) = &mut plan.absent {
            // What means nothing there; and no two rules miss somebody at the same time.
            (plan.hold_for, plan.early_clear, plan.flapping) = Default::default();
            absent.after = absent.after.map(|after| after + Duration::from_millis(i as u64));
        }
        Rule { plan, parents, is_expected }
    })
}

fn limits() -> impl Strategy<Value = StormLimits> {
    let few = || prop_oneof![2 => Just(0), 1 => 1..4_u32];
    (few(), few(), few()).prop_map(|(rule_per_minute, team_per_minute, total_per_minute)| {
        StormLimits { rule_per_minute, team_per_minute, total_per_minute }
    })
}

fn says() -> impl Strategy<Value = Says> {
    use SignalKind::{Clear, Problem, Then, With, Without};
    let kind = prop_oneof![
        6 => Just(Problem), 4 => Just(Clear), 1 => Just(With), 1 => Just(Without), 2 => Just(Then)
    ];
    let handling = prop_oneof![
        8 => Just(Handling::PageAndTicket), 1 => Just(Handling::LogOnly), 1 => Just(Handling::Suppress)
    ];
    let severity = prop_oneof![
        3 => Just(AlertSeverity::Major), 1 => Just(AlertSeverity::Minor), 1 => Just(AlertSeverity::Critical)
    ];
    (0..6_usize, kind, select(vec![0, 0, 0, 1, 2]), 0..3_usize, handling, severity).prop_map(
        |(rule, kind, host, value, handling, severity)| Says {
            rule,
            kind,
            host,
            value,
            handling,
            severity,
        },
    )
}

fn hide() -> impl Strategy<Value = Hide> {
    let host = prop::option::of(0..3_usize);
    let (after, lasts) = (select(vec![0, 5, 30]), select(vec![1, 10, 60, 100]));
    (0..6_usize, host, after, lasts).prop_map(|(rule, host, after, lasts)| Hide {
        rule,
        host,
        after,
        lasts,
    })
}

fn input() -> impl Strategy<Value = Input> {
    let decision = prop_oneof![
        2 => Just(Decision::Acknowledge),
        1 => Just(Decision::Take),
        2 => Just(Decision::Close { why: "fixed".to_owned() }),
    ];
    let change =
        select(vec![Change::Gone, Change::Back, Change::Keyed, Change::Keyed, Change::Nothing]);
    prop_oneof![
        40 => says().prop_map(Input::Signal),
        4 => Just(Input::Tick),
        3 => (0..8_usize, decision).prop_map(|(which, decision)| Input::Decide(which, decision)),
        2 => (0..6_usize, change, limits()).prop_map(|(i, change, l)| Input::Follow(i, change, l)),
        1 => Just(Input::Resume),
        2 => hide().prop_map(Input::Hide),
        1 => (0..3_usize).prop_map(Input::Show),
    ]
}

/// The random worlds.
pub fn world() -> impl Strategy<Value = World> {
    let wait = prop_oneof![
        8 => select(vec![0, 1, 2, 3]), 4 => select(vec![5, 10, 20, 30]), 1 => select(vec![60, 61, 100, 300])
    ];
    let rules = vec(Just(()), 1..4).prop_flat_map(|rules| {
        rules.into_iter().enumerate().map(|(i, ())| rule(i)).collect::<Vec<_>>()
    });
    (rules, limits(), vec((wait, input()), 1..60)).prop_map(|(mut rules, limits, mut inputs)| {
        for (_, input) in &mut inputs {
            if let Input::Signal(Says { rule, .. })
            | Input::Follow(rule, ..)
            | Input::Hide(Hide { rule, .. }) = input
            {
                *rule %= rules.len();
            }
        }
        // Rules that share an object have the same settings.
        let shared = rules.iter().filter_map(|rule| rule.plan.flapping.clone());
        let shared = shared.into_iter().find(|flapping| !flapping.object.is_empty());
        for flapping in rules.iter_mut().filter_map(|rule| rule.plan.flapping.as_mut()) {
            if let Some(shared) = shared.as_ref().filter(|_| !flapping.object.is_empty()) {
                *flapping = shared.clone();
            }
        }
        World { rules, limits, inputs }
    })
}

/// One line for each rule and input.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", self.limits)?;
        for Rule { plan, parents, is_expected } in &self.rules {
            let Plan { rule_id, close_after, reopen_within, hold_for, early_clear, .. } = plan;
            let Plan { count, absent, sequence, flapping, storm_per_minute, .. } = plan;
            writeln!(
                f,
                "{rule_id}: close {close_after:?} reopen {reopen_within:?} hold {hold_for:?} early \
                 {early_clear:?} across {} {count:?} {:?} expected {is_expected} {sequence:?} \
                 {flapping:?} storm {storm_per_minute:?} parents {parents:?}",
                plan.across_hosts,
                absent.as_ref().and_then(|absent| absent.after),
            )?;
        }
        let mut at = 1_000;
        for (wait, input) in &self.inputs {
            at += wait;
            match input {
                Input::Signal(s) => writeln!(
                    f,
                    "  {at}: {:?} r{} {} value {} {:?} {:?}",
                    s.kind, s.rule, HOSTS[s.host], s.value, s.severity, s.handling
                )?,
                other => writeln!(f, "  {at}: {other:?}")?,
            }
        }
        Ok(())
    }
}

impl World {
    /// The signal that an event makes.
    pub fn signal(&self, plan: &Arc<Plan>, says: &Says, number: usize, at: Timestamp) -> Signal {
        let host = HOSTS[says.host];
        let position = number as u64;
        Signal {
            kind: says.kind,
            plan: plan.clone(),
            distinct: plan
                .count
                .as_ref()
                .filter(|count| !count.distinct.is_empty())
                .map(|_| says.value.to_string()),
            facts: Facts {
                handling: says.handling,
                severity: says.severity,
                team: plan.team.clone(),
                summary: format!("{host} is down"),
                raw: format!("<187>{number}"),
                object: plan
                    .flapping
                    .as_ref()
                    .filter(|flapping| !flapping.object.is_empty())
                    .map(|_| host.to_owned()),
                links: self.links(says.rule, host),
                ..Facts::bare(host, MessageId { appended: at, partition: 0, position }, at)
            },
        }
    }

    fn links(&self, rule: usize, host: &str) -> Links {
        let link = |rule: usize| format!("r{rule} host={host}");
        let parents = &self.rules[rule].parents;
        Links {
            child_of: parents.iter().map(|parent| link(*parent)).collect(),
            parent_as: vec![link(rule)],
        }
    }

    /// Who is expected of these rules.
    pub fn expected(&self, plans: &[Arc<Plan>]) -> Vec<Expectation> {
        let which =
            |plan: &Plan| self.rules.iter().position(|rule| rule.plan.rule_id == plan.rule_id);
        let is_expected = |plan: &&Arc<Plan>| {
            plan.absent.is_some() && which(plan).is_some_and(|rule| self.rules[rule].is_expected)
        };
        let expects = |plan: &Arc<Plan>, host: &str| Expectation {
            plan: plan.clone(),
            host: host.to_owned(),
            key: String::new(),
            environment: Environment::Prod,
            site: None,
            team: plan.team.clone(),
            handling: Handling::PageOnly,
            links: self.links(which(plan).unwrap_or_default(), host),
        };
        let plans = plans.iter().filter(is_expected);
        plans.flat_map(|plan| HOSTS[..2].iter().map(|host| expects(plan, host))).collect()
    }
}
