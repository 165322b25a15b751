//! How much of the load is counted. From: the journal's time. To: the miner, as a weight.

use mutt_event::Timestamp;

use crate::Limits;

/// Time this far back is no late event but a clock that was set.
const BACK_SECONDS: i64 = 60;

/// Events of the present second.
#[derive(Debug, Default)]
pub(crate) struct Load {
    second: i64,
    events: u64,
}

impl Load {
    /// For how many events this one counts; `None`: another one counts for it.
    pub fn weigh(&mut self, at: Timestamp, limits: &Limits) -> Option<u64> {
        let second = at.as_secs();
        if second > self.second || second < self.second.saturating_sub(BACK_SECONDS) {
            (self.second, self.events) = (second, 0);
        }
        self.events += 1;
        match self.events.saturating_sub(limits.events_per_second_max) {
            0 => Some(1),
            over => over.is_multiple_of(limits.sample_every).then_some(limits.sample_every),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn above_the_limit_one_counts_for_many() {
        let limits = Limits { events_per_second_max: 5, sample_every: 10, ..Limits::default() };
        let mut load = Load::default();
        let mut weigh = |ms| load.weigh(Timestamp::from_millis(ms), &limits);
        let counted: u64 = (0..105).filter_map(&mut weigh).sum();
        assert_eq!(counted, 105);
        assert_eq!(weigh(999), None);
        assert_eq!(weigh(1_000), Some(1));
    }
}
