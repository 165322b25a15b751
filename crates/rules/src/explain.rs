//! Why an event comes out as it does: who won, who lost, and what was nearly so.
//!
//! From: an event, and what is known of its host. To: people, as text or JSON. The conditions
//! are the matcher's own; but all of them are tried, without the index.

use std::collections::BTreeMap;

use mutt_event::Event;
use serde::{Deserialize, Serialize};

use crate::compile::anchor::anchor;
use crate::compile::tree::{Node, TestNode};
use crate::compile::{Beside, Role};
use crate::field::Seen;
use crate::index::Found;
use crate::sentences::sentences;
use crate::set::add_labels;
use crate::{AlertSeverity, Environment, Handling, Located, Match, Mode, Rule, RuleIndex, RuleSet};

/// The most near misses that are told.
const NEAR_MAX: usize = 5;
/// The longest value of a field that is shown, in bytes.
const VALUE_BYTES_MAX: usize = 200;

/// Why an event comes out as it does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// The revision of the rules that judged.
    pub revision: String,
    /// The event's host.
    pub host: String,
    /// Where the host belongs.
    pub environment: Environment,
    /// From where that is known.
    pub environment_from: String,
    /// The place where the host stands.
    pub site: Option<Origin>,
    /// Who is responsible for the host.
    pub team: Option<Origin>,
    /// The host's labels.
    pub labels: BTreeMap<String, Origin>,
    /// The rule that owns the event.
    pub owner: Option<Matched>,
    /// Live rules that want the event too but come later, in the order that rules are tried.
    pub lost: Vec<Matched>,
    /// Rules whose `clear` holds, in that order.
    pub clears: Vec<Matched>,
    /// Rules of whose `sequence` it is a later part, in that order.
    pub stages: Vec<Matched>,
    /// Rules that label it.
    pub continues: Vec<Matched>,
    /// Shadow rules that want it.
    pub shadows: Vec<Matched>,
    /// Rules that nearly hold, the nearest first, five at most.
    pub near: Vec<Near>,
}

/// What is known of a host, and from where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Known {
    /// Where it belongs.
    pub environment: Environment,
    /// From where that is known.
    pub environment_from: String,
    /// The place where it stands.
    pub site: Option<Origin>,
    /// Who is responsible for it.
    pub team: Option<Origin>,
    /// Its labels.
    pub labels: BTreeMap<String, Origin>,
}

/// Something known of a host.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Origin {
    /// What is known.
    pub value: String,
    /// From where, in words.
    pub from: String,
}

/// A rule that fits the event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Matched {
    /// The rule's id.
    pub rule: String,
    /// Its revision.
    pub revision: String,
    /// Its priority.
    pub priority: u32,
    /// Which tests held, in words, and the environment.
    pub reason: String,
    /// The alert's key.
    pub key: String,
    /// What would happen, in the host's environment.
    pub handling: Handling,
    /// The alert's severity.
    pub severity: AlertSeverity,
    /// Who is responsible.
    pub team: String,
    /// The line for people.
    pub summary: String,
    /// What else an alert carries.
    pub labels: BTreeMap<String, String>,
    /// How the rule's events become alerts, in sentences, where not each event is one.
    pub correlation: Vec<String>,
}

/// A rule whose `when` nearly holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Near {
    /// The rule's id.
    pub rule: String,
    /// Its priority.
    pub priority: u32,
    /// Whether it takes part.
    pub mode: Mode,
    /// How many of its tests hold; of an `any` those of the best branch.
    pub held: usize,
    /// Of how many.
    pub tests: usize,
    /// The tests that do not hold.
    pub failed: Vec<Failed>,
}

/// A test that does not hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failed {
    /// Its place in the rule, such as `when.message.regex`; empty where no file tells it.
    pub path: String,
    /// The test in words.
    pub test: String,
    /// The field's value, cut; none: the event lacks it.
    pub actual: Option<String>,
}

