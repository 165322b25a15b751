//! The answer to a batch whose parts are stored by several lanes.
//!
//! From: lanes' writers, each part's place. To: the one who appended the batch, once.

use std::sync::Mutex;

use super::core::locked;
use crate::append::{AppendError, Asker};
use crate::receipt::{Receipt, Run};

/// A batch that is not stored whole yet. Its room in the queue is free again when all parts let go
/// of this.
#[derive(Debug)]
pub(super) struct Ticket(Mutex<Open>);

#[derive(Debug)]
struct Open {
    asker: Asker,
    left: usize,
    runs: Vec<Run>,
}

impl Ticket {
    /// For a batch of so many parts.
    pub fn new(asker: Asker, parts: usize) -> Self {
        Self(Mutex::new(Open { asker, left: parts, runs: Vec::with_capacity(parts) }))
    }

    /// A part is safe.
    pub fn stored(&self, run: Run) {
        let open = &mut *locked(&self.0);
        open.runs.push(run);
        open.left = open.left.saturating_sub(1);
        if open.left == 0 {
            open.asker.answer(Ok(Receipt::apart(std::mem::take(&mut open.runs))));
        }
    }

    /// Whether nobody waits for it any more, since a part of it failed.
    pub fn is_over(&self) -> bool {
        locked(&self.0).asker.is_answered()
    }

    /// A part is not; the first to say so is what is answered. Answers whether this is it.
    pub fn failed(&self, error: AppendError) -> bool {
        let asker = &mut locked(&self.0).asker;
        let first = !asker.is_answered();
        asker.answer(Err(error));
        first
    }
}
