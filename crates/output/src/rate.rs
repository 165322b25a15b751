//! A rate limit that delays and never drops: a token bucket on the caller's time. Pure.

use std::time::Duration;

use mutt_event::Timestamp;

/// Lets through `per_second` things a second on average, `burst` at once. More may be taken than
/// is there; the debt then delays what follows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rate {
    per_second: f64,
    burst: f64,
    tokens: f64,
    at: Option<Timestamp>,
}

impl Rate {
    /// A full bucket. `per_second` of 0 (or less, or no number) means no limit; `burst` of 0
    /// means 1.
    pub fn new(per_second: f64, burst: u32) -> Self {
        let burst = f64::from(burst.max(1));
        let per_second = if per_second.is_finite() { per_second.max(0.0) } else { 0.0 };
        Self { per_second, burst, tokens: burst, at: None }
    }

    /// One that limits nothing.
    pub fn unlimited() -> Self {
        Self::new(0.0, 1)
    }

    /// How many may go now without a debt; `u64::MAX` with no limit.
    pub fn available(&self, now: Timestamp) -> u64 {
        if self.per_second == 0.0 { u64::MAX } else { self.tokens_at(now).max(0.0) as u64 }
    }

    /// When at least one may go; `now` if one may now.
    pub fn ready_at(&self, now: Timestamp) -> Timestamp {
        if self.available(now) > 0 {
            return now;
        }
        let seconds = (1.0 - self.tokens_at(now)) / self.per_second;
        // Rounded up to the next microsecond, so that the token is really there by then.
        let micros = (seconds * 1e6).ceil().min(1e15) as u64;
        now.after(Duration::from_micros(micros.max(1)))
    }

    /// Takes `n`.
    pub fn take(&mut self, now: Timestamp, n: u64) {
        if self.per_second == 0.0 {
            return;
        }
        self.tokens = self.tokens_at(now) - n as f64;
        self.at = Some(self.at.map_or(now, |at| at.max(now)));
    }

    fn tokens_at(&self, now: Timestamp) -> f64 {
        let Some(at) = self.at else { return self.tokens };
        // The small part makes up for what rounding to microseconds takes away.
        let gained = now.since(at).as_secs_f64() * self.per_second;
        (self.tokens + gained + 1e-9).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_limit_is_always_ready() {
        let mut rate = Rate::unlimited();
        rate.take(Timestamp::ZERO, 1_000_000);
        assert_eq!(rate.ready_at(Timestamp::ZERO), Timestamp::ZERO);
        assert_eq!(rate.available(Timestamp::ZERO), u64::MAX);
    }

    #[test]
    fn a_debt_delays() {
        let mut rate = Rate::new(10.0, 5);
        let now = Timestamp::from_millis(1_000);
        assert_eq!(rate.available(now), 5);
        rate.take(now, 14);
        assert_eq!(rate.available(now), 0);
        assert_eq!(rate.ready_at(now).as_millis(), 2_000);
    }

    proptest! {
        /// In any window from the start, no more than burst + rate × time go (and the one batch
        /// that may overdraw), and what waits is always let through in the end.
        #[test]
        fn keeps_the_rate_and_never_starves(
            per_second in 1.0f64..5_000.0, burst in 1u32..500,
            takes in prop::collection::vec((0u64..200_000, 1u64..50), 1..200),
        ) {
            let mut rate = Rate::new(per_second, burst);
            let (start, mut now, mut taken) = (Timestamp::ZERO, Timestamp::ZERO, 0u64);
            for (pause_us, n) in takes {
                now = now.after(Duration::from_micros(pause_us));
                now = rate.ready_at(now);
                prop_assert!(rate.available(now) >= 1);
                let n = n.min(rate.available(now));
                rate.take(now, n);
                taken += n;
                let most = f64::from(burst) + per_second * now.since(start).as_secs_f64() + 0.01;
                prop_assert!(taken as f64 <= most, "{taken} > {most}");
            }
        }
    }
}
