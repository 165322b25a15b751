//! What the database holds, as values: a change is data, so that several become one transaction.

use std::collections::HashSet;

use mutt_alert::{Alert, Decided, Moment, Notice, TrackChange};
use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{AuditEntry, Counts, LeaseRef, PatternChange, Replay, SignalChange, Tally};

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
    /// No message of the partition that is still to be done is older than this.
    pub time: Timestamp,
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
    /// Where it will be; the same if only its time moves.
    pub to: u64,
    /// No message of the partition that is still to be done is older than this.
    pub time: Timestamp,
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
    /// Cursors that move, each at most once.
    pub cursors: Vec<CursorMove>,
    /// Alerts as they are now; inserted or replaced by id.
    pub alerts: Vec<Alert>,
    /// New notices, each with the destinations that have to be told; one known already is left
    /// as it is.
    pub notices: Vec<(Notice, Vec<String>)>,
    /// What became of deliveries.
    pub delivered: Vec<Delivered>,
    /// Dead letters that are to be sent again.
    pub replay: Replay,
    /// What is remembered beside alerts.
    pub tracks: Vec<TrackChange>,
    /// What happened to alerts, in order.
    pub moments: Vec<Moment>,
    /// How much numbers by the hour grow.
    pub tallies: Vec<Tally>,
    /// What somebody decided, to be done.
    pub decide: Vec<Decided>,
    /// The numbers of decisions that are done.
    pub decided: Vec<i64>,
    /// What becomes of patterns.
    pub patterns: PatternChange,
    /// What the correlator is told, and what of it is done.
    pub signals: SignalChange,
    /// What the audit says of it.
    pub audit: Vec<AuditEntry>,
    /// The lease that it is done under: refused once another epoch of it has begun. That its time
    /// is over refuses nothing.
    pub lease: Option<LeaseRef>,
}

impl Change {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.cursors.is_empty()
            && self.alerts.is_empty()
            && self.notices.is_empty()
            && self.delivered.is_empty()
            && self.replay.numbers.is_empty()
            && self.tracks.is_empty()
            && self.moments.is_empty()
            && self.tallies.is_empty()
            && self.decide.is_empty()
            && self.decided.is_empty()
            && self.patterns.is_empty()
            && self.signals.is_empty()
            && self.audit.is_empty()
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
    /// Never sent: the destination was away, and a later notice of the alert says all of it.
    Superseded,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [DeliveryState; 4] = [
        DeliveryState::Waiting,
        DeliveryState::Delivered,
        DeliveryState::Dead,
        DeliveryState::Superseded,
    ];

    /// The name in metrics and in the database.
    pub fn name(self) -> &'static str {
        match self {
            DeliveryState::Waiting => "waiting",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Dead => "dead",
            DeliveryState::Superseded => "superseded",
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
    /// When it came to the state that it is in; none: it waits.
    pub done_at: Option<Timestamp>,
    /// How often it was put back from the dead letters.
    pub replays: u32,
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
    /// Length by state, each state once.
    pub lengths: Vec<QueueLength>,
    /// When the oldest that waits was made.
    pub oldest_waiting: Option<Timestamp>,
}

impl Queue {
    pub(crate) fn empty(destination: String) -> Self {
        let lengths = DeliveryState::ALL.map(|state| QueueLength { state, count: 0 });
        Self { destination, lengths: lengths.to_vec(), oldest_waiting: None }
    }

    /// Adds deliveries; called in the order of their numbers.
    pub(crate) fn add(&mut self, state: DeliveryState, count: u64, oldest: Timestamp) {
        for length in self.lengths.iter_mut().filter(|length| length.state == state) {
            length.count += count;
        }
        if state == DeliveryState::Waiting {
            self.oldest_waiting.get_or_insert(oldest);
        }
    }
}

/// How many deliveries are in a state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueueLength {
    /// The state.
    pub state: DeliveryState,
    /// How many.
    pub count: u64,
}

/// What is older than these is deleted, each by when it was done or ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keep {
    /// Deliveries that their destination has, or that a later one made needless.
    pub delivered: Timestamp,
    /// Dead letters.
    pub dead: Timestamp,
    /// Alerts that a clear ended.
    pub cleared: Timestamp,
    /// Alerts that ended otherwise.
    pub closed: Timestamp,
    /// Numbers by the hour.
    pub tallies: Timestamp,
}

impl Keep {
    /// All of them alike, but no dead letter is deleted.
    pub fn since(at: Timestamp) -> Self {
        Self { delivered: at, dead: Timestamp::ZERO, cleared: at, closed: at, tallies: at }
    }
}

/// How many rows one call of [`crate::Database::prune`] deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pruned {
    /// Deliveries.
    pub deliveries: u64,
    /// Notices that no delivery refers to any more.
    pub notices: u64,
    /// Ended alerts that no notice refers to any more.
    pub alerts: u64,
    /// Numbers by the hour.
    pub tallies: u64,
}

impl Pruned {
    /// All of them; when it is 0 there is nothing more to delete.
    pub fn total(&self) -> u64 {
        self.deliveries + self.notices + self.alerts + self.tallies
    }
}

/// The database did not do it; but for [`StoreError::Unavailable`], nothing of the change is true.
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
    /// Another has taken the lease since.
    #[error("lease `{lease}` was taken by another worker")]
    Superseded {
        /// The lease's name.
        lease: String,
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
    /// Somebody else changed the catalog meanwhile.
    #[error(
        "the catalog is at revision {head}, not at {base}: read it again and repeat the change"
    )]
    Outdated {
        /// What the editor saw.
        base: u64,
        /// What is the last.
        head: u64,
    },
    /// There is no such revision.
    #[error("there is no revision {0}")]
    NoRevision(u64),
    /// An edit of the catalog that no database takes.
    #[error("the edit does not fit: {0}")]
    Unfit(String),
    /// No room on its disk.
    #[error("database full: {0}")]
    Full(String),
    /// It cannot be reached, or did not answer. Where the answer was lost the step may be true:
    /// a worker claims its cursors again and goes on from there.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// What it holds cannot be read.
    #[error("database damaged or of another version: {0}")]
    Damaged(String),
}

pub(crate) fn fenced(step: &CursorMove) -> StoreError {
    StoreError::Fenced { reader: step.reader.clone(), partition: step.partition }
}

/// A cursor that one change moves twice; that can only be a mistake, and is fenced off.
pub(crate) fn moved_twice(moves: &[CursorMove]) -> Option<&CursorMove> {
    let mut seen = HashSet::with_capacity(moves.len());
    moves.iter().find(|step| !seen.insert((step.reader.as_str(), step.partition)))
}

/// Each name once; one notice goes to a destination once, whoever lists it twice.
pub(crate) fn distinct(names: &[String]) -> impl Iterator<Item = &str> {
    let first = |(n, name): &(usize, &String)| !names[..*n].contains(name);
    names.iter().enumerate().filter(first).map(|(_, name)| name.as_str())
}
