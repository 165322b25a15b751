//! When a token is renewed, and how long MUTT waits after a failure. Pure: chance is given.

use std::time::Duration;

/// When a token of this lease is renewed, from when it was given: at two thirds, or up to a tenth
/// of that earlier, so that many processes do not all come at once. `chance` is from 0 to 1. None:
/// the token has no end.
pub(crate) fn renew_after(lease: Duration, chance: f64) -> Option<Duration> {
    let earlier = 1.0 - 0.1 * chance.clamp(0.0, 1.0);
    (!lease.is_zero()).then(|| lease.mul_f64(2.0 / 3.0 * earlier))
}

/// Whether a renewal gave less than half of what the login gave: the token comes to its last end
/// (`token_max_ttl`), which no renewal moves.
pub(crate) fn nears_its_end(of_login: Duration, renewed: Duration) -> bool {
    !of_login.is_zero() && renewed < of_login / 2
}

/// Waits that double, up to a limit, and begin anew after a success.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    failures: u32,
}

impl Backoff {
    /// The first wait, and the longest.
    pub fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, failures: 0 }
    }

    /// How long to wait after one more failure: at least half of the doubled wait, the rest by
    /// `chance`, from 0 to 1.
    pub fn failed(&mut self, chance: f64) -> Duration {
        let doubled = self.first.saturating_mul(1 << self.failures.min(20)).min(self.most);
        self.failures = self.failures.saturating_add(1);
        doubled.mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0))
    }

    /// It worked.
    pub fn worked(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_token_is_renewed_at_two_thirds_of_its_lease_or_a_little_earlier() {
        assert_eq!(renew_after(MINUTE, 0.0), Some(Duration::from_secs(40)));
        assert_eq!(renew_after(MINUTE, 1.0), Some(Duration::from_secs(36)));
        assert_eq!(renew_after(MINUTE, 7.0), Some(Duration::from_secs(36)));
        assert_eq!(renew_after(Duration::ZERO, 0.5), None, "without an end");
    }

    #[test]
    fn a_renewal_that_gives_little_is_the_last() {
        assert!(!nears_its_end(MINUTE, MINUTE));
        assert!(!nears_its_end(MINUTE, MINUTE / 2));
        assert!(nears_its_end(MINUTE, Duration::from_secs(29)));
        assert!(!nears_its_end(Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn waits_double_to_the_limit_and_begin_anew() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5));
        let waits: Vec<u64> = (0..5).map(|_| backoff.failed(1.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 5, 5]);
        assert_eq!(backoff.failed(0.0), Duration::from_millis(2_500));
        backoff.worked();
        assert_eq!(backoff.failed(1.0), Duration::from_secs(1));
        for _ in 0..100 {
            backoff.failed(1.0);
        }
        assert_eq!(backoff.failed(1.0), Duration::from_secs(5));
    }
}
