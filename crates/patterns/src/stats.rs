//! What a miner did, for metrics.

/// What happened since the miner was made, and how much it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Events seen.
    pub observed: u64,
    /// Events that counted for several, since the load was too high to count each.
    pub sampled: u64,
    /// Events for which another one counted.
    pub skipped: u64,
    /// Events whose masked text was just the same as a late one's.
    pub cached: u64,
    /// Patterns begun.
    pub created: u64,
    /// Patterns that became one with an older one.
    pub merged: u64,
    /// Patterns that made room.
    pub evicted: u64,
    /// Triggers that nobody took in time.
    pub triggers_lost: u64,
    /// Patterns there are.
    pub patterns: usize,
    /// Keys that these have.
    pub keys: usize,
}
