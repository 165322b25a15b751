//! Who was not seen for too long in the model. From: what is seen and who is expected. To: alerts
//! that begin when they are missed.

use std::sync::Arc;

use mutt_event::{MessageId, Timestamp};
use mutt_rules::{AlertSeverity, Expectation, Handling, Plan};

use super::{Reference, kinds};
use crate::{Ending, Facts, Signal, SignalKind};

/// Somebody who is to be seen.
#[derive(Debug)]
pub(super) struct Watch {
    pub name: String,
    pub plan: Arc<Plan>,
    /// What an alert of it would say.
    facts: Facts,
    is_expected: bool,
    is_seen: bool,
    /// From when it is waited for.
    last: Timestamp,
    is_missed: bool,
}

impl Reference {
    /// Somebody was seen.
    pub(super) fn seen(&mut self, signal: &Signal) {
        let name = kinds::name(&signal.plan, &signal.facts);
        if signal.kind != SignalKind::Problem {
            return;
        }
        let before = self.watches.iter().position(|watch| watch.name == name);
        let before = before.map(|i| self.watches.remove(i));
        // What shall happen where somebody is expected, the expectation says.
        let expected = before.filter(|watch| watch.is_expected);
        self.watches.push(Watch {
            name: name.clone(),
            plan: signal.plan.clone(),
            is_expected: expected.is_some(),
            facts: expected.map_or(signal.facts.clone(), |watch| watch.facts),
            is_seen: true,
            last: self.now,
            is_missed: false,
        });
        if let Some(i) = self.open(&name) {
            self.goes(i);
        }
    }

    /// When somebody is missed, unless they are already.
    pub(super) fn absent_at(&self, watch: &Watch) -> Option<Timestamp> {
        let patience = watch.plan.absent.as_ref()?.after?;
        let from = self.up_since.map_or(watch.last, |up| up.max(watch.last));
        (!watch.is_missed).then_some(from.after(patience))
    }

    pub(super) fn miss_the_absent(&mut self) {
        self.watches.sort_by(|one, two| {
            (&one.plan.rule_id, &one.name).cmp(&(&two.plan.rule_id, &two.name))
        });
        for i in 0..self.watches.len() {
            let watch = &self.watches[i];
            if self.absent_at(watch).is_none_or(|due| due > self.now) {
                continue;
            }
            let (name, plan) = (watch.name.clone(), watch.plan.clone());
            let mut facts = watch.facts.clone();
            self.watches[i].is_missed = true;
            if facts.handling == Handling::Suppress {
                continue;
            }
            facts.at = self.now;
            facts.severity = plan.severity.unwrap_or(AlertSeverity::Major);
            facts.object = None;
            self.begin(&name, &plan, &facts, (1, self.now));
            self.settle();
        }
    }

    /// Somebody closed an absence: who is expected has the whole time again, nobody else is
    /// watched any more.
    pub(super) fn absence_is_closed(&mut self, name: &str) {
        self.watches.retain(|watch| watch.name != name || watch.is_expected);
        for watch in self.watches.iter_mut().filter(|watch| watch.name == name) {
            (watch.last, watch.is_missed) = (self.now, false);
        }
    }

    /// These are expected, and nobody else who was not seen.
    pub(super) fn expect(&mut self, expected: &[Expectation]) {
        let plans = &self.plans;
        for watch in &mut self.watches {
            watch.is_expected = false;
            if let Some(plan) = plans.iter().find(|plan| plan.rule_id == watch.plan.rule_id) {
                watch.plan = plan.clone();
            }
        }
        for who in expected {
            let facts = facts(who, self.now);
            let name = kinds::name(&who.plan, &facts);
            match self.watches.iter_mut().find(|watch| watch.name == name) {
                Some(watch) => (watch.is_expected, watch.facts) = (true, facts),
                None => self.watches.push(Watch {
                    name,
                    plan: who.plan.clone(),
                    facts,
                    is_expected: true,
                    is_seen: false,
                    last: self.now,
                    is_missed: false,
                }),
            }
        }
        let is_nobody = |watch: &Watch| !watch.is_expected && !watch.is_seen;
        let gone: Vec<_> =
            self.watches.iter().filter(|watch| is_nobody(watch)).map(|w| w.name.clone()).collect();
        self.watches.retain(|watch| !is_nobody(watch));
        for name in gone {
            if let Some(i) = self.open(&name) {
                self.end(i, Ending::RuleGone);
            }
        }
    }
}

/// What an alert of somebody who is expected would say.
fn facts(who: &Expectation, at: Timestamp) -> Facts {
    let cause = MessageId { appended: at, partition: 0, position: 0 };
    Facts {
        key: who.key.clone(),
        handling: who.handling,
        team: who.team.clone(),
        links: who.links.clone(),
        ..Facts::bare(&who.host, cause, at)
    }
}
