//! Alerts of patterns: messages that no rule wants are new, surge, or are too many. From: the worker
//! that counts them, as signals like all others. To: the correlator, which opens one alert a
//! pattern and ends it when the pattern is decided on, goes, or its window is over.
//!
//! A pattern's alert is MUTT's own, of the host `mutt` with the pattern's id as key, so all its
//! state is in the alert. Its plan's `close_after` is the window: whatever else becomes remarkable
//! of the pattern within it is counted and told nobody.

use std::sync::Arc;
use std::time::Duration;

use mutt_event::{MessageId, Timestamp};

use crate::correlator::Why;
use crate::{
    Alert, Correlator, DRILL_RULE, Ending, Facts, Signal, SignalKind, own_plan, signature,
};

/// The rule of patterns' alerts.
pub const PATTERN_RULE: &str = "mutt/pattern";

/// The host of patterns' alerts.
const PATTERN_HOST: &str = "mutt";

/// How an alert ends that nothing repeated for its `close_after`.
pub(crate) fn ending_by_time(alert: &Alert) -> Ending {
    match alert.rule.id.as_str() {
        PATTERN_RULE => {
            Ending::Pattern { why: "the window in which it is told once is over".to_owned() }
        }
        // Its end is told, too: that is a part of the way.
        DRILL_RULE => Ending::Clear,
        _ => Ending::Quiet,
    }
}

impl Signal {
    /// That a pattern is remarkable, by the message `cause`, for `window`; the rest of what is
    /// known of it is left to be said.
    pub fn of_pattern(pattern: &str, cause: MessageId, at: Timestamp, window: Duration) -> Self {
        Self {
            kind: SignalKind::Problem,
            plan: Arc::new(own_plan(PATTERN_RULE, Some(window))),
            distinct: None,
            facts: Facts { key: pattern.to_owned(), ..Facts::bare(PATTERN_HOST, cause, at) },
        }
    }
}

impl Correlator {
    /// Ends the alert of a pattern, if one is open, for this reason.
    pub fn pattern_is_over(&mut self, pattern: &str, why: String, at: Timestamp) {
        let signature = signature(PATTERN_HOST, PATTERN_RULE, pattern);
        if self.is_open(&signature) {
            self.tick(at);
            self.end_open(&signature, Ending::Pattern { why }, Why::time(self.now));
            self.settle_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use mutt_rules::{AlertSeverity, Handling};

    use super::*;
    use crate::{AlertState, NoticeKind, State, StormLimits};

    const HOUR: Duration = Duration::from_secs(3_600);

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * 60_000)
    }

    fn news(pattern: &str, minutes: i64) -> Signal {
        let cause = MessageId { appended: at(minutes), partition: 0, position: 1 };
        let mut signal = Signal::of_pattern(pattern, cause, at(minutes), HOUR);
        signal.facts.severity = AlertSeverity::Warning;
        signal.facts.handling = Handling::EmailOnly;
        signal
    }

    fn told(correlator: &mut Correlator) -> Vec<NoticeKind> {
        correlator.take_changes().notices.iter().map(|notice| notice.kind).collect()
    }

    #[test]
    fn a_pattern_is_told_once_in_its_window_and_again_after_it() {
        let mut correlator = Correlator::new(State::default());
        correlator.apply(news("p", 0));
        correlator.apply(news("p", 30));
        assert_eq!(told(&mut correlator), [NoticeKind::Open]);
        correlator.tick(at(59));
        assert_eq!(correlator.open(), 1);
        correlator.tick(at(60));
        let changes = correlator.take_changes();
        let alert = &changes.alerts[0];
        assert_eq!((alert.state, alert.count), (AlertState::Closed, 2));
        assert_eq!(alert.signature, "mutt::mutt/pattern::p");
        assert!(alert.ending.as_ref().is_some_and(|ending| ending.to_string().contains("window")));
        assert_eq!(changes.notices[0].kind, NoticeKind::Clear);
        correlator.apply(news("p", 91));
        assert_eq!(told(&mut correlator), [NoticeKind::Open]);
    }

    #[test]
    fn what_ends_a_pattern_ends_its_alert_also_after_a_restart() {
        let mut correlator = Correlator::new(State::default());
        correlator.apply(news("p", 0));
        let alerts = correlator.take_changes().alerts;
        let mut correlator = Correlator::new(State { alerts, tracks: Vec::new() });
        correlator.pattern_is_over("q", "no such".to_owned(), at(1));
        correlator.pattern_is_over("p", "ada ignored it".to_owned(), at(1));
        assert_eq!(told(&mut correlator), [NoticeKind::Clear]);
        assert_eq!(correlator.open(), 0);
    }

    #[test]
    fn too_many_at_once_are_one_storm() {
        let mut correlator = Correlator::new(State::default());
        let limits = StormLimits { rule_per_minute: 2, ..StormLimits::default() };
        correlator.follow([], &[], limits, &Default::default(), at(0));
        (0..5).for_each(|n| {
            correlator.apply(news(&format!("p{n}"), 1));
        });
        let changes = correlator.take_changes();
        let rules: Vec<&str> = changes.notices.iter().map(|n| n.alert.rule.id.as_str()).collect();
        assert_eq!(rules, [PATTERN_RULE, PATTERN_RULE, crate::STORM_RULE]);
        assert_eq!(correlator.open(), 6);
    }
}
