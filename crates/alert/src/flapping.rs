//! Damping: what begins and ends again and again is one alert that says so, and how it ended.
//! From and to: the correlator.
//!
//! As routers dampen routes: each time that a problem begins or ends adds 1 to a penalty, which
//! halves in every half-life. Above one limit it flaps, below another it is calm. Rules that name
//! the same object share its penalty: the alert that crossed the limit tells, the others are
//! quiet until it is calm.

use std::sync::Arc;
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_rules::{Flapping, Plan};

use crate::correlator::Why;
use crate::quiet::Flap;
use crate::track::{Kind, Track};
use crate::{Alert, Correlator, Ending, Quiet, What};

/// The penalty of one change.
const CHANGE_MICROS: u64 = 1_000_000;

/// Below this much a penalty is forgotten.
const FORGET_MICROS: u64 = CHANGE_MICROS / 4;

/// A penalty grows to this many times the limit: however wild, it is calm after a few half-lives.
const CAP: u64 = 4;

/// What flaps: the object that the rule names, else the alert itself.
fn object<'a>(signature: &'a str, alert: &'a Alert) -> &'a str {
    alert.object.as_deref().unwrap_or(signature)
}

/// A penalty after some time. Rounded, so that it is the same number when read back from a text.
fn decayed(penalty_micros: u64, time: Duration, half_life: Duration) -> u64 {
    let halves = time.as_secs_f64() / half_life.as_secs_f64();
    (penalty_micros as f64 * (-halves).exp2()).round() as u64
}

/// How long a penalty takes to fall to another.
fn time_to(penalty_micros: u64, to_micros: u64, half_life: Duration) -> Duration {
    if penalty_micros <= to_micros {
        return Duration::from_micros(1);
    }
    let halves = (penalty_micros as f64 / to_micros as f64).log2();
    Duration::from_micros((half_life.as_micros() as f64 * halves).ceil() as u64 + 1)
}

impl Correlator {
    /// A problem began (`is_there`) or ended; its alert is taken out.
    pub(crate) fn changes_side(
        &mut self,
        signature: &Arc<str>,
        alert: &mut Alert,
        plan: &Plan,
        at: Timestamp,
        is_there: bool,
    ) {
        let Some(flapping) = &plan.flapping else { return };
        let (penalty, told_by) = self.add_penalty(object(signature, alert), flapping, at);
        if let Some(flap) = &mut alert.flapping {
            flap.is_there = is_there;
            flap.changes += 1;
        } else if told_by.is_none() && penalty > micros(flapping.suppress_above) {
            alert.flapping = Some(Flap { since: at, changes: 1, is_there });
            // What flaps is not over because nothing more comes.
            alert.closes_at = None;
            let key = Kind::Flaps.key("", object(signature, alert));
            self.set_told_by(&key, Some(signature.to_string()), penalty, flapping, at);
            self.review_object(alert);
            self.note(alert, at, What::Flapping);
        }
    }

    fn add_penalty(
        &mut self,
        object: &str,
        flapping: &Flapping,
        at: Timestamp,
    ) -> (u64, Option<String>) {
        let key = Kind::Flaps.key("", object);
        let (before, told_by) = match self.tracks.get(&key) {
            Some(Track::Flaps { penalty_micros, at: then, told_by, .. }) => {
                (decayed(*penalty_micros, at.since(*then), flapping.half_life), told_by.clone())
            }
            _ => (0, None),
        };
        let cap = CAP * micros(flapping.suppress_above);
        let penalty = (before + CHANGE_MICROS).min(cap);
        self.set_told_by(&key, told_by.clone(), penalty, flapping, at);
        (penalty, told_by)
    }

    fn set_told_by(
        &mut self,
        key: &str,
        told_by: Option<String>,
        penalty_micros: u64,
        flapping: &Flapping,
        at: Timestamp,
    ) {
        let to = match told_by {
            Some(_) => micros(flapping.release_below),
            None => FORGET_MICROS,
        };
        let due = at.after(time_to(penalty_micros, to, flapping.half_life));
        self.keep(key.into(), Track::Flaps { penalty_micros, at, told_by, due });
    }

    /// Something is calm again, or its penalty is forgotten; its track is taken out.
    pub(crate) fn is_calm(&mut self, key: Arc<str>, told_by: Option<String>, at: Timestamp) {
        let Some(told_by) = told_by else { return };
        let Some((signature, mut held)) = self.take_out(&told_by) else { return };
        let plan = self.plans.get(&held.alert.rule.id).cloned();
        if let Some(flapping) = plan.as_ref().and_then(|plan| plan.flapping.as_ref()) {
            self.set_told_by(&key, None, micros(flapping.release_below), flapping, at);
        }
        self.review_object(&held.alert);
        let is_there = held.alert.flapping.take().is_none_or(|flap| flap.is_there);
        self.note(&mut held.alert, at, What::Calm);
        if is_there {
            let close_after = plan.and_then(|plan| plan.close_after);
            held.alert.closes_at = close_after.map(|after| at.after(after));
            self.settle(&signature, &mut held.alert, Why::time(at));
            self.put_back(signature, held);
        } else {
            self.end(signature, held, Ending::Clear, Why::time(at));
        }
    }

    /// An alert ends while it flaps: another may tell from now on.
    pub(crate) fn stops_flapping(&mut self, signature: &Arc<str>, alert: &mut Alert) {
        if alert.flapping.take().is_none() {
            return;
        }
        let key = Kind::Flaps.key("", object(signature, alert));
        let plan = self.plans.get(&alert.rule.id).cloned();
        if let Some((_, Track::Flaps { penalty_micros, at, .. })) = self.tracks.remove(&key)
            && let Some(flapping) = plan.as_ref().and_then(|plan| plan.flapping.as_ref())
        {
            self.set_told_by(&key, None, penalty_micros, flapping, at);
        }
        self.review_object(alert);
    }

    /// Whether another alert says that what this one is about flaps.
    pub(crate) fn flaps_with(&self, signature: &Arc<str>, alert: &Alert) -> Option<Quiet> {
        let key = Kind::Flaps.key("", alert.object.as_deref()?);
        match self.tracks.get(&key)? {
            Track::Flaps { told_by: Some(told_by), .. } if **told_by != **signature => {
                Some(Quiet::Flapping { told_by: told_by.clone() })
            }
            _ => None,
        }
    }

    fn review_object(&mut self, alert: &Alert) {
        if let Some(object) = &alert.object {
            self.review.extend(self.family.of_object(object));
        }
    }
}

fn micros(limit: u32) -> u64 {
    u64::from(limit) * CHANGE_MICROS
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn halves_in_its_half_life() {
        assert_eq!(decayed(4_000_000, MINUTE, MINUTE), 2_000_000);
        assert_eq!(decayed(4_000_000, 2 * MINUTE, MINUTE), 1_000_000);
        assert_eq!(decayed(4_000_000, Duration::ZERO, MINUTE), 4_000_000);
    }

    #[test]
    fn is_below_the_limit_when_the_time_is_over_and_not_before() {
        for (from, to) in [(6_000_000, 2_000_000), (2_000_001, 2_000_000), (20_000_000, 1_000_000)]
        {
            let time = time_to(from, to, MINUTE);
            assert!(decayed(from, time, MINUTE) <= to, "{from} {to}");
            assert!(decayed(from, time - time / 100, MINUTE) >= to, "{from} {to}");
        }
    }
}
