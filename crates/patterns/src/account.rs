//! What mining counted since it began, over all restarts. From: the miner. To: the database, beside
//! the patterns, and from there to the miner again.

use std::time::Duration;

use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};

use crate::PatternId;

/// For so long after the last event that another one counted for, sampling goes on.
const SAMPLING_LASTS: Duration = Duration::from_secs(10);

/// What a miner goes on from beside its patterns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Account {
    /// Append time of the first event: learning begins there.
    pub began: Option<Timestamp>,
    /// Events seen.
    pub observed: u64,
    /// Events for which another one counted, since the load was too high.
    pub skipped: u64,
    /// Append time of the last such event.
    pub sampled_at: Option<Timestamp>,
    /// Patterns that made room.
    pub evicted: u64,
}

impl Account {
    /// Whether not every event is counted at this time.
    pub fn is_sampling(&self, now: Timestamp) -> bool {
        self.sampled_at.is_some_and(|at| now.since(at) < SAMPLING_LASTS)
    }
}

/// Why a pattern is not held any more.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Gone {
    /// There were too many, and it was seen least recently.
    MadeRoom,
    /// It was not seen for as long as patterns are kept.
    Old,
    /// It became one with an older one, which has its events now.
    Joined {
        /// That one.
        with: PatternId,
    },
}
