//! Drills: marked messages that go the whole way, so that people see that it is open. From: what is
//! open of them, and a message's words. To: the engine, which makes an alert of one.
//!
//! Nothing is remembered: a message is a drill's if it names one that was open when it was stored.
//! So it is judged alike by everybody and at any time, and who makes an id up, or uses one again
//! later, has a message like any other.

use std::time::Duration;

use mutt_event::{Event, Timestamp};
use mutt_rules::Plan;

use crate::own_plan;

/// The rule of drills' alerts.
pub const DRILL_RULE: &str = "mutt/drill";

/// What a drill's message has as APP-NAME.
pub const DRILL_APP: &str = "mutt-drill";

/// After this the alert of a drill is over, which is told.
pub const DRILL_LASTS: Duration = Duration::from_secs(10);

/// A drill.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drill {
    /// Its id: random, so that nobody guesses it.
    pub id: String,
    /// Who is told.
    pub team: String,
    /// When it was made.
    pub from: Timestamp,
    /// A message that is stored then or later is none of it.
    pub until: Timestamp,
}

/// The drills that are known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drills(Vec<Drill>);

impl Drills {
    /// Of these.
    pub fn new(all: Vec<Drill>) -> Self {
        Self(all)
    }

    /// The drill whose message this is.
    #[inline]
    pub fn of(&self, event: &Event<'_>) -> Option<&Drill> {
        if self.0.is_empty() || event.app.as_deref() != Some(DRILL_APP.as_bytes()) {
            return None;
        }
        self.named(&event.message, event.id.appended)
    }

    /// The drill that was open then and that a message names.
    fn named(&self, message: &[u8], at: Timestamp) -> Option<&Drill> {
        let is_open = |drill: &&Drill| drill.from <= at && at < drill.until;
        let names = |drill: &&Drill| {
            let mut words = message.split(|byte| !byte.is_ascii_alphanumeric());
            words.any(|word| word == drill.id.as_bytes())
        };
        self.0.iter().filter(is_open).find(names)
    }
}

/// What is said in a drill's message, and of its alert.
pub fn drill_words(id: &str) -> String {
    format!("Drill {id}: a test of MUTT, nothing to do")
}

/// The plan of drills' alerts.
pub fn drill_plan() -> Plan {
    own_plan(DRILL_RULE, Some(DRILL_LASTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn a_message_is_a_drills_while_that_is_open_and_if_it_names_it() {
        let drill =
            Drill { id: "k3".to_owned(), team: "noc".to_owned(), from: at(10), until: at(20) };
        let drills = Drills::new(vec![drill]);
        let is = |words: &str, seconds| drills.named(words.as_bytes(), at(seconds)).is_some();
        assert!(is(&drill_words("k3"), 10) && is("k3", 19));
        assert!(!is(&drill_words("k3"), 9) && !is(&drill_words("k3"), 20));
        assert!(!is(&drill_words("k33"), 15) && !is("", 15));
        assert!(!Drills::default().0.iter().any(|_| true));
    }
}
