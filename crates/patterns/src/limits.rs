//! What the miner may keep, and when it tells. From: the settings. To: [`crate::Miner`].

use std::time::Duration;

/// The bounds of a miner, and what makes its triggers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limits {
    /// The most patterns; with more, those seen least recently make room.
    pub patterns_max: usize,
    /// The most patterns of one key; with more, its own make room.
    pub key_patterns_max: usize,
    /// The longest key, in bytes; a longer one is cut.
    pub key_bytes_max: usize,
    /// The most tokens of a message; what is behind them is one wildcard. At most 127.
    pub tokens_max: usize,
    /// How much of a message is looked at, in bytes.
    pub text_bytes_max: usize,
    /// How many masked texts the cache holds.
    pub cache_max: usize,
    /// The most hosts that a pattern knows by name.
    pub hosts_max: usize,
    /// The most teams that a pattern knows by name.
    pub teams_max: usize,
    /// The most sample messages of a pattern.
    pub samples_max: usize,
    /// How much of a sample message is kept, in bytes; at least what is looked at.
    pub sample_bytes_max: usize,
    /// The most ids that a pattern has beside its own; of more, the oldest is forgotten.
    pub aliases_max: usize,
    /// The most triggers that wait to be taken.
    pub waiting_max: usize,
    /// How many events of one second of journal time are all counted.
    pub events_per_second_max: u64,
    /// Of the events above that, one in so many is counted, for all of them.
    pub sample_every: u64,
    /// For so long from the first event on, no pattern is told as new.
    ///
    /// All that a network says is new to an empty miner: without this, the first day would page
    /// once for each kind of message there is.
    pub learning: Duration,
    /// So many events within `threshold_hours` are told; 0: never.
    pub threshold_count: u64,
    /// The window of `threshold_count`: whole hours, the present one included; at most 168.
    pub threshold_hours: u32,
    /// Fewer events an hour are no surge; 0: surges are never told.
    pub surge_count_min: u64,
    /// A surge is more than this times the hours before on average, plus `surge_deviations`.
    pub surge_factor: f64,
    /// How many standard deviations of the hours before are added.
    pub surge_deviations: f64,
    /// So many hours a pattern must be known before it can surge.
    pub surge_history_hours: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            patterns_max: 20_000,
            key_patterns_max: 2_000,
            key_bytes_max: 128,
            tokens_max: 100,
            text_bytes_max: 1_024,
            cache_max: 32_768,
            hosts_max: 64,
            teams_max: 16,
            samples_max: 5,
            sample_bytes_max: 1_024,
            aliases_max: 1_000,
            waiting_max: 10_000,
            events_per_second_max: 50_000,
            sample_every: 10,
            learning: Duration::from_secs(24 * 3600),
            threshold_count: 100,
            threshold_hours: 24,
            surge_count_min: 20,
            surge_factor: 3.0,
            surge_deviations: 3.0,
            surge_history_hours: 24,
        }
    }
}

impl Limits {
    /// The same within what the miner can do at all.
    pub(crate) fn possible(self) -> Self {
        // A word's place in the text is 32 bits.
        let text_bytes_max = self.text_bytes_max.clamp(1, 1 << 20);
        Self {
            patterns_max: self.patterns_max.max(1),
            key_patterns_max: self.key_patterns_max.max(1),
            tokens_max: self.tokens_max.clamp(1, 127),
            text_bytes_max,
            sample_bytes_max: self.sample_bytes_max.max(text_bytes_max),
            cache_max: self.cache_max.max(1),
            sample_every: self.sample_every.max(1),
            ..self
        }
    }
}
