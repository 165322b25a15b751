//! Sequences: an alert opens when one event is followed by another in time, with or without a
//! third between them; and clears that come before their problem. From and to: the correlator.
//!
//! A sequence runs from the last event that begins it. The alert says what its first event says,
//! and opens when the second comes.

use std::sync::Arc;

use mutt_event::{MessageId, Timestamp};

use crate::live::Held;
use crate::track::{Counted, Kind, Track};
use crate::{AlertState, Correlator, Effect, Ending, Signal, SignalKind, What};

impl Correlator {
    /// The first event came.
    pub(crate) fn sequence_begins(&mut self, signature: &Arc<str>, signal: Signal) -> Effect {
        let Some(sequence) = &signal.plan.sequence else { return Effect::Nothing };
        let key = Kind::Sequence.shaped(&signal.plan, signature);
        let (with, until) = (!sequence.needs_with, signal.facts.at.after(sequence.within));
        self.keep(key.into(), Track::Sequence { first: Box::new(signal.facts), with, until });
        Effect::Waiting
    }

    /// A later event came.
    pub(crate) fn sequence_goes_on(&mut self, signature: Arc<str>, signal: &Signal) -> Effect {
        let key = Kind::Sequence.shaped(&signal.plan, &signature);
        let Some((key, Track::Sequence { first, with, until })) = self.tracks.remove(&key) else {
            return Effect::Nothing;
        };
        match signal.kind {
            SignalKind::Without => return Effect::Broken,
            SignalKind::With => {
                self.keep(key, Track::Sequence { first, with: true, until });
                return Effect::Waiting;
            }
            _ if !with => {
                self.keep(key, Track::Sequence { first, with, until });
                return Effect::Waiting;
            }
            _ => {}
        }
        let counted = |at: Timestamp, id| Counted { at, id, value: None };
        let (begin, end) = (&first, &signal.facts);
        let events = vec![counted(begin.at, begin.cause), counted(end.at, end.cause)];
        let mut facts = *first;
        (facts.at, facts.received, facts.cause) = (end.at, end.received, end.cause);
        facts.raw.clone_from(&end.raw);
        facts.reason = format!("{}; then {}", facts.reason, end.reason);
        let signal = Signal { kind: SignalKind::Problem, facts, ..signal.clone() };
        self.problem(signature, &signal, Some(events))
    }

    /// Remembers a clear of what is not open, where its problem may come just behind it.
    pub(crate) fn remember_early_clear(&mut self, signature: &str, signal: &Signal) -> Effect {
        let (plan, facts) = (&signal.plan, &signal.facts);
        if !plan.early_clear.is_zero() {
            let key = Kind::Early.shaped(plan, signature);
            let until = facts.at.after(plan.early_clear);
            self.keep(key.into(), Track::EarlyClear { id: facts.cause, until });
        }
        Effect::Nothing
    }

    /// The clear that came just before its problem, which ends no other one.
    pub(crate) fn take_early_clear(
        &mut self,
        signature: &str,
        signal: &Signal,
    ) -> Option<MessageId> {
        if signal.plan.early_clear.is_zero() {
            return None;
        }
        match self.tracks.remove(&Kind::Early.shaped(&signal.plan, signature)) {
            Some((_, Track::EarlyClear { id, .. })) => Some(id),
            _ => None,
        }
    }

    /// A problem whose clear came before it is over already, and only kept.
    pub(crate) fn is_over_already(
        &mut self,
        signature: &Arc<str>,
        signal: &Signal,
        made_up_of: Option<Vec<Counted>>,
        clear: MessageId,
    ) -> Effect {
        let (plan, facts) = (&signal.plan, &signal.facts);
        let mut alert = self.new_alert(signature, signal, made_up_of);
        alert.state = AlertState::Cleared;
        alert.cleared_by = Some(clear);
        alert.ending = Some(Ending::Clear);
        alert.ended_at = Some(facts.at);
        let reopens = !plan.reopen_within.is_zero();
        alert.reopens_until = reopens.then(|| facts.at.after(plan.reopen_within));
        self.note(&mut alert, facts.at, What::Ended { ending: Ending::Clear });
        self.totals.cleared += 1;
        let held = Box::new(Held { alert, touched: None });
        if reopens {
            self.put_back(signature.clone(), held);
        } else {
            self.let_go(held);
        }
        Effect::ClearedEarly
    }
}
