//! What alert correlation means, once more and as simply as can be: a slow model to test the real
//! one against. From: signals, ticks and decisions. To: tests and the simulator.
//!
//! It keeps lists of all that happened and looks through them each time. Times never go back. Not
//! modelled: limits of size and evictions, moments, the texts of alerts and notices, the hosts of
//! an alert over several hosts, comments and tickets, rules of absence with `between` times, and
//! who shares a flapping object with other settings than the rest.

mod absence;
mod flaps;
mod hidden;
mod kinds;
mod life;
mod storms;

use std::sync::Arc;

use mutt_event::Timestamp;
use mutt_rules::{AlertSeverity, Expectation, Plan};

use crate::{Alert, AlertState, Decided, Decision, Ending, NoticeKind, Signal, StormLimits};
use absence::Watch;
use flaps::Swing;
pub use hidden::Hidden;
use kinds::Past;
use life::Life;

/// A notice: when, of what kind, and the signature of its alert.
pub type Told = (Timestamp, NoticeKind, String);

/// What is compared of an alert.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// Host, rule and key.
    pub signature: String,
    /// Where it stands.
    pub state: AlertState,
    /// How many events it stands for.
    pub count: u64,
    /// How often it came back.
    pub reopened: u32,
    /// The first event.
    pub first_seen: Timestamp,
    /// The last event.
    pub last_seen: Timestamp,
    /// How bad it is by its last event.
    pub severity: AlertSeverity,
    /// How bad it was.
    pub worst: AlertSeverity,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub ending: Option<Ending>,
    /// How many notices were made of it.
    pub notices: u32,
}

/// What is compared of a real alert.
impl From<&Alert> for Summary {
    fn from(alert: &Alert) -> Self {
        Self {
            signature: alert.signature.clone(),
            state: alert.state,
            count: alert.count,
            reopened: alert.reopened,
            first_seen: alert.first_seen,
            last_seen: alert.last_seen,
            severity: alert.severity,
            worst: alert.worst,
            ended_at: alert.ended_at,
            ending: alert.ending.clone(),
            notices: alert.notices,
        }
    }
}

/// The model.
#[derive(Debug, Default)]
pub struct Reference {
    now: Timestamp,
    plans: Vec<Arc<Plan>>,
    limits: StormLimits,
    up_since: Option<Timestamp>,
    lives: Vec<Life>,
    past: Vec<Past>,
    swings: Vec<Swing>,
    watches: Vec<Watch>,
    hidden: Vec<Hidden>,
    notices: Vec<Notice>,
}

/// A notice, and what the storm valve counts it by.
#[derive(Debug)]
struct Notice {
    at: Timestamp,
    kind: NoticeKind,
    signature: String,
    /// Of an opening: where it counts.
    scopes: Vec<String>,
}

impl Reference {
    /// Nothing happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on these are the rules, these are expected, storms begin there, and this is hidden.
    pub fn follow(
        &mut self,
        plans: impl IntoIterator<Item = Arc<Plan>>,
        expected: &[Expectation],
        limits: StormLimits,
        hidden: &[Hidden],
        at: Timestamp,
    ) {
        self.tick(at);
        self.hidden = hidden.to_vec();
        self.plans = plans.into_iter().collect();
        self.limits = limits;
        self.end_what_has_no_rule();
        self.expect(expected);
        self.settle();
    }

    /// Inputs were down until then: nobody is missed for what was not heard before.
    pub fn resume(&mut self, at: Timestamp) {
        self.up_since = Some(at);
    }

    /// Takes one signal; what is due at its time happens first.
    pub fn apply(&mut self, signal: &Signal) {
        self.tick(signal.facts.at);
        if signal.plan.absent.is_some() {
            self.seen(signal);
        } else if signal.plan.sequence.is_some() {
            self.part(signal);
        } else {
            self.event(signal);
        }
        self.settle();
    }

    /// Does all that is due until then, each at its own time; at the same time what was there
    /// before goes before what is missed.
    pub fn tick(&mut self, until: Timestamp) {
        while let Some(due) = self.next_due().filter(|due| *due <= until) {
            self.now = due;
            self.close_the_quiet();
            self.look_at_storms();
            self.settle();
            self.calm_down();
            self.settle();
            self.miss_the_absent();
        }
        self.now = self.now.max(until);
    }

    /// Somebody does something with an open alert.
    pub fn decide(&mut self, decided: &Decided, at: Timestamp) {
        self.tick(at);
        let Some(i) = self.open(&decided.signature) else { return };
        match &decided.decision {
            Decision::Acknowledge | Decision::Take => {
                self.lives[i].state = AlertState::Acknowledged
            }
            Decision::Close { why } => {
                self.end(i, Ending::Hand { who: decided.who.clone(), why: why.clone() });
                self.absence_is_closed(&decided.signature);
            }
            Decision::Comment { .. } | Decision::Ticket { .. } => {}
        }
        self.settle();
    }

    /// All notices so far.
    pub fn notices(&self) -> Vec<Told> {
        self.notices.iter().map(|told| (told.at, told.kind, told.signature.clone())).collect()
    }

    /// All alerts so far, in the order of their opening.
    pub fn alerts(&self) -> Vec<Summary> {
        self.lives.iter().map(Life::summary).collect()
    }

    /// The first time after now at which anything may happen by itself.
    fn next_due(&self) -> Option<Timestamp> {
        let open = || self.lives.iter().filter(|life| life.is_open());
        let holds = open().map(Life::held_until);
        let closes = open().filter_map(Life::closes_at);
        let looks = open().filter_map(|life| life.next_look(self.now));
        let calms = (0..self.lives.len()).filter_map(|i| self.calm_at(i));
        let absences = self.watches.iter().filter_map(|watch| self.absent_at(watch));
        let hides = self.hidden.iter().flat_map(|hidden| [hidden.start, hidden.end]);
        let all = holds.chain(closes).chain(looks).chain(calms).chain(absences).chain(hides);
        all.filter(|due| *due > self.now).min()
    }
}
