//! Signals as text, on their way through the database to the correlator.
//!
//! From: a judge of one partition, one row for what it found in a run of messages; and whoever has
//! something to say that no message caused. To: the correlator, perhaps in another process, which
//! knows the rules by their ids. Both read the same catalog; what a rule asks for that the
//! correlator does not know any more is left out and counted: its alerts have ended with it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mutt_alert::{DRILL_RULE, Facts, Signal, SignalKind, drill_plan, own_plan};
use mutt_event::Timestamp;
use mutt_rules::Plan;
use mutt_store::StoreError;
use serde::{Deserialize, Serialize};

use crate::Rulebook;

/// A signal without its rule's plan.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Packed {
    kind: SignalKind,
    rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    distinct: Option<String>,
    /// A rule in shadow would want it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_shadow: bool,
    facts: Facts,
}

impl Packed {
    fn new(signal: Signal, is_shadow: bool) -> Self {
        let Signal { kind, plan, distinct, facts } = signal;
        Self { kind, rule: plan.rule_id.clone(), distinct, is_shadow, facts }
    }

    /// When its message was appended.
    pub fn at(&self) -> Timestamp {
        self.facts.at
    }

    /// Its message's position.
    pub fn position(&self) -> u64 {
        self.facts.cause.position
    }

    /// With its rule's plan, and whether that is in shadow; none: the rule is gone.
    pub fn unpack(self, plans: &Plans) -> Option<(Signal, bool)> {
        let known = if self.is_shadow { &plans.shadow } else { &plans.live };
        let (plan, is_shadow) = (Arc::clone(known.get(&self.rule)?), self.is_shadow);
        Some((self.with(plan), is_shadow))
    }

    fn with(self, plan: Arc<Plan>) -> Signal {
        Signal { kind: self.kind, plan, distinct: self.distinct, facts: self.facts }
    }
}

/// What was found in a run of messages, in their order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Run {
    /// What rules want.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<Packed>,
    /// When watched hosts were heard last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heard: Vec<(String, Timestamp)>,
}

impl Run {
    pub fn push(&mut self, signal: Signal) {
        self.signals.push(Packed::new(signal, false));
    }

    pub fn push_shadow(&mut self, signal: Signal) {
        self.signals.push(Packed::new(signal, true));
    }

    pub fn is_empty(&self) -> bool {
        self.signals.is_empty() && self.heard.is_empty()
    }

    /// Whether somebody may wait for it.
    pub fn is_urgent(&self) -> bool {
        self.signals.iter().any(|packed| !packed.is_shadow)
    }

    pub fn write(&self) -> Result<String, StoreError> {
        write(self)
    }

    pub fn read(body: &str) -> Result<Self, StoreError> {
        read(body)
    }
}

type Known = HashMap<String, Arc<Plan>>;

/// The plans of a rulebook, by their rules' ids.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    live: Known,
    shadow: Known,
}

impl Plans {
    pub fn of(rulebook: &Rulebook) -> Self {
        let named = |plan: &Arc<Plan>| (plan.rule_id.clone(), Arc::clone(plan));
        let drill = (DRILL_RULE.to_owned(), Arc::new(drill_plan()));
        Self {
            live: rulebook.rules.plans().map(named).chain([drill]).collect(),
            shadow: rulebook.rules.shadow_plans().map(named).collect(),
        }
    }
}

/// What no message caused.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Post {
    /// One of MUTT's own signals.
    Own {
        packed: Box<Packed>,
        /// The time without a repeat after which its alert closes.
        close_after: Option<Duration>,
    },
    /// A pattern's alert is over.
    PatternIsOver { pattern: String, why: String, at: Timestamp },
}

impl Post {
    pub fn own(signal: Signal) -> Self {
        Self::Own {
            close_after: signal.plan.close_after,
            packed: Box::new(Packed::new(signal, false)),
        }
    }

    pub fn write(&self) -> Result<String, StoreError> {
        write(self)
    }

    pub fn read(body: &str) -> Result<Self, StoreError> {
        read(body)
    }
}

/// One of MUTT's own signals as it was.
pub(crate) fn own(packed: Packed, close_after: Option<Duration>) -> Signal {
    let plan = own_plan(&packed.rule, close_after);
    packed.with(Arc::new(plan))
}

/// A process's own signals, as what a change posts to the correlator.
///
/// # Errors
/// A signal that no JSON can hold; there is none that is made here.
pub fn post(signals: impl IntoIterator<Item = Signal>) -> Result<Vec<String>, StoreError> {
    signals.into_iter().map(|signal| Post::own(signal).write()).collect()
}

fn write<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Damaged(error.to_string()))
}

fn read<T: for<'a> Deserialize<'a>>(body: &str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|error| StoreError::Damaged(format!("signals: {error}")))
}
