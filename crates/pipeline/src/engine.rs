//! The engine: what it means to judge one message. One code for the judge, which works in earnest,
//! and for the backtest, which only tries.
//!
//! From: a parsed message and a rulebook. To: its outcome, and the correlator, which makes alerts
//! of what rules want.
//!
//! Two parts, so that who compares rulebooks sees the verdicts between them: [`Engine::judge`]
//! finds the host's place and asks the rules, [`Engine::apply`] lets it have its effect.

use mutt_alert::Correlator;
use mutt_event::{Event, Timestamp};
use mutt_rules::{Inventory, Located, RuleSet, Scratch, Verdict};
use mutt_store::Outcome;

mod signals;

pub(crate) use signals::text;

/// What judging goes by, swapped as one.
#[derive(Debug)]
pub struct Rulebook {
    /// The rules.
    pub rules: RuleSet,
    /// What is known of hosts, and which of them are development.
    pub inventory: Inventory,
    /// Alerts are written, but nobody is told: notices made meanwhile go to no destination.
    pub observe: bool,
    /// The catalog's revision that it was made from; 0: from none.
    pub revision: u64,
}

/// Judges messages, one after the other.
pub(crate) struct Engine {
    /// Where alerts come from.
    pub correlator: Correlator,
    scratch: Scratch,
    text_bytes_max: usize,
}

/// What the rules say of a message.
pub(crate) struct Judged<'r> {
    /// Their verdict.
    pub verdict: Verdict,
    /// What is known of the message's host.
    located: Located<'r>,
}

impl Engine {
    /// Goes on from this correlator's alerts; a new one keeps so many bytes of its message's text.
    pub fn new(correlator: Correlator, text_bytes_max: usize) -> Self {
        Self { correlator, scratch: Scratch::default(), text_bytes_max }
    }

    /// What the rules say of a message; nothing comes of it yet.
    pub fn judge<'r>(&mut self, rulebook: &'r Rulebook, event: &Event<'_>) -> Judged<'r> {
        let located = rulebook.inventory.locate(event.host, event.peer.map(|peer| peer.ip()));
        let verdict = rulebook.rules.judge(event, located, &mut self.scratch);
        Judged { verdict, located }
    }

    /// Shows the correlator what the rules want of the message, appended at `at`; answers what
    /// became of it.
    pub fn apply(&mut self, judged: Judged<'_>, event: &Event<'_>, at: Timestamp) -> Outcome {
        let Judged { verdict, located } = judged;
        if verdict.is_nothing() {
            return Outcome::Unhandled;
        }
        let outcome = signals::outcome(&verdict);
        for signal in signals::of(verdict, event, &located, at, self.text_bytes_max) {
            self.correlator.apply(signal);
        }
        outcome
    }
}