impl RuleSet {
    /// Why an event comes out as it does. It costs far more than judging.
    pub fn explain<'a>(
        &self,
        event: &Event<'_>,
        environment: impl Into<Located<'a>>,
    ) -> Explanation {
        let seen = Seen { event, located: environment.into() };
        let mut told = told_of_host(&seen);
        told.revision = self.revision().to_owned();
        let mut owner: Option<Match> = None;
        let mut continues = Vec::new();
        for (index, rule) in (0u32..).map(RuleIndex).zip(self.rules()) {
            let compiled = self.compiled(index);
            if compiled.role == Role::Owner {
                self.explain_besides(index, &seen, &mut told);
            }
            if compiled.role == Role::Off || !self.owns(index.get(), &seen) {
                continue;
            }
            let found = self.problem(index, &seen);
            match compiled.role {
                Role::Owner if owner.is_none() => owner = Some(found),
                Role::Owner => told.lost.push(matched(rule, found)),
                Role::Continue => continues.push(found),
                _ => told.shadows.push(matched(rule, found)),
            }
        }
        let told_of = |found: Match| matched(self.rule(found.rule), found);
        told.owner = owner.map(|mut owner| {
            add_labels(&mut owner, &continues);
            told_of(owner)
        });
        told.continues = continues.into_iter().map(told_of).collect();
        told.near = self.near(&seen);
        told
    }

    fn explain_besides(&self, index: RuleIndex, seen: &Seen<'_, '_>, told: &mut Explanation) {
        for (beside, part) in &self.compiled(index).besides {
            if part.node.holds(seen) {
                let found = matched(self.rule(index), self.beside(index, *beside, part, seen));
                match beside {
                    Beside::Clear => told.clears.push(found),
                    Beside::Stage(_) => told.stages.push(found),
                }
            }
        }
    }

    /// The rules that nearly hold: what they need most is there, or most of their tests hold.
    fn near(&self, seen: &Seen<'_, '_>) -> Vec<Near> {
        let mut found = Found::default();
        self.index().find(seen.event, self.entries(), &mut found);
        let mut near: Vec<(f64, u32, Score<'_>)> = Vec::new();
        for index in (0..self.len() as u32).map(RuleIndex) {
            let when = &self.compiled(index).when;
            let score = Score::of(when, seen);
            let has_anchor =
                found.entries.binary_search(&index.0).is_ok() && anchor(when).is_some();
            let most_hold = score.held > 0 && score.held * 2 >= score.tests;
            if !score.failed.is_empty() && (has_anchor || most_hold) {
                near.push((score.share(), index.0, score));
            }
        }
        // The most held first; among equals by the order in which rules are tried.
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        near.truncate(NEAR_MAX);
        near.into_iter()
            .map(|(_, index, score)| {
                let rule = self.rule(RuleIndex(index));
                Near {
                    rule: rule.id.clone(),
                    priority: rule.priority,
                    mode: rule.mode,
                    held: score.held,
                    tests: score.tests,
                    failed: score.failed.iter().map(|part| failed(part, seen)).collect(),
                }
            })
            .collect()
    }
}

impl Located<'_> {
    /// What is known of the host, and from where.
    pub fn known(&self) -> Known {
        let origin = |found: (&str, crate::Why<'_>)| Origin {
            value: found.0.to_owned(),
            from: found.1.to_string(),
        };
        let labels = self.labels();
        Known {
            environment: self.environment,
            environment_from: self.why.to_string(),
            site: self.site().map(origin),
            team: self.team().map(origin),
            labels: labels
                .keys()
                .filter_map(|name| Some(((*name).to_owned(), origin(self.label(name)?))))
                .collect(),
        }
    }
}

fn told_of_host(seen: &Seen<'_, '_>) -> Explanation {
    let Known { environment, environment_from, site, team, labels } = seen.located.known();
    Explanation {
        revision: String::new(),
        host: seen.event.host.to_owned(),
        environment,
        environment_from,
        site,
        team,
        labels,
        owner: None,
        lost: Vec::new(),
        clears: Vec::new(),
        stages: Vec::new(),
        continues: Vec::new(),
        shadows: Vec::new(),
        near: Vec::new(),
    }
}

fn matched(rule: &Rule, found: Match) -> Matched {
    Matched {
        rule: found.rule_id,
        revision: found.revision,
        priority: rule.priority,
        reason: found.reason,
        key: found.key,
        handling: found.handling,
        severity: found.severity,
        team: found.team,
        summary: found.summary,
        labels: found.labels,
        correlation: sentences(rule),
    }
}

/// How much of a condition holds.
struct Score<'n> {
    held: usize,
    tests: usize,
    /// Tests, and conditions under `not`, that do not hold.
    failed: Vec<&'n Node>,
}

impl<'n> Score<'n> {
    fn of(node: &'n Node, seen: &Seen<'_, '_>) -> Score<'n> {
        match node {
            Node::All(parts) => {
                let mut sum = Score { held: 0, tests: 0, failed: Vec::new() };
                for part in parts {
                    let score = Score::of(part, seen);
                    sum.held += score.held;
                    sum.tests += score.tests;
                    sum.failed.extend(score.failed);
                }
                sum
            }
            Node::Any(branches) => {
                let mut best: Option<Score<'n>> = None;
                for branch in branches {
                    let score = Score::of(branch, seen);
                    if best.as_ref().is_none_or(|best| score.share() > best.share()) {
                        best = Some(score);
                    }
                }
                best.unwrap_or(Score { held: 0, tests: 1, failed: vec![node] })
            }
            Node::Not(_) | Node::Test(_) => match node.holds(seen) {
                true => Score { held: 1, tests: 1, failed: Vec::new() },
                false => Score { held: 0, tests: 1, failed: vec![node] },
            },
        }
    }

    /// From 0 to 1.
    fn share(&self) -> f64 {
        self.held as f64 / self.tests.max(1) as f64
    }
}

fn failed(node: &Node, seen: &Seen<'_, '_>) -> Failed {
    let test = first_test(node);
    let actual = test.and_then(|test| test.test.field.text(seen));
    Failed {
        path: test.map(|test| test.test.place.path.clone()).unwrap_or_default(),
        test: node.all_words(),
        actual: actual.map(|value| {
            let shown = &value[..value.len().min(VALUE_BYTES_MAX)];
            String::from_utf8_lossy(shown).into_owned()
        }),
    }
}

/// The test that a condition under `not` begins with.
fn first_test(node: &Node) -> Option<&TestNode> {
    match node {
        Node::Test(test) => Some(test),
        Node::Not(part) => first_test(part),
        Node::All(parts) | Node::Any(parts) => parts.iter().find_map(first_test),
    }
}
