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

    /// There is another password: what was paused for the old one may go again.
    pub fn forgive(&mut self, now: Timestamp) {
        if self.state == GateState::Paused {
            self.not_before = self.not_before.min(now);
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn again(after: Option<u64>) -> Answer {
        Answer::Again { after: after.map(Duration::from_secs), why: "no".into() }
    }

    fn forbidden() -> Answer {
        Answer::Forbidden { why: "no".into() }
    }

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn ask(gate: &mut Gate, now: Timestamp, answer: &Answer) {
        assert!(gate.allowance(now) >= 1);
        gate.take(now, 1);
        gate.record(now, answer);
    }

    #[test]
    fn the_breaker_opens_probes_with_one_and_closes() {
        let mut gate = Gate::new(GateSettings { break_after: 3, ..GateSettings::default() });
        let mut now = NOW;
        for failure in 1..=3 {
            assert_eq!(gate.state(), GateState::Closed);
            now = gate.ready_at(now);
            ask(&mut gate, now, &again(None));
            assert_eq!(gate.failures(), failure);
        }
        assert_eq!(gate.state(), GateState::Open);
        assert_eq!(gate.allowance(now), 0);
        assert!(gate.ready_at(now) >= now.after(Duration::from_secs(30)));
        now = gate.ready_at(now);
        assert_eq!(gate.allowance(now), 1, "a single notice tries");
        gate.take(now, 1);
        assert_eq!(gate.state(), GateState::HalfOpen);
        assert_eq!(gate.allowance(now.after(Duration::from_secs(3_600))), 0, "and no second");
        gate.record(now, &again(None));
        assert_eq!(gate.state(), GateState::Open);
        now = gate.ready_at(now);
        ask(&mut gate, now, &Answer::Taken);
        assert_eq!((gate.state(), gate.failures()), (GateState::Closed, 0));
        assert!(gate.allowance(now) > 1);
    }

    #[test]
    fn a_refusal_shows_that_the_destination_works() {
        let mut gate = Gate::new(GateSettings { break_after: 1, ..GateSettings::default() });
        ask(&mut gate, NOW, &again(None));
        let now = gate.ready_at(NOW);
        ask(&mut gate, now, &Answer::Refused { why: "no".into() });
        assert_eq!(gate.state(), GateState::Closed);
    }

    #[test]
    fn forbidden_pauses_for_a_fixed_time() {
        let mut gate = Gate::new(GateSettings::default());
        ask(&mut gate, NOW, &forbidden());
        assert_eq!(gate.state(), GateState::Paused);
        let now = NOW.after(Duration::from_secs(60));
        assert_eq!(gate.ready_at(NOW), now);
        assert_eq!(gate.allowance(now), 1);
        ask(&mut gate, now, &forbidden());
        assert_eq!(gate.ready_at(now), now.after(Duration::from_secs(60)));
        let now = gate.ready_at(now);
        ask(&mut gate, now, &Answer::Taken);
        assert_eq!(gate.state(), GateState::Closed);
    }

    #[test]
    fn another_password_ends_the_pause_and_a_single_notice_tries_it() {
        let mut gate = Gate::new(GateSettings::default());
        gate.forgive(NOW);
        ask(&mut gate, NOW, &forbidden());
        assert_eq!(gate.allowance(NOW), 0);
        gate.forgive(NOW);
        assert_eq!((gate.allowance(NOW), gate.state()), (1, GateState::Paused));
        ask(&mut gate, NOW, &again(None));
        let ready = gate.ready_at(NOW);
        gate.forgive(NOW);
        assert_eq!(gate.ready_at(NOW), ready, "a backoff has nothing to do with it");
    }

    #[test]
    fn retry_after_is_obeyed_up_to_a_limit() {
        let mut gate = Gate::new(GateSettings::default());
        ask(&mut gate, NOW, &again(Some(120)));
        assert_eq!(gate.ready_at(NOW), NOW.after(Duration::from_secs(120)));
        let now = gate.ready_at(NOW);
        ask(&mut gate, now, &again(Some(1_000_000)));
        assert_eq!(gate.ready_at(now), now.after(Duration::from_secs(3_600)));
    }

    #[test]
    fn the_same_seed_gives_the_same_pauses_and_another_others() {
        let pauses = |seed| {
            let mut gate = Gate::new(GateSettings { seed, ..GateSettings::default() });
            let mut now = NOW;
            (0..20)
                .map(|_| {
                    now = gate.ready_at(now);
                    ask(&mut gate, now, &again(None));
                    gate.ready_at(now)
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(pauses(7), pauses(7));
        assert_ne!(pauses(7), pauses(8));
    }

    #[derive(Clone, Debug)]
    struct Round {
        think_ms: u64,
        want: usize,
        answer: u8,
        after: Option<u64>,
    }

    fn round() -> impl Strategy<Value = Round> {
        (0u64..5_000, 1usize..200, 0u8..6, prop::option::of(0u64..10_000))
            .prop_map(|(think_ms, want, answer, after)| Round { think_ms, want, answer, after })
    }

    proptest! {
        /// Whatever is answered: the gate opens again within its own limits, never sends more
        /// than the rate allows, and sends one at a time while it is not closed.
        #[test]
        fn it_always_opens_again_and_never_floods(
            rounds in prop::collection::vec(round(), 1..100), seed: u64,
        ) {
            let settings = GateSettings { seed, ..GateSettings::default() };
            let longest = settings.retry_after_max.max(settings.backoff_max);
            let mut gate = Gate::new(settings.clone());
            let (mut now, mut sent) = (NOW, 0u64);
            for round in rounds {
                now = now.after(Duration::from_millis(round.think_ms));
                let ready = gate.ready_at(now);
                prop_assert!(ready.since(now) <= longest + Duration::from_secs(1));
                if ready > now {
                    prop_assert_eq!(gate.allowance(now), 0);
                    now = ready;
                }
                let most = gate.allowance(now);
                prop_assert!(most >= 1, "ready means that one may go");
                prop_assert!(gate.state() == GateState::Closed || most == 1);
                let n = round.want.min(most);
                gate.take(now, n);
                sent += n as u64;
                let allowed = f64::from(settings.burst)
                    + settings.per_second * now.since(NOW).as_secs_f64();
                prop_assert!(sent as f64 <= allowed + 0.01, "a rate is kept");
                let answer = match round.answer {
                    0 | 1 => Answer::Taken,
                    2 | 3 => again(round.after),
                    4 => forbidden(),
                    _ => Answer::Refused { why: "no".into() },
                };
                gate.record(now, &answer);
                let good = matches!(answer, Answer::Taken | Answer::Refused { .. });
                prop_assert_eq!(good, gate.state() == GateState::Closed && gate.failures() == 0);
            }
        }

        /// Full jitter: never above the doubling edge, never above the largest backoff.
        #[test]
        fn backoff_stays_below_its_edge(failures in 1u32..80, seed: u64) {
            let settings = GateSettings { seed, break_after: u32::MAX, ..GateSettings::default() };
            let mut gate = Gate::new(settings);
            let mut now = NOW;
            for failure in 0..failures {
                now = gate.ready_at(now);
                gate.take(now, 1);
                gate.record(now, &again(None));
                let edge = Duration::from_secs(1).saturating_mul(1 << failure.min(20));
                let edge = edge.min(Duration::from_secs(300)).max(Duration::from_millis(20));
                prop_assert!(gate.ready_at(now).since(now) <= edge);
            }
        }
    }
}
