//! What judges and others tell the correlator, as rows. From: a judge of one partition, with its
//! cursor. To: the correlator, which takes them away in the transaction of what it made of them.
//!
//! What a body means only the pipeline knows.

use mutt_event::Timestamp;

/// The most rows of one partition that are read at once.
pub const SIGNAL_ROWS_MAX: u32 = 8;

/// What a judge found in one run of a partition's messages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignalRow {
    /// The partition.
    pub partition: u16,
    /// The first position of the run.
    pub from: u64,
    /// The position after it.
    pub to: u64,
    /// The append time of its last message.
    pub time: Timestamp,
    /// What was found.
    pub body: String,
}

/// What a change does with them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SignalChange {
    /// Rows to keep for the correlator.
    pub found: Vec<SignalRow>,
    /// Partitions, and the position up to which their rows are done.
    pub taken: Vec<(u16, u64)>,
    /// Signals of no message, to keep for the correlator.
    pub post: Vec<String>,
    /// The numbers of those that are done.
    pub posted: Vec<i64>,
}

impl SignalChange {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
            && self.taken.is_empty()
            && self.post.is_empty()
            && self.posted.is_empty()
    }
}
