//! From a message's receipt to its page: ranges of time, ten to a power of ten, that add up over hours
//! and processes. From: the deliverer, when a destination has taken a notice that a problem began.
//! To: numbers by the hour, and from them to people.
//!
//! Measured from when the message came in (`received` of its envelope) that caused the notice, to
//! when the destination's answer came. So what a rule waits for (`hold_for`), a destination that is
//! away, and a dead letter that is sent again are in it.

use std::time::Duration;

use mutt_event::Timestamp;
use mutt_store::{Tally, TallyKind, hour_of};

/// The upper edges of the ranges below 10 ms, where there is no more than one to a millisecond.
const FIRST: [u64; 8] = [1, 2, 3, 4, 5, 6, 8, 10];
/// The upper edges of each further power of ten, times ten: none is more than a third above the last.
const STEPS: [u64; 10] = [125, 160, 200, 250, 315, 400, 500, 630, 800, 1_000];
/// The highest power of ten: what takes longer than a day and three quarters stands in the last
/// range, up to 10^8 ms.
const POWERS: u32 = 7;

/// The upper edges of all ranges, in ms.
pub fn edges() -> impl Iterator<Item = u64> {
    let power = |power: u32| STEPS.map(|step| (step * 10_u64.pow(power)).div_ceil(10));
    FIRST.into_iter().chain((0..POWERS).flat_map(power))
}

/// Counts one of such a delay, at the hour in which it was taken.
pub(crate) fn tally(delay: Duration, now: Timestamp) -> Tally {
    let ms = u64::try_from(delay.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
    let edge = edges().find(|edge| ms <= *edge).or(edges().last()).unwrap_or(ms);
    Tally { hour: hour_of(now), kind: TallyKind::PageDelay, name: edge.to_string(), value: 1 }
}

/// How many delays are in which range.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Delays(std::collections::BTreeMap<u64, u64>);

impl Delays {
    /// Adds what was counted in the range with this upper edge, in ms; what is none is left out.
    pub fn add(&mut self, edge: &str, count: u64) {
        if let Ok(edge) = edge.parse() {
            *self.0.entry(edge).or_default() += count;
        }
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// The upper edge, in ms, of the range in which so many of a hundred are reached; none: there
    /// are no delays.
    pub fn percentile_ms(&self, percent: u64) -> Option<u64> {
        let wanted = (self.count() * percent).div_ceil(100).max(1);
        let mut seen = 0;
        self.0.iter().find_map(|(edge, count)| {
            seen += count;
            (seen >= wanted).then_some(*edge)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_rise_by_a_quarter_at_most_and_hold_every_delay() {
        let all: Vec<u64> = edges().collect();
        assert_eq!(all[..10], [1, 2, 3, 4, 5, 6, 8, 10, 13, 16]);
        assert_eq!(all.last(), Some(&100_000_000));
        for pair in all[7..].windows(2) {
            assert!(pair[0] < pair[1] && pair[1] * 100 <= pair[0] * 131, "{pair:?}");
        }
        let name = |micros| tally(Duration::from_micros(micros), Timestamp::ZERO).name;
        assert_eq!([name(0), name(1), name(10_001), name(u64::MAX)], ["1", "1", "13", "100000000"]);
    }

    #[test]
    fn percentiles_are_upper_edges() {
        let mut delays = Delays::default();
        assert_eq!((delays.count(), delays.percentile_ms(50)), (0, None));
        for (edge, count) in [("10", 98), ("1000", 1), ("63", 1), ("?", 7)] {
            delays.add(edge, count);
        }
        assert_eq!(delays.count(), 100);
        let of = |percent| delays.percentile_ms(percent);
        assert_eq!([of(50), of(98), of(99), of(100)], [Some(10), Some(10), Some(63), Some(1_000)]);
    }
}
