//! What is on its way: messages sent and not confirmed, and all that stands between them.

use std::collections::VecDeque;

use mutt_event::Timestamp;
use mutt_journal::Position;
use mutt_store::Outcome;

/// One message, or a run of positions that are lost or were left free.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub from: Position,
    /// The position after it.
    pub to: Position,
    pub partition: u16,
    /// Append time.
    pub time: Timestamp,
    /// None: sent, and counted once it is confirmed.
    pub outcome: Option<Outcome>,
    /// A record that was read, or a run of positions without one.
    pub is_record: bool,
}

/// Entries in the journal's order, from the first that is not done.
#[derive(Debug, Default)]
pub(super) struct Flight {
    entries: VecDeque<Entry>,
    /// Sent entries in `entries`.
    sent: usize,
    /// Sent entries that have left since the channel was opened.
    confirmed: u64,
}

impl Flight {
    pub fn push(&mut self, entry: Entry) {
        self.sent += usize::from(entry.outcome.is_none());
        self.entries.push_back(entry);
    }

    /// Takes the front if it is decided, or among the first `confirmed` sent.
    pub fn next_done(&mut self, confirmed: u64) -> Option<Entry> {
        let front = self.entries.front()?;
        if front.outcome.is_none() {
            if self.confirmed >= confirmed {
                return None;
            }
            self.confirmed += 1;
            self.sent -= 1;
        }
        self.entries.pop_front()
    }

    /// How many of those sent have been confirmed.
    pub fn confirmed(&self) -> u64 {
        self.confirmed
    }

    /// Whether something is sent and not confirmed.
    pub fn waits(&self) -> bool {
        self.sent > 0
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
