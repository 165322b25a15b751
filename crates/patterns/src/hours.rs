//! Events by the hour, for a week. To: [`crate::Pattern`] and its triggers.

use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};

/// How many hours are kept.
pub const HOURS_MAX: usize = 168;

/// Events of the last 168 hours, by whole hours of UTC.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hours {
    /// The hour, counted from the epoch, and its events; ascending, empty hours left out.
    counts: Vec<(i64, u64)>,
}

impl Hours {
    /// The hour that a time is in, counted from the epoch.
    pub fn of(at: Timestamp) -> i64 {
        at.as_secs().div_euclid(3600)
    }

    /// Each hour, counted from the epoch, that had events, and how many; ascending.
    pub fn counts(&self) -> &[(i64, u64)] {
        &self.counts
    }

    /// Events of this hour.
    pub fn at(&self, hour: i64) -> u64 {
        self.between(hour, hour)
    }

    /// Events from the one hour to the other, both included.
    pub fn between(&self, first: i64, last: i64) -> u64 {
        let newest = self.counts.iter().rev().skip_while(|(hour, _)| *hour > last);
        newest.take_while(|(hour, _)| *hour >= first).map(|(_, count)| count).sum()
    }

    pub(crate) fn add(&mut self, hour: i64, count: u64) {
        let behind =
            self.counts.iter().rposition(|(other, _)| *other <= hour).map_or(0, |at| at + 1);
        match behind.checked_sub(1).and_then(|at| self.counts.get_mut(at)) {
            Some((other, events)) if *other == hour => *events += count,
            _ => self.counts.insert(behind, (hour, count)),
        }
        let newest = self.counts.last().map_or(hour, |(newest, _)| *newest);
        let old = newest.saturating_sub(HOURS_MAX as i64);
        // Only when an hour is new can there be one too old.
        if self.counts.first().is_some_and(|(oldest, _)| *oldest <= old) {
            self.counts.retain(|(hour, _)| *hour > old);
        }
    }

    pub(crate) fn absorb(&mut self, other: &Hours) {
        for (hour, count) in &other.counts {
            self.add(*hour, *count);
        }
    }

    /// Mean and standard deviation of the `length` hours before `hour`, the empty ones included.
    pub(crate) fn before(&self, hour: i64, length: u32) -> (f64, f64) {
        let first = hour.saturating_sub(i64::from(length));
        let within = self.counts.iter().filter(|(other, _)| (first..hour).contains(other));
        let (mut sum, mut squares) = (0.0, 0.0);
        for (_, count) in within {
            sum += *count as f64;
            squares += (*count as f64).powi(2);
        }
        let length = f64::from(length.max(1));
        let mean = sum / length;
        (mean, (squares / length - mean * mean).max(0.0).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_hours_are_put_in_order_and_old_ones_go() {
        let mut hours = Hours::default();
        for (hour, count) in [(10, 1), (12, 2), (11, 3), (12, 4)] {
            hours.add(hour, count);
        }
        assert_eq!(hours.counts(), [(10, 1), (11, 3), (12, 6)]);
        assert_eq!((hours.between(11, 12), hours.at(10), hours.at(9)), (9, 1, 0));
        hours.add(10 + 168, 1);
        assert_eq!(hours.counts(), [(11, 3), (12, 6), (178, 1)]);
        hours.add(1, 1);
        assert_eq!(hours.counts().len(), 3);
    }

    #[test]
    fn empty_hours_count_in_the_mean() {
        let mut hours = Hours::default();
        hours.add(3, 4);
        hours.add(4, 99);
        assert_eq!(hours.before(4, 4), (1.0, 3.0_f64.sqrt()));
    }
}
