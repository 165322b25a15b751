//! What becomes of messages that no rule wants.

use super::output::OwnHandling;
use crate::config::section::section;
use crate::config::value::choice;

choice! {
    /// How bad something is.
    OwnSeverity {
        /// It hurts many.
        Critical = "critical",
        /// It hurts.
        Major = "major",
        /// It may hurt.
        Minor = "minor",
        /// Somebody should look.
        Warning = "warning",
        /// Nobody knows.
        Indeterminate = "indeterminate",
    }
}

section! {
    /// Messages that no rule wants become patterns. One that is new, surges, or is too many makes one
    /// alert, and no other until somebody handles or ignores it, or threshold_hours are over.
    PatternsSettings {
        /// Whether there are patterns.
        enabled: bool = true;
        /// So many messages of one pattern within threshold_hours are told. 0: never.
        threshold_count: u64 = 100, in 0..=1_000_000_000;
        /// The window of threshold_count and of each pattern's alert, in hours.
        threshold_hours: u64 = 24, in 1..=168;
        /// For so long after the first message no pattern is told as new, in hours: at first all are.
        learning_hours: u64 = 24, in 0..=8_760;
        /// Fewer messages of one pattern in an hour are no surge. 0: surges are never told.
        surge_count_min: u64 = 20, in 0..=1_000_000_000;
        /// A surge is more than so many times the hours before on average (and three standard
        /// deviations more), of at least surge_history_hours.
        surge_factor: u64 = 3, in 1..=1_000;
        /// How long a pattern must be known before it can surge, in hours.
        surge_history_hours: u64 = 24, in 1..=167;
        /// Who is told of patterns of hosts for which the inventory names no team.
        team: String = "mutt".to_owned();
        /// What patterns' alerts ask for: "page_and_ticket", "page_only", "ticket_only", "email_only"
        /// or "log_only". On a first day many patterns pass the threshold.
        handling: OwnHandling = OwnHandling::EmailOnly;
        /// How bad they are: "critical", "major", "minor", "warning" or "indeterminate".
        severity: OwnSeverity = OwnSeverity::Warning;
        /// How long a pattern that is not seen any more, and that nobody decided on, is kept, in days.
        keep_days: u64 = 90, in 1..=3_650;
        /// The most patterns; with more, those seen least recently make room.
        patterns_max: u64 = 20_000, in 100..=1_000_000;
        /// The most patterns of one mnemonic or program.
        key_patterns_max: u64 = 2_000, in 10..=1_000_000;
        /// The most hosts that a pattern knows by name; all others are counted together.
        hosts_max: u64 = 64, in 1..=10_000;
        /// The most sample messages of a pattern.
        samples_max: u64 = 5, in 1..=100;
        /// How many messages a second are all counted; of those above one in sample_every is, for all
        /// of them.
        events_per_second_max: u64 = 50_000, in 1..=10_000_000;
        /// See events_per_second_max.
        sample_every: u64 = 10, in 1..=1_000_000;
    }
}
