//! How old a stored message is to the memory of repeats: by append time, but a time in which nothing
//! was appended counts a minute at most.
//!
//! From: append times, in the journal's order. To: what is forgotten. While the journal could not be
//! written, senders kept what nobody acknowledged, and send it again however long that was. A rest
//! of more than an hour counts in full: nobody's repeats are waited for that long.

use std::time::Duration;

use mutt_event::Timestamp;

/// What a rest counts at most.
const REST: Duration = Duration::from_secs(60);
/// A longer one counts in full.
const REST_MAX: Duration = Duration::from_secs(3_600);

/// Append time without what rests are too long.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Age {
    last: Option<Timestamp>,
    /// How long it was since the first time.
    passed: Duration,
}

impl Age {
    /// A message was appended then; what is not later than the last changes nothing.
    pub fn pass(&mut self, time: Timestamp) {
        let last = self.last.unwrap_or(time);
        let rest = time.since(last);
        self.passed += if rest > REST_MAX { rest } else { rest.min(REST) };
        self.last = Some(last.max(time));
    }

    /// How long it was since the first time.
    pub fn passed(&self) -> Duration {
        self.passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_counts_a_minute_at_most_and_one_of_more_than_an_hour_in_full() {
        let mut age = Age::default();
        let mut after = |seconds: i64| {
            age.pass(Timestamp::from_millis((1_000 + seconds) * 1_000));
            age.passed().as_secs()
        };
        assert_eq!([after(0), after(50), after(50), after(20)], [0, 50, 50, 50]);
        assert_eq!([after(110), after(111), after(711), after(712)], [110, 111, 171, 172]);
        assert_eq!([after(712 + 3_600), after(4_312 + 3_601)], [232, 232 + 3_601]);
    }
}
