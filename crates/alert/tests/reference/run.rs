//! One world after another step goes through the correlator, with a database as text, and through
//! the model.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mutt_alert::reference::{Hidden, Reference, Told};
use mutt_alert::{
    Alert, Changes, Correlator, Decided, Decision, Moment, Notice, Signal, SignalKind, Silences,
    State, StormLimits, Track,
};
use mutt_event::Timestamp;
use mutt_rules::{Expectation, Plan};

use crate::world::{Change, HOSTS, Hide, Input, World};

/// One step as a correlator takes it.
enum Step {
    Signal(Box<Signal>),
    Tick,
    Decide(usize, Decision),
    Follow,
    Resume,
}

/// The rules as they are now.
#[derive(Default)]
struct Rules {
    plans: Vec<Arc<Plan>>,
    expected: Vec<Expectation>,
    limits: StormLimits,
    hidden: Vec<Hidden>,
}

/// The correlator and its database.
#[derive(Default)]
pub struct Real {
    correlator: Option<Correlator>,
    /// Alerts as text, by id.
    rows: BTreeMap<String, String>,
    tracks: BTreeMap<String, String>,
    order: Vec<String>,
    up_since: Option<Timestamp>,
    pub notices: Vec<Notice>,
    pub moments: Vec<Moment>,
}

impl Real {
    fn correlator(&mut self) -> &mut Correlator {
        self.correlator.get_or_insert_with(|| Correlator::new(State::default()))
    }

    fn step(&mut self, step: &Step, rules: &Rules, at: Timestamp) {
        match step {
            Step::Signal(signal) => drop(self.correlator().apply(signal.as_ref().clone())),
            Step::Tick => self.correlator().tick(at),
            Step::Resume => {
                self.up_since = Some(at);
                self.correlator().resume(at);
            }
            Step::Follow => {
                self.correlator().tick(at);
                self.follow(rules, at);
            }
            Step::Decide(which, decision) => {
                self.correlator().tick(at);
                if let Some(decided) = self.decided(*which, decision, at) {
                    self.correlator().decide(decided, at);
                }
            }
        }
    }

    fn follow(&mut self, rules: &Rules, at: Timestamp) {
        let plans = rules.plans.clone();
        let silences = rules.hidden.iter().map(|hidden| hidden.plan().unwrap()).collect();
        let silences = Arc::new(Silences::new(silences));
        self.correlator().follow(plans, &rules.expected, rules.limits, &silences, at);
    }

    /// A decision over one of the open alerts.
    fn decided(&mut self, which: usize, decision: &Decision, at: Timestamp) -> Option<Decided> {
        let open = self.correlator().alerts().filter(|alert| alert.state.is_open());
        let mut open: Vec<_> = open.map(|alert| (alert.signature.clone(), &alert.id)).collect();
        open.sort();
        let (signature, id) = open.get(which % open.len().max(1))?.clone();
        let (who, decision) = ("ada".to_owned(), decision.clone());
        Some(Decided { alert_id: id.clone(), signature, who, at, decision })
    }

    /// Takes the changes as the database does.
    fn commit(&mut self) {
        let Changes { alerts, notices, moments, tracks } = self.correlator().take_changes();
        let mut batch: Vec<&str> = alerts.iter().map(|alert| alert.id.as_str()).collect();
        batch.sort_unstable();
        assert!(batch.windows(2).all(|two| two[0] != two[1]), "twice in a batch: {batch:?}");
        for alert in alerts {
            if !self.rows.contains_key(&alert.id) {
                self.order.push(alert.id.clone());
            }
            self.rows.insert(alert.id.clone(), serde_json::to_string(&alert).unwrap());
        }
        for change in tracks {
            match change.track {
                Some(track) => {
                    self.tracks.insert(change.key, serde_json::to_string(&track).unwrap());
                }
                None => drop(self.tracks.remove(&change.key)),
            }
        }
        self.notices.extend(notices);
        self.moments.extend(moments);
    }

    /// All alerts so far, in the order of their opening.
    pub fn alerts(&self) -> Vec<Alert> {
        self.order.iter().map(|id| serde_json::from_str(&self.rows[id]).unwrap()).collect()
    }

    /// MUTT stops and goes on from what the database holds.
    fn restart(&mut self, rules: &Rules, at: Timestamp) {
        let is_live = |alert: &Alert| alert.state.is_open() || alert.reopens_until.is_some();
        let alerts = self.alerts().into_iter().filter(is_live).collect();
        let read = |(key, text): (&String, &String)| {
            (key.clone(), serde_json::from_str::<Track>(text).unwrap())
        };
        let state = State { alerts, tracks: self.tracks.iter().map(read).collect() };
        self.correlator = Some(Correlator::new(state));
        // The world says when inputs were down; this restart was too quick to miss anything.
        if let Some(up_since) = self.up_since {
            self.correlator().resume(up_since);
        }
        self.follow(rules, at);
    }

    /// What must be so at any time.
    fn check(&self) {
        let mut open = Vec::new();
        for alert in self.alerts().into_iter().filter(|alert| alert.state.is_open()) {
            assert!(!open.contains(&alert.signature), "two open: {}", alert.signature);
            open.push(alert.signature);
        }
        let mut ids: Vec<&str> = self.notices.iter().map(|notice| notice.id.as_str()).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|two| two[0] != two[1]), "notices' ids: {ids:?}");
    }
}

