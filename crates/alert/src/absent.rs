//! Absence: an alert opens where nothing matched in time, and what matches ends it. From and to:
//! the correlator.
//!
//! Watched is who was seen once, and who is expected before. The time runs from when they were
//! seen last, or expected first, but not from before the inputs came up: what MUTT could not
//! hear is not absent.

use std::collections::HashSet;
use std::sync::Arc;

use mutt_event::{MessageId, Timestamp};
use mutt_rules::{AlertSeverity, Environment, Expectation, Handling, Links, Plan};
use serde::{Deserialize, Serialize};

use crate::between::deadline;
use crate::correlator::Why;
use crate::signal::no_message;
use crate::track::{Kind, Track, parts};
use crate::{Correlator, Effect, Ending, Facts, Signal, SignalKind, signature_of};

/// How bad an absence is where its rule does not say it.
const SEVERITY_DEFAULT: AlertSeverity = AlertSeverity::Major;

/// Somebody who should be heard.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Watched {
    /// How the rule told its alerts apart.
    pub shape: String,
    /// The host.
    pub host: String,
    /// The key.
    pub key: String,
    /// Where the host belongs.
    pub environment: Environment,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Who is responsible.
    pub team: String,
    /// What shall happen.
    pub handling: Handling,
    /// Whether the rule expects it, seen or not.
    pub expected: bool,
    /// Since when it is watched, or waited for again.
    pub since: Timestamp,
    /// What its alert has in common with others.
    #[serde(default, skip_serializing_if = "Links::is_empty")]
    pub links: Links,
    /// When it was seen last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Timestamp>,
    /// The message of then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<MessageId>,
    /// When it counts as absent; none: it does already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl Watched {
    /// From when it is waited for.
    fn from(&self) -> Timestamp {
        self.seen.map_or(self.since, |seen| seen.max(self.since))
    }
}

impl Correlator {
    /// What a rule of absence expects came.
    pub(crate) fn seen(&mut self, signature: Arc<str>, signal: &Signal) -> Effect {
        let (plan, facts) = (&signal.plan, &signal.facts);
        let Some(absent) = &plan.absent else { return Effect::Nothing };
        let key = Kind::Absent.key(&plan.rule_id, &signature);
        let before = match self.tracks.remove(&key) {
            Some((_, Track::Watched(watched))) => Some(watched),
            _ => None,
        };
        let since = before.as_ref().map_or(facts.at, |before| before.since);
        // What shall happen where somebody is expected, the expectation says.
        let mut watched = before.filter(|before| before.expected).unwrap_or_else(|| {
            Box::new(Watched {
                shape: plan.shape.clone(),
                host: facts.host.clone(),
                key: facts.key.clone(),
                environment: facts.environment,
                site: facts.site.clone(),
                team: facts.team.clone(),
                handling: facts.handling,
                expected: false,
                links: facts.links.clone(),
                since,
                seen: None,
                last: None,
                due: None,
            })
        });
        watched.seen = Some(facts.at);
        watched.last = Some(facts.cause);
        watched.due = deadline(absent, facts.at.max(self.up_since));
        self.keep(key.into(), Track::Watched(watched));
        if self.is_open(&signature) {
            return self.clear(signature, signal);
        }
        Effect::Seen
    }

    /// Somebody did not come in time.
    pub(crate) fn absent(&mut self, key: Arc<str>, mut watched: Box<Watched>, at: Timestamp) {
        let Some((rule, signature)) = parts(&key) else { return };
        let Some(plan) = self.plans.get(rule).filter(|plan| plan.absent.is_some()).cloned() else {
            return;
        };
        let signature: Arc<str> = signature.into();
        watched.due = None;
        let signal = absence(plan, &watched, at);
        self.keep(key, Track::Watched(watched));
        if signal.facts.handling == Handling::Suppress {
            return;
        }
        self.problem(signature, &signal, None);
    }

    /// Inputs are up since `at`: nobody is absent for what was not heard before.
    pub fn resume(&mut self, at: Timestamp) {
        self.up_since = at;
        self.watch_again();
    }

    /// Sets anew when those who are watched count as absent; those who do already, do so until
    /// they are seen.
    pub(crate) fn watch_again(&mut self) {
        let waits = |_: &str, track: &Track| match track {
            Track::Watched(watched) => watched.due.is_some(),
            _ => false,
        };
        for key in self.tracks.names(waits) {
            let plan = parts(&key).and_then(|(rule, _)| self.plans.get(rule)).cloned();
            let Some(absent) = plan.as_ref().and_then(|plan| plan.absent.as_ref()) else {
                continue;
            };
            let Some(Track::Watched(watched)) = self.tracks.get(&key) else { continue };
            let due = deadline(absent, watched.from().max(self.up_since));
            if due != watched.due {
                let watched = Watched { due, ..watched.as_ref().clone() };
                self.tracks.insert(key, Track::Watched(Box::new(watched)));
            }
        }
    }

