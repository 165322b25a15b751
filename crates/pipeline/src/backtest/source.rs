//! Where a backtest's messages come from. From: the journal, or lines. To: the two sets.

use mutt_event::{Envelope, MessageId, Timestamp};
use mutt_journal::ReadError;
use serde::Serialize;

/// Gives messages in order, a batch at a time.
pub(super) trait Source: Send {
    /// Hands on the next messages, about `bytes` of them; none if there are no more. After an
    /// error none of them was handed on.
    fn next(&mut self, bytes: usize, judge: &mut dyn FnMut(&Message<'_>)) -> Result<(), ReadError>;

    fn progress(&self) -> Progress;

    /// A time before which no message is.
    fn begins(&self) -> Timestamp;

    /// Messages left out so far, since their sender had sent them before.
    fn repeated(&self) -> u64;

    /// Messages left out so far that failed the checks of SNMP version 3 at their receipt.
    fn unauthenticated(&self) -> u64;

    /// Messages left out so far that were damaged, or trimmed.
    fn unreadable(&self) -> u64;
}

/// A message to judge.
pub(super) struct Message<'a> {
    pub id: MessageId,
    /// The time that correlation runs on.
    pub at: Timestamp,
    pub envelope: Envelope<'a>,
    /// Its number, if it is a line.
    pub line: Option<u64>,
    /// It comes before the first that counts.
    pub warms_up: bool,
}

/// How far a backtest is: positions of the journal, with those that are read back to know
/// repeats, or bytes of lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// So much is done,
    pub done: u64,
    /// of so much.
    pub total: u64,
}

impl Progress {
    /// Whether there is nothing left to do.
    pub fn finished(&self) -> bool {
        self.done >= self.total
    }
}
