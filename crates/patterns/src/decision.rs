//! What people decide of a pattern. From: the API, by way of the database. To: the worker that
//! holds the miner.

use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{PatternId, State};

/// A decision on its way to the miner.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct PatternDecided {
    /// The pattern, or one that became one with it.
    pub pattern: PatternId,
    /// What it shall be.
    pub state: State,
    /// Who decided.
    pub who: String,
    /// When, by the clock of the one who took it.
    pub at: Timestamp,
}
