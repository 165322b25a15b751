//! Rules that count: an alert opens with so many events, or so many different values, within a
//! sliding window. From and to: the correlator.
//!
//! Both edges of the window count: the first and the last event are at most `within` apart. While
//! the alert is open each event is one of its own; a clear empties the window.

use std::sync::Arc;

use crate::track::{Counted, Kind, Track};
use crate::{Correlator, Effect, Signal};

impl Correlator {
    /// Counts an event of a rule whose alert is not open.
    pub(crate) fn counted(&mut self, signature: Arc<str>, signal: &Signal) -> Effect {
        let (plan, facts) = (&signal.plan, &signal.facts);
        let Some(count) = &plan.count else { return Effect::Nothing };
        let key = Kind::Count.shaped(plan, &signature);
        let mut events = match self.tracks.remove(&key) {
            Some((_, Track::Window { events, .. })) => events,
            _ => Vec::new(),
        };
        events.retain(|event| facts.at.since(event.at) <= count.within);
        let value = match &signal.distinct {
            Some(value) => Some(value.as_str().into()),
            None => plan.across_hosts.then(|| facts.host.as_str().into()),
        };
        if signal.distinct.is_some() {
            events.retain(|event| event.value != value);
        }
        events.push(Counted { at: facts.at, id: facts.cause, value });
        if events.len() >= count.at_least as usize {
            return self.problem(signature, signal, Some(events));
        }
        let effect = Effect::BelowThreshold { have: events.len() as u32, need: count.at_least };
        let until = facts.at.after(count.within);
        self.keep(key.into(), Track::Window { events, until });
        effect
    }
}
