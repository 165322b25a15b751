//! How the last requests to each destination went, in words and times, for people. From: the deliverer,
//! after each answer. To: the report that a process makes of itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mutt_event::Timestamp;

use crate::{Answer, Gate, GateState};

/// How a destination's last requests went.
#[derive(Clone, PartialEq, Debug)]
pub struct Asked {
    /// Where the breaker stands.
    pub state: GateState,
    /// Failures in a row.
    pub failures: u32,
    /// Nothing goes before that.
    pub not_before: Timestamp,
    /// When the last answer came, or did not.
    pub at: Timestamp,
    /// What it was, in words.
    pub answer: String,
    /// When the destination last took something.
    pub taken_at: Option<Timestamp>,
    /// The last failure or refusal, and when.
    pub error: Option<(Timestamp, String)>,
}

/// What an archive's channel did since the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChannelFigures {
    /// Whether it is open.
    pub open: bool,
    /// Messages handed to the system.
    pub sent: u64,
    /// Messages that the receiver has.
    pub confirmed: u64,
    /// Bytes that the receiver has.
    pub confirmed_bytes: u64,
    /// Times that it was lost or not to be had.
    pub errors: u64,
}

/// Of all destinations, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts(Arc<Mutex<BTreeMap<String, Asked>>>);

impl Facts {
    pub(crate) fn asked(&self, name: &str, now: Timestamp, gate: &Gate, answer: &Answer) {
        let mut all = self.lock();
        let before = all.get(name);
        let (words, is_taken) = match answer {
            Answer::Taken => ("taken".to_owned(), true),
            Answer::Refused { why } => (format!("refused: {why}"), false),
            Answer::Again { why, .. } => (format!("not taken now: {why}"), false),
            Answer::Forbidden { why } => (format!("not let in: {why}"), false),
        };
        let taken_at = before.and_then(|asked| asked.taken_at);
        let error = before.and_then(|asked| asked.error.clone());
        let asked = Asked {
            state: gate.state(),
            failures: gate.failures(),
            not_before: gate.ready_at(now),
            at: now,
            taken_at: if is_taken { Some(now) } else { taken_at },
            error: if is_taken { error } else { Some((now, words.clone())) },
            answer: words,
        };
        all.insert(name.to_owned(), asked);
    }

    pub(crate) fn all(&self) -> BTreeMap<String, Asked> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Asked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GateSettings;

    #[test]
    fn the_last_success_and_the_last_error_stay_known() {
        let (facts, mut gate) = (Facts::default(), Gate::new(GateSettings::default()));
        let at = Timestamp::from_millis;
        for (ms, answer) in [
            (1_000, Answer::Again { after: None, why: "HTTP 503".to_owned() }),
            (2_000, Answer::Taken),
            (3_000, Answer::Forbidden { why: "HTTP 401".to_owned() }),
        ] {
            gate.take(at(ms), 1);
            gate.record(at(ms), &answer);
            facts.asked("moogsoft", at(ms), &gate, &answer);
        }
        let asked = facts.all().remove("moogsoft").unwrap();
        assert_eq!(
            (asked.state, asked.at, asked.taken_at),
            (GateState::Paused, at(3_000), Some(at(2_000)))
        );
        assert_eq!(asked.error, Some((at(3_000), "not let in: HTTP 401".to_owned())));
        assert_eq!(asked.not_before, at(63_000));
    }
}