    /// Watches who is expected, and nobody who is so no more and never came.
    pub(crate) fn expect(&mut self, expected: &[Expectation], at: Timestamp) {
        let mut names = HashSet::with_capacity(expected.len());
        for one in expected {
            let signature = signature_of(&one.plan, &one.host, &one.key);
            let key = Kind::Absent.key(&one.plan.rule_id, &signature);
            let before = match self.tracks.get(&key) {
                Some(Track::Watched(watched)) => Some(watched.clone()),
                _ => None,
            };
            let watched = Watched {
                shape: one.plan.shape.clone(),
                host: one.host.clone(),
                key: one.key.clone(),
                environment: one.environment,
                site: one.site.clone(),
                team: one.team.clone(),
                handling: one.handling,
                expected: true,
                links: one.links.clone(),
                since: before.as_ref().map_or(at, |before| before.since),
                seen: before.as_ref().and_then(|before| before.seen),
                last: before.as_ref().and_then(|before| before.last),
                due: match &before {
                    Some(before) => before.due,
                    None => self.first_due(&one.plan, at),
                },
            };
            // What is as it was is not written again.
            if before.as_deref() != Some(&watched) {
                self.keep(key.as_str().into(), Track::Watched(Box::new(watched)));
            }
            names.insert(key);
        }
        self.expect_no_more(&names, at);
    }

    /// When somebody counts as absent who is waited for from `at` on.
    fn first_due(&self, plan: &Plan, at: Timestamp) -> Option<Timestamp> {
        deadline(plan.absent.as_ref()?, at.max(self.up_since))
    }

    fn expect_no_more(&mut self, names: &HashSet<String>, at: Timestamp) {
        let is_stale = |key: &str, track: &Track| match track {
            Track::Watched(watched) => watched.expected && !names.contains(key),
            _ => false,
        };
        for key in self.tracks.names(is_stale) {
            let Some((key, Track::Watched(mut watched))) = self.tracks.remove(&key) else {
                continue;
            };
            if watched.seen.is_some() {
                watched.expected = false;
                self.tracks.insert(key, Track::Watched(watched));
            } else if let Some((_, signature)) = parts(&key) {
                self.end_open(signature, Ending::RuleGone, Why::time(at));
            }
        }
    }

    /// Somebody closed an absence: who is not expected is not watched any more, who is expected
    /// has the whole time again.
    pub(crate) fn absence_is_closed(&mut self, rule: &str, signature: &str, at: Timestamp) {
        let Some((key, Track::Watched(mut watched))) =
            self.tracks.remove(&Kind::Absent.key(rule, signature))
        else {
            return;
        };
        if watched.expected {
            watched.since = at;
            watched.due = self.plans.get(rule).and_then(|plan| self.first_due(plan, at));
            self.tracks.insert(key, Track::Watched(watched));
        }
    }
}

/// What an absence says: no event does.
fn absence(plan: Arc<Plan>, watched: &Watched, at: Timestamp) -> Signal {
    let who = [watched.host.as_str(), watched.key.as_str()];
    let who = who.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let since = match watched.seen {
        Some(seen) => format!("last seen {seen}"),
        None => format!("never seen since {}", watched.since),
    };
    let summary = plan
        .absent_summary(&watched.host, &watched.key)
        .unwrap_or_else(|| format!("{}: nothing from {who}, {since}", plan.rule_id));
    let last = watched.last.map(|id| format!(" (message {id})")).unwrap_or_default();
    let facts = Facts {
        key: watched.key.clone(),
        environment: watched.environment,
        site: watched.site.clone(),
        handling: watched.handling,
        severity: plan.severity.unwrap_or(SEVERITY_DEFAULT),
        team: watched.team.clone(),
        text: summary.clone(),
        summary,
        reason: format!(
            "rule {} (revision {}): nothing matched in time from {who}, {since}{last}",
            plan.rule_id, plan.revision
        ),
        links: watched.links.clone(),
        ..Facts::bare(&watched.host, no_message(at), at)
    };
    Signal { kind: SignalKind::Problem, plan, distinct: None, facts }
}
