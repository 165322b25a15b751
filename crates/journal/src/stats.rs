//! Counters of the writing side, for metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets of commit time, in microseconds; one more bucket has no bound.
pub const COMMIT_TIME_BOUNDS_US: [u64; 12] =
    [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_000_000];
/// Upper bounds of the buckets of commit size, in bytes; one more bucket has no bound.
pub const COMMIT_SIZE_BOUNDS: [u64; 8] =
    [1 << 10, 4 << 10, 16 << 10, 64 << 10, 128 << 10, 256 << 10, 512 << 10, 1 << 20];

/// Counters that only grow, since the journal was opened. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct JournalStats(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    commits: AtomicU64,
    batches: AtomicU64,
    records: AtomicU64,
    bytes: AtomicU64,
    time_us: AtomicU64,
    refused_full: AtomicU64,
    segments_created: AtomicU64,
    segments_trimmed: AtomicU64,
    times: [AtomicU64; COMMIT_TIME_BOUNDS_US.len() + 1],
    sizes: [AtomicU64; COMMIT_SIZE_BOUNDS.len() + 1],
}

/// The counters at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatsSnapshot {
    /// Commits: one write and one sync each.
    pub commits: u64,
    /// Batches stored.
    pub batches: u64,
    /// Records stored.
    pub records: u64,
    /// Bytes written for them.
    pub bytes: u64,
    /// Time spent in commits, in microseconds.
    pub time_us: u64,
    /// Batches answered with "full".
    pub refused_full: u64,
    /// Segments created.
    pub segments_created: u64,
    /// Segments trimmed.
    pub segments_trimmed: u64,
    /// Commits by time, in the buckets of [`COMMIT_TIME_BOUNDS_US`] (not cumulative).
    pub times: Vec<u64>,
    /// Commits by size, in the buckets of [`COMMIT_SIZE_BOUNDS`] (not cumulative).
    pub sizes: Vec<u64>,
}

impl JournalStats {
    /// Reads all counters.
    pub fn snapshot(&self) -> StatsSnapshot {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &*self.0;
        StatsSnapshot {
            commits: load(&counters.commits),
            batches: load(&counters.batches),
            records: load(&counters.records),
            bytes: load(&counters.bytes),
            time_us: load(&counters.time_us),
            refused_full: load(&counters.refused_full),
            segments_created: load(&counters.segments_created),
            segments_trimmed: load(&counters.segments_trimmed),
            times: counters.times.iter().map(load).collect(),
            sizes: counters.sizes.iter().map(load).collect(),
        }
    }

    pub(crate) fn committed(&self, batches: u64, records: u64, bytes: u64) {
        let counters = &*self.0;
        counters.commits.fetch_add(1, Ordering::Relaxed);
        counters.batches.fetch_add(batches, Ordering::Relaxed);
        counters.records.fetch_add(records, Ordering::Relaxed);
        counters.bytes.fetch_add(bytes, Ordering::Relaxed);
        let bucket = COMMIT_SIZE_BOUNDS.partition_point(|bound| *bound < bytes);
        counters.sizes[bucket].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn took(&self, time: Duration) {
        let time_us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.0.time_us.fetch_add(time_us, Ordering::Relaxed);
        let bucket = COMMIT_TIME_BOUNDS_US.partition_point(|bound| *bound < time_us);
        self.0.times[bucket].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn refused_full(&self) {
        self.0.refused_full.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn segment_created(&self) {
        self.0.segments_created.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn segment_trimmed(&self) {
        self.0.segments_trimmed.fetch_add(1, Ordering::Relaxed);
    }
}