/// How often the correlator is asked for its changes, and made again from them.
#[derive(Clone, Copy)]
pub enum Restarts {
    /// At the end.
    Never,
    /// After each input.
    Always,
    /// After some.
    Some(u64),
}

impl Restarts {
    fn commits(self, number: usize) -> bool {
        match self {
            Restarts::Never => false,
            Restarts::Always => true,
            Restarts::Some(which) => which >> (number % 64) & 1 == 1,
        }
    }
}

/// What the correlator, and the model if it is asked too, make of a world.
pub fn run(world: &World, restarts: Restarts, mut model: Option<&mut Reference>) -> Real {
    let mut real = Real::default();
    let mut rules = Rules { limits: world.limits, ..Rules::default() };
    rules.plans = world.rules.iter().map(|rule| Arc::new(rule.plan.clone())).collect();
    rules.expected = world.expected(&rules.plans);
    let mut at = Timestamp::from_millis(1_000_000);
    let end = (100_000, Input::Tick);
    let inputs = [(0, Input::Follow(0, Change::Nothing, world.limits))];
    let inputs = inputs.iter().chain(&world.inputs).chain([&end]);
    for (number, (wait, input)) in inputs.enumerate() {
        at = Timestamp::from_micros(at.as_micros() + wait_of(*wait, input));
        let Some(step) = step(world, &mut rules, (number, at), input) else { continue };
        let signature = match &step {
            Step::Decide(which, decision) => {
                real.correlator().tick(at);
                real.decided(*which, decision, at)
            }
            _ => None,
        };
        real.step(&step, &rules, at);
        if let Some(model) = model.as_deref_mut() {
            tell(model, &step, &rules, (signature, at));
        }
        if restarts.commits(number) {
            real.commit();
            real.restart(&rules, at);
            real.check();
        }
    }
    real.commit();
    real.check();
    real
}

/// Nobody decides over an alert at the very moment that it opens.
fn wait_of(seconds: u64, input: &Input) -> i64 {
    let more = if matches!(input, Input::Decide(..)) { 7_000 } else { 0 };
    seconds as i64 * 1_000_000 + more
}

fn step(
    world: &World,
    rules: &mut Rules,
    (number, at): (usize, Timestamp),
    input: &Input,
) -> Option<Step> {
    Some(match input {
        Input::Signal(says) => {
            let id = &world.rules.get(says.rule)?.plan.rule_id;
            let plan = rules.plans.iter().find(|plan| plan.rule_id == *id)?;
            if plan.absent.is_some() && says.kind != SignalKind::Problem {
                return None;
            }
            Step::Signal(Box::new(world.signal(plan, says, number, at)))
        }
        Input::Tick => Step::Tick,
        Input::Resume => Step::Resume,
        Input::Decide(which, decision) => Step::Decide(*which, decision.clone()),
        Input::Follow(which, change, limits) => {
            change_rule(world, rules, *which, *change);
            rules.limits = *limits;
            rules.expected = world.expected(&rules.plans);
            Step::Follow
        }
        Input::Hide(hide) => {
            rules.hidden.push(hidden(world, *hide, number, at)?);
            Step::Follow
        }
        Input::Show(which) => {
            if *which < rules.hidden.len() {
                rules.hidden.remove(*which);
            }
            Step::Follow
        }
    })
}

fn hidden(world: &World, hide: Hide, number: usize, at: Timestamp) -> Option<Hidden> {
    let plan = &world.rules.get(hide.rule)?.plan;
    let start = at.after(Duration::from_secs(hide.after));
    Some(Hidden {
        name: format!("s{number}"),
        rule_id: plan.rule_id.clone(),
        host: hide.host.filter(|_| !plan.across_hosts).map(|host| HOSTS[host].to_owned()),
        start,
        end: start.after(Duration::from_secs(hide.lasts)),
    })
}

fn change_rule(world: &World, rules: &mut Rules, which: usize, change: Change) {
    let Some(rule) = world.rules.get(which) else { return };
    let mut plan = rule.plan.clone();
    match change {
        Change::Nothing => return,
        Change::Keyed => plan.shape = "other".to_owned(),
        Change::Gone | Change::Back => {}
    }
    rules.plans.retain(|known| known.rule_id != plan.rule_id);
    if !matches!(change, Change::Gone) {
        rules.plans.push(Arc::new(plan));
    }
}

fn tell(
    model: &mut Reference,
    step: &Step,
    rules: &Rules,
    (decided, at): (Option<Decided>, Timestamp),
) {
    match step {
        Step::Signal(signal) => model.apply(signal),
        Step::Tick => model.tick(at),
        Step::Resume => model.resume(at),
        Step::Follow => {
            let Rules { plans, expected, limits, hidden } = rules;
            model.follow(plans.clone(), expected, *limits, hidden, at);
        }
        Step::Decide(..) => match decided {
            Some(decided) => model.decide(&decided, at),
            None => model.tick(at),
        },
    }
}

/// The notices of each signature, in order.
pub fn by_signature(told: impl IntoIterator<Item = Told>) -> BTreeMap<String, Vec<Told>> {
    let mut all: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    for told in told {
        all.entry(told.2.clone()).or_default().push(told);
    }
    all
}
