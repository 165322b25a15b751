//! The rules in force change, and people decide: what follows for alerts and for what is
//! remembered. From: the catalog, the API. To: the correlator.

use std::sync::Arc;

use mutt_event::Timestamp;
use mutt_rules::{Expectation, Plan};

use crate::correlator::Why;
use crate::track::{Track, has_shape, parts};
use crate::{
    AlertState, Correlator, Decided, Decision, Ending, Moment, Silences, StormLimits, What,
};

impl Correlator {
    /// Goes by these rules from `at` on: what was due until then happens first; alerts of rules
    /// that are gone, or tell their alerts apart otherwise now, end; what is remembered of them is
    /// forgotten; who is expected is watched; what is silenced otherwise now is looked at again.
    pub fn follow(
        &mut self,
        plans: impl IntoIterator<Item = Arc<Plan>>,
        expected: &[Expectation],
        storms: StormLimits,
        silences: &Arc<Silences>,
        at: Timestamp,
    ) {
        self.plans = plans.into_iter().map(|plan| (plan.rule_id.clone(), plan)).collect();
        self.storms = storms;
        self.hush_again(silences);
        self.watch_again();
        self.tick(at);
        self.hush(silences);
        self.end_of_gone_rules(at);
        self.forget_gone_rules();
        self.expect(expected, at);
        self.settle_all();
    }

    fn end_of_gone_rules(&mut self, at: Timestamp) {
        let mut gone: Vec<(String, Ending)> = Vec::new();
        for alert in self.live.alerts().filter(|alert| alert.state.is_open()) {
            // MUTT's own alerts go by no plan.
            if alert.rule.shape.is_empty() {
                continue;
            }
            match self.plans.get(&alert.rule.id) {
                None => gone.push((alert.signature.clone(), Ending::RuleGone)),
                Some(plan) if plan.shape != alert.rule.shape => {
                    gone.push((alert.signature.clone(), Ending::RuleKeyed));
                }
                Some(_) => {}
            }
        }
        gone.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (signature, ending) in gone {
            self.end_open(&signature, ending, Why::time(at));
        }
    }

    fn forget_gone_rules(&mut self) {
        let is_gone = |key: &str, track: &Track| {
            let Some((rule, subject)) = parts(key).filter(|(rule, _)| !rule.is_empty()) else {
                return false;
            };
            let plan = self.plans.get(rule);
            let goes_by = |is_so: fn(&Plan) -> bool| {
                plan.is_some_and(|plan| is_so(plan) && has_shape(subject, plan))
            };
            !match track {
                Track::Window { .. } => goes_by(|plan| plan.count.is_some()),
                Track::Sequence { .. } => goes_by(|plan| plan.sequence.is_some()),
                Track::EarlyClear { .. } => goes_by(|plan| !plan.early_clear.is_zero()),
                Track::Watched(watched) => {
                    plan.is_some_and(|plan| plan.absent.is_some() && plan.shape == watched.shape)
                }
                Track::Flaps { .. } | Track::Valve { .. } | Track::Hushed { .. } => plan.is_some(),
            }
        };
        for key in self.tracks.names(is_gone) {
            self.tracks.remove(&key);
        }
    }

    /// Ends an alert if it is open.
    pub(crate) fn end_open(&mut self, signature: &str, ending: Ending, why: Why) {
        if !self.is_open(signature) {
            return;
        }
        if let Some((signature, held)) = self.take_out(signature) {
            self.end(signature, held, ending, why);
        }
    }

    /// Does what somebody decided; answers whether the alert is live and open.
    pub fn decide(&mut self, decided: Decided, at: Timestamp) -> bool {
        let Decided { signature, alert_id, who, decision, .. } = decided;
        let is_it = |id: &str| id == alert_id;
        if !self.live.get(&signature).is_some_and(|a| is_it(&a.id) && a.state.is_open()) {
            // What is over can still be spoken of.
            if matches!(decision, Decision::Comment { .. }) {
                self.moments.push(Moment { alert_id, at, what: What::Decided { who, decision } });
            }
            return false;
        }
        let Some((signature, mut held)) = self.take_out(&signature) else { return false };
        let alert = &mut held.alert;
        let mut ending = None;
        match &decision {
            Decision::Acknowledge => {
                alert.state = AlertState::Acknowledged;
                alert.acknowledged_by = Some(who.clone());
            }
            Decision::Take => {
                alert.state = AlertState::Acknowledged;
                alert.acknowledged_by.get_or_insert_with(|| who.clone());
                alert.taken_by = Some(who.clone());
            }
            Decision::Ticket { ticket } => alert.ticket = Some(ticket.clone()),
            Decision::Close { why } => {
                ending = Some(Ending::Hand { who: who.clone(), why: why.clone() });
            }
            Decision::Comment { .. } => {}
        }
        self.note_always(&mut held.alert, at, What::Decided { who, decision });
        match ending {
            None => self.put_back(signature, held),
            Some(ending) => {
                let rule = held.alert.rule.id.clone();
                self.end(signature.clone(), held, ending, Why::time(at));
                self.absence_is_closed(&rule, &signature, at);
            }
        }
        self.settle_all();
        true
    }

    /// A storm's alert ends: who closes it wants to know of each that it stood for. The next storm
    /// of its name is another one.
    pub(crate) fn release_storm(&mut self, alert: &crate::Alert, signature: &Arc<str>) {
        if alert.storm_of.is_none() {
            return;
        }
        for child in self.family.of_storm(signature) {
            let Some((child, mut held)) = self.take_out(&child) else { continue };
            held.alert.storm = None;
            self.put_back(child.clone(), held);
            self.review.insert(child);
        }
    }
}
