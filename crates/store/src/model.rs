//! What the database holds, as values: a change is data, so that several become one transaction.

use mutt_alert::{Alert, Notice};
use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What became of a message at a reader; the parts of the ledger.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Outcome {
    /// Archive: the receiver has it.
    Archived,
    /// Archive: sent, and the protocol knows no answer.
    Unconfirmed,
    /// Archive: not sent back where it came from (NetIM's own traps).
    Withheld,
    /// Archive: skipped, since the operator chose that for a backlog over its limit.
    Skipped,
    /// Passed over: another reader's kind of message.
    Elsewhere,
    /// Judge: a rule owns it and it is told (an alert, or a repeat of one).
    Alerting,
    /// Judge: a rule owns it and it is only logged.
    Logged,
    /// Judge: a rule says that it is noise.
    Suppressed,
    /// Judge: no rule owns it.
    Unhandled,
    /// Judge: a repeat by its sender of what was stored before.
    Repeated,
    /// Gone before this reader read it: damaged or trimmed.
    Lost,
}

impl Outcome {
    /// All of them; index is the number.
    pub const ALL: [Outcome; 11] = [
        Outcome::Archived,
        Outcome::Unconfirmed,
        Outcome::Withheld,
        Outcome::Skipped,
        Outcome::Elsewhere,
        Outcome::Alerting,
        Outcome::Logged,
        Outcome::Suppressed,
        Outcome::Unhandled,
        Outcome::Repeated,
        Outcome::Lost,
    ];

    /// The name in metrics and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Archived => "archived",
            Outcome::Unconfirmed => "unconfirmed",
            Outcome::Withheld => "withheld",
            Outcome::Skipped => "skipped",
            Outcome::Elsewhere => "elsewhere",
            Outcome::Alerting => "alerting",
            Outcome::Logged => "logged",
            Outcome::Suppressed => "suppressed",
            Outcome::Unhandled => "unhandled",
            Outcome::Repeated => "repeated",
            Outcome::Lost => "lost",
        }
    }
}

/// How many messages had each outcome at a reader, since the journal began.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts([u64; Outcome::ALL.len()]);

impl Counts {
    /// Adds `n` messages of this outcome.
    pub fn add(&mut self, outcome: Outcome, n: u64) {
        self.0[outcome as usize] += n;
    }

    /// The number of messages of this outcome.
    pub fn get(&self, outcome: Outcome) -> u64 {
        self.0[outcome as usize]
    }

    /// The sum over all outcomes.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Counts) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    /// Each outcome with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Outcome, u64)> {
        Outcome::ALL.into_iter().zip(self.0)
    }
}

/// How far a reader has come in one partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cursor {
    /// The reader's name: `judge`, `archive/syslog`, …
    pub reader: String,
    /// The partition.
    pub partition: u16,
    /// The journal that the position belongs to.
    pub journal: String,
    /// Raised with each new owner.
    pub epoch: u64,
    /// The first journal position that is not done.
    pub position: u64,
    /// What became of the messages before it.
    pub counts: Counts,
}

/// A cursor's step forward; refused unless the cursor is where `from` says, in this epoch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CursorMove {
    /// The reader's name.
    pub reader: String,
    /// The partition.
    pub partition: u16,
    /// The epoch that the worker claimed.
    pub epoch: u64,
    /// Where the cursor must be.
    pub from: u64,
    /// Where it will be.
    pub to: u64,
    /// The counts it will have.
    pub counts: Counts,
}

/// Whose change goes first when several wait.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Urgency {
    /// A person waits for it.
    Person,
    /// A worker's step.
    #[default]
    Worker,
}

/// What one step makes true, in one transaction.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Change {
    /// Whose it is.
    pub urgency: Urgency,
    /// Cursors that move.
    pub cursors: Vec<CursorMove>,
    /// Alerts as they are now; inserted or replaced by id.
    pub alerts: Vec<Alert>,
    /// New notices, each with the destinations that have to be told; one known already is left
    /// as it is.
    pub notices: Vec<(Notice, Vec<String>)>,
    /// What became of deliveries.
    pub delivered: Vec<Delivered>,
}

impl Change {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.cursors.is_empty()
            && self.alerts.is_empty()
            && self.notices.is_empty()
            && self.delivered.is_empty()
    }
}

/// Where a delivery stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent.
    Waiting,
    /// The destination has it.
    Delivered,
    /// The destination refused it for good; kept with the answer.
    Dead,
}

impl DeliveryState {
    /// The name in metrics and in the database.
    pub fn name(self) -> &'static str {
        match self {
            DeliveryState::Waiting => "waiting",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Dead => "dead",
        }
    }
}

/// One notice for one destination.
#[derive(Clone, PartialEq, Debug)]
pub struct Delivery {
    /// The order of making, over all destinations.
    pub number: i64,
    /// The destination's name.
    pub destination: String,
    /// The notice.
    pub notice: Notice,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// The destination's last answer, or the last error.
    pub answer: Option<String>,
}

/// What became of a delivery.
#[derive(Clone, PartialEq, Debug)]
pub struct Delivered {
    /// The delivery's number.
    pub number: i64,
    /// Where it stands now.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// The answer or the error.
    pub answer: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A destination's queue in short.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Queue {
    /// The destination's name.
    pub destination: String,
    /// Length by state.
    pub lengths: Vec<QueueLength>,
    /// When the oldest that waits was made.
    pub oldest_waiting: Option<Timestamp>,
}

/// How many deliveries are in a state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueueLength {
    /// The state.
    pub state: DeliveryState,
    /// How many.
    pub count: u64,
}

/// The database did not do it; nothing of the change is true.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StoreError {
    /// Another worker owns the cursor, or it moved.
    #[error("cursor `{reader}` of partition {partition} is owned by another worker or has moved")]
    Fenced {
        /// The reader's name.
        reader: String,
        /// The partition.
        partition: u16,
    },
    /// The cursors belong to another journal.
    #[error(
        "the database's cursors belong to journal {expected}, but the journal here is {found}: \
         put the right journal folder back, or start with an empty database"
    )]
    OtherJournal {
        /// The journal that the cursors know.
        expected: String,
        /// The journal that was opened.
        found: String,
    },
    /// No room on its disk.
    #[error("database full: {0}")]
    Full(String),
    /// It cannot be reached or does not answer; the step may be tried again.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// What it holds cannot be read.
    #[error("database damaged or of another version: {0}")]
    Damaged(String),
}
