//! Scenarios of rules, played by the engine that judges live messages. From: rules, what is known
//! of hosts, and how messages are read. To: a fault for each scenario in which something else is
//! told than it says.
//!
//! Each is a world of its own: nothing was before it. Storm limits and silences do not count in it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use mutt_alert::{Correlator, Notice, State, StormLimits};
use mutt_event::{MessageId, Parser};
use mutt_rules::{
    Expectation, Fault, Inventory, Limits, Mode, Plan, Rule, RuleSet, Scenario, ScenarioNotice,
    Scratch,
};

use crate::engine::Engine;

/// How much of a message's text an alert keeps here, in bytes.
const TEXT_BYTES_MAX: usize = 1_024;

/// Plays the scenarios of all rules that are not off; those of a rule in shadow as if it were
/// live.
pub fn scenario_faults(
    rules: &RuleSet,
    inventory: &Inventory,
    limits: &Limits,
    parser: &Parser,
) -> Vec<Fault> {
    let has = |mode: Mode| {
        rules.rules().iter().any(|rule| rule.mode == mode && !rule.scenarios.is_empty())
    };
    let mut faults = Vec::new();
    if has(Mode::Live) {
        faults.extend(Stage::new(rules, inventory, Mode::Live).faults(rules, parser));
    }
    if has(Mode::Shadow) {
        match all_live(rules, limits) {
            Ok(live) => {
                let stage = Stage::new(&live, inventory, Mode::Shadow);
                faults.extend(stage.faults(rules, parser));
            }
            Err(found) => faults.extend(found),
        }
    }
    faults
}

/// The same rules, with those in shadow live.
fn all_live(rules: &RuleSet, limits: &Limits) -> Result<RuleSet, Vec<Fault>> {
    let mut rules = rules.rules().to_vec();
    for rule in rules.iter_mut().filter(|rule| rule.mode == Mode::Shadow) {
        rule.mode = Mode::Live;
    }
    RuleSet::compile_within(rules, limits).map(|(set, _)| set)
}

/// Where scenarios of rules of one mode are played.
struct Stage<'a> {
    rules: &'a RuleSet,
    inventory: &'a Inventory,
    mode: Mode,
    plans: HashMap<&'a str, &'a Arc<Plan>>,
    expected: Vec<Expectation>,
}

impl<'a> Stage<'a> {
    fn new(rules: &'a RuleSet, inventory: &'a Inventory, mode: Mode) -> Self {
        let plans = rules.plans().map(|plan| (plan.rule_id.as_str(), plan)).collect();
        Self { rules, inventory, mode, plans, expected: rules.expected(inventory).all }
    }

    /// The faults of scenarios of these rules that have the stage's mode.
    fn faults(&self, of: &RuleSet, parser: &Parser) -> Vec<Fault> {
        let mut faults = Vec::new();
        for rule in of.rules().iter().filter(|rule| rule.mode == self.mode) {
            for (index, scenario) in rule.scenarios.iter().enumerate() {
                let told = self.play(rule, scenario, parser);
                if let Err(why) = compare(scenario, &told) {
                    let message = format!("{}: {why}", scenario.name);
                    faults.push(rule.scenario_fault(index, message));
                }
            }
        }
        faults
    }

    /// All that is told of the rule's alerts.
    fn play(&self, rule: &Rule, scenario: &Scenario, parser: &Parser) -> Vec<Notice> {
        let start = scenario.begins();
        let hosts: HashSet<&str> = scenario.hosts().collect();
        let is_meant = |expected: &&Expectation| {
            expected.plan.rule_id == rule.id && hosts.contains(expected.host.as_str())
        };
        let expected: Vec<_> = self.expected.iter().filter(is_meant).cloned().collect();
        let mut engine = Engine::new(Correlator::new(State::default()), TEXT_BYTES_MAX);
        engine.correlator.resume(start);
        // Those of other rules are known as soon as they want something.
        let plan = self.plans.get(rule.id.as_str()).map(|plan| Arc::clone(plan));
        let (storms, silences) = (StormLimits::default(), Arc::default());
        engine.correlator.follow(plan, &expected, storms, &silences, start);
        let mut scratch = Scratch::default();
        for (position, event) in scenario.events.iter().enumerate() {
            let at = start.after(event.at);
            let id = MessageId { appended: at, partition: 0, position: position as u64 + 1 };
            event.with_event(id, parser, |event| {
                let located = self.inventory.locate(event.host, None);
                let verdict = self.rules.judge(event, located, &mut scratch);
                engine.apply(verdict, event, &located, at)
            });
        }
        engine.correlator.tick(start.after(scenario.lasts()));
        let mut told = engine.correlator.take_changes().notices;
        told.retain(|notice| notice.alert.rule.id == rule.id);
        told
    }
}

/// Is it what the scenario says?
fn compare(scenario: &Scenario, told: &[Notice]) -> Result<(), String> {
    let start = scenario.begins();
    let is_it = |meant: &ScenarioNotice, notice: &Notice| {
        let is = |meant: &Option<String>, found: &str| meant.as_ref().is_none_or(|m| m == found);
        meant.at.as_secs() == notice.at.since(start).as_secs()
            && meant.kind.name() == notice.kind.name()
            && is(&meant.host, &notice.alert.host)
            && is(&meant.key, &notice.alert.key)
    };
    let meant = &scenario.told;
    let is_same = meant.len() == told.len() && meant.iter().zip(told).all(|(m, n)| is_it(m, n));
    if is_same {
        return Ok(());
    }
    let meant = meant.iter().map(|one| {
        let (host, key) = (one.host.as_deref(), one.key.as_deref());
        line(one.at.as_secs(), one.kind.name(), host.unwrap_or_default(), key.unwrap_or_default())
    });
    let found = told.iter().map(|notice| {
        let (alert, seconds) = (&notice.alert, notice.at.since(start).as_secs());
        line(seconds, notice.kind.name(), &alert.host, &alert.key)
    });
    Err(format!("was to tell {}, but tells {}", list(meant), list(found)))
}

fn line(seconds: u64, kind: &str, host: &str, key: &str) -> String {
    let all = [format!("{seconds}s"), kind.to_owned(), host.to_owned(), key.to_owned()];
    all.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
}

fn list(lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { "nothing".to_owned() } else { format!("[{}]", lines.join(", ")) }
}
