//! When a destination may be sent to: rate limit, backoff, circuit breaker, pause. Pure.
//!
//! From: the deliverer's clock and the answers it got. To: the deliverer: when, and how many.

use std::time::Duration;

use mutt_event::Timestamp;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::{Answer, Rate};

/// How a destination is paced.
#[derive(Clone, PartialEq, Debug)]
pub struct GateSettings {
    /// Notices a second on average; 0: no limit. Default 50.
    pub per_second: f64,
    /// Notices at once. Default 100.
    pub burst: u32,
    /// The first backoff's upper edge; it doubles with each failure. Default 1 s.
    pub backoff_first: Duration,
    /// The largest backoff. Default 5 min.
    pub backoff_max: Duration,
    /// The longest Retry-After that is obeyed. Default 1 h.
    pub retry_after_max: Duration,
    /// So many failures in a row open the breaker. Default 5.
    pub break_after: u32,
    /// An open breaker lets a single notice try after this long. Default 30 s.
    pub break_for: Duration,
    /// After 401 or 403 a single notice tries again after this long. Default 60 s.
    pub forbidden_pause: Duration,
    /// For the jitter.
    pub seed: u64,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            per_second: 50.0,
            burst: 100,
            backoff_first: Duration::from_secs(1),
            backoff_max: Duration::from_secs(300),
            retry_after_max: Duration::from_secs(3_600),
            break_after: 5,
            break_for: Duration::from_secs(30),
            forbidden_pause: Duration::from_secs(60),
            seed: 0,
        }
    }
}

/// Where the breaker stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum GateState {
    /// All goes through, after a backoff perhaps.
    Closed,
    /// Too many failures: nothing goes until `break_for` is over.
    Open,
    /// A single notice may try, or is trying.
    HalfOpen,
    /// The destination does not know us: nothing goes until `forbidden_pause` is over.
    Paused,
}

impl GateState {
    /// All, in the order of their numbers.
    pub const ALL: [GateState; 4] =
        [GateState::Closed, GateState::Open, GateState::HalfOpen, GateState::Paused];

    /// The name as a metric's label.
    pub fn name(self) -> &'static str {
        match self {
            GateState::Closed => "closed",
            GateState::Open => "open",
            GateState::HalfOpen => "half_open",
            GateState::Paused => "paused",
        }
    }
}

/// One destination's gate. The caller asks [`Gate::ready_at`], takes at most
/// [`Gate::allowance`], sends, and records the answer. Waiting here is nobody's attempt: only a
/// request that was sent counts as one.
#[derive(Clone, Debug)]
pub struct Gate {
    settings: GateSettings,
    rate: Rate,
    rng: SmallRng,
    state: GateState,
    failures: u32,
    not_before: Timestamp,
    probing: bool,
}

impl Gate {
    /// A closed breaker and a full bucket.
    pub fn new(settings: GateSettings) -> Self {
        Self {
            rate: Rate::new(settings.per_second, settings.burst),
            rng: SmallRng::seed_from_u64(settings.seed),
            state: GateState::Closed,
            failures: 0,
            not_before: Timestamp::from_micros(i64::MIN),
            probing: false,
            settings,
        }
    }

    /// When the next request may go; `now` if it may now. While the one notice of a half-open
    /// breaker is under way: the end of time, until its answer is recorded.
    pub fn ready_at(&self, now: Timestamp) -> Timestamp {
        if self.probing {
            return Timestamp::from_micros(i64::MAX);
        }
        self.rate.ready_at(now).max(self.not_before)
    }

    /// How many notices may go in one request now; 0 if none may.
    pub fn allowance(&self, now: Timestamp) -> usize {
        if self.ready_at(now) > now {
            return 0;
        }
        let most = usize::try_from(self.rate.available(now)).unwrap_or(usize::MAX);
        if self.state == GateState::Closed { most } else { most.min(1) }
    }

    /// A request with `n` notices goes out now.
    pub fn take(&mut self, now: Timestamp, n: usize) {
        self.rate.take(now, n as u64);
        if self.state != GateState::Closed {
            self.state = GateState::HalfOpen;
            self.probing = true;
        }
    }

    /// Its answer came.
    pub fn record(&mut self, now: Timestamp, answer: &Answer) {
        self.probing = false;
        match answer {
            // A refusal is an answer too: the destination works.
            Answer::Taken | Answer::Refused { .. } => {
                self.state = GateState::Closed;
                self.failures = 0;
                self.not_before = now;
            }
            Answer::Forbidden { .. } => {
                self.state = GateState::Paused;
                self.not_before = now.after(self.settings.forbidden_pause);
            }
            Answer::Again { after, .. } => self.fail(now, *after),
        }
    }

    fn fail(&mut self, now: Timestamp, after: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        let mut delay = self.backoff();
        let tripped = self.failures >= self.settings.break_after.max(1);
        if tripped || self.state != GateState::Closed {
            self.state = GateState::Open;
            delay = delay.max(self.settings.break_for);
        }
        let asked = after.unwrap_or_default().min(self.settings.retry_after_max);
        self.not_before = now.after(delay.max(asked));
    }

    /// Exponential with full jitter: anything from nothing to the edge, so that many senders do
    /// not come back together.
    fn backoff(&mut self) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(31);
        let edge = self
            .settings
            .backoff_first
            .saturating_mul(1 << doublings)
            .min(self.settings.backoff_max);
        let micros = u64::try_from(edge.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.rng.random_range(0..=micros))
    }

    /// Where the breaker stands.
    pub fn state(&self) -> GateState {
        self.state
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}
