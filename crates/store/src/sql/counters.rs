//! What a database's connections did, and whether it answers. From: the writer and the readers.
//! To: metrics, health, and the readers, who do not wait for a server that is known to be away.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::StoreError;

/// What was done since the database was opened, and its connections now, for metrics.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Transactions committed, each with one sync.
    pub transactions: u64,
    /// Transactions that failed whole, those for which there was no connection among them.
    pub failed_transactions: u64,
    /// Changes, claims, prunings and edits in them.
    pub done: u64,
    /// Those that were refused alone: fenced, of another journal, or not fit for the tables.
    pub refused: u64,
    /// Those that failed since the database did: full, locked, or its disk does not answer.
    pub failed: u64,
    /// Connections that the writer made anew, since one before was lost or of no more use.
    pub reconnects: u64,
    /// Connections that read, and are reading.
    pub readers_in_use: u64,
    /// Connections that read, and wait for work.
    pub readers_idle: u64,
    /// The most connections that read.
    pub readers_max: u64,
    /// Reads that found all of them in use.
    pub waits: u64,
    /// Reads that got none in time.
    pub timeouts: u64,
}

/// Since when it does not answer, and why.
#[derive(Debug)]
struct Away {
    since: Instant,
    why: String,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) transactions: AtomicU64,
    pub(super) failed_transactions: AtomicU64,
    pub(super) done: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) reconnects: AtomicU64,
    pub(super) waits: AtomicU64,
    pub(super) timeouts: AtomicU64,
    away: Mutex<Option<Away>>,
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    /// All but what the pool knows.
    pub(super) fn stats(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            transactions: read(&self.transactions),
            failed_transactions: read(&self.failed_transactions),
            done: read(&self.done),
            refused: read(&self.refused),
            failed: read(&self.failed),
            reconnects: read(&self.reconnects),
            waits: read(&self.waits),
            timeouts: read(&self.timeouts),
            ..Stats::default()
        }
    }

    /// The writer has a connection again.
    pub(super) fn is_back(&self) {
        if let Some(away) = self.lock().take() {
            let after_s = away.since.elapsed().as_secs();
            tracing::info!(after_s, "the database answers again");
        }
    }

    /// The writer gets no connection. Said once, not at each try.
    pub(super) fn is_away(&self, fault: &StoreError) {
        let why = match fault {
            StoreError::Unavailable(why) => why.clone(),
            other => other.to_string(),
        };
        let mut away = self.lock();
        match &mut *away {
            Some(away) => away.why = why,
            None => {
                tracing::error!(why, "the database does not answer; it is tried again");
                *away = Some(Away { since: Instant::now(), why });
            }
        }
    }

    /// Why it does not answer, and for how long; none: it does.
    pub(super) fn away(&self) -> Option<String> {
        let away = self.lock();
        let Away { since, why } = away.as_ref()?;
        Some(format!("no answer for {} s: {why}", since.elapsed().as_secs()))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Away>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
