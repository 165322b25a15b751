//! What mining of patterns shows of itself. From: the judge, once a commit. To: `/metrics`.

use mutt_patterns::Stats;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Its counters. Cheap to clone: all clones are the same.
#[derive(Clone, Debug, Default)]
pub struct MiningStats {
    observed: Counter,
    sampled: Counter,
    skipped: Counter,
    merged: Counter,
    evicted: Counter,
    lost: Counter,
    held: Gauge,
    keys: Gauge,
}

impl MiningStats {
    /// Makes them visible in `registry`.
    pub(super) fn register(&self, registry: &mut Registry) {
        let mut add = |name: &str, help: &str, counter: &Counter| {
            registry.register(name, help, counter.clone());
        };
        add("pattern_observed_messages", "Messages that no rule wants", &self.observed);
        add(
            "pattern_sampled_messages",
            "Messages that counted for several, since too many came at once",
            &self.sampled,
        );
        add(
            "pattern_skipped_messages",
            "Messages that another one counted for, since too many came at once",
            &self.skipped,
        );
        add("patterns_joined", "Patterns that became one with an older one", &self.merged);
        add("patterns_evicted", "Patterns that made room for others", &self.evicted);
        add(
            "pattern_triggers_lost",
            "What was remarkable and not told for want of room",
            &self.lost,
        );
        registry.register("patterns", "Patterns that are held", self.held.clone());
        registry.register("pattern_keys", "Keys of patterns that are held", self.keys.clone());
    }

    /// Counts what happened between two looks at a miner.
    pub(crate) fn add(&self, before: &Stats, now: &Stats) {
        for (counter, before, now) in [
            (&self.observed, before.observed, now.observed),
            (&self.sampled, before.sampled, now.sampled),
            (&self.skipped, before.skipped, now.skipped),
            (&self.merged, before.merged, now.merged),
            (&self.evicted, before.evicted, now.evicted),
            (&self.lost, before.triggers_lost, now.triggers_lost),
        ] {
            counter.inc_by(now.saturating_sub(before));
        }
        self.held.set(i64::try_from(now.patterns).unwrap_or(i64::MAX));
        self.keys.set(i64::try_from(now.keys).unwrap_or(i64::MAX));
    }

    /// How many messages that no rule wants were seen.
    pub fn observed(&self) -> u64 {
        self.observed.get()
    }
}
