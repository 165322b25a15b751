//! What a rule set may cost at most.

use std::time::Duration;

/// The limits of a rule set; more is a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The most rules in a set.
    pub rules_max: usize,
    /// The most memory that one compiled regular expression may take, in bytes.
    pub regex_bytes_max: usize,
    /// The most conditions without an anchor, which are tried on every event.
    pub unanchored_max: usize,
    /// The most conditions nested in each other.
    pub depth_max: usize,
    /// The longest summary, in bytes; a longer one is cut.
    pub summary_bytes_max: usize,
    /// The longest key, in bytes; a longer one is cut and ends in a hash of the whole.
    pub key_bytes_max: usize,
    /// The most labels of one rule.
    pub labels_max: usize,
    /// The longest value of a label, in bytes; a longer one is cut.
    pub label_bytes_max: usize,
    /// The most events that a rule counts together.
    pub count_max: u32,
    /// The longest time within which events are counted or follow each other, and that an alert
    /// is held or may be opened again.
    pub window_max: Duration,
    /// The longest time that a clear comes before its problem.
    pub early_clear_max: Duration,
    /// The longest silence that is told.
    pub absent_max: Duration,
    /// The most hosts and keys together that one rule expects by name.
    pub expected_max: usize,
    /// The most things that all rules together expect.
    pub expectations_max: usize,
    /// The highest penalty at which flapping begins.
    pub penalty_max: u32,
    /// The longest time in which a penalty halves.
    pub half_life_max: Duration,
    /// The most rules that quiet another one.
    pub parents_max: usize,
    /// The most alerts a minute that a rule may tell one by one.
    pub storm_max: u32,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Limits {
    fn default() -> Self {
        Self {
            rules_max: 50_000,
            regex_bytes_max: 256 * 1024,
            unanchored_max: 64,
            depth_max: 16,
            summary_bytes_max: 512,
            key_bytes_max: 256,
            labels_max: 32,
            label_bytes_max: 256,
            count_max: 1_000,
            window_max: DAY,
            early_clear_max: MINUTE,
            absent_max: DAY.saturating_mul(31),
            expected_max: 10_000,
            expectations_max: 100_000,
            penalty_max: 100,
            half_life_max: HOUR,
            parents_max: 16,
            storm_max: 10_000,
        }
    }
}
