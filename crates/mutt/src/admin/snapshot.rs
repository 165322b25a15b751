//! What the journal, the database and the parts say at one moment.
//!
//! From: the journal's handle, the cursors, the delivery queues, the status. To: /metrics,
//! /ledger and /readyz. Made from stored positions, so it is exact and survives restarts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::{Clock, Handle, Position, ReadBatch, RealDisk, StatsSnapshot, SystemClock};
use mutt_pipeline::book::{InForce, State};
use mutt_pipeline::{Ledger, Stored};
use mutt_store::{Cursor, Database, Queue, SqlStore, Stats, StoreError};

use crate::status::{Parts, Status};

/// Where a snapshot is taken from. Cheap to clone.
#[derive(Clone)]
pub struct Sources {
    /// The journal's reading side.
    pub journal: Handle<RealDisk>,
    /// The database.
    pub store: SqlStore,
    /// The readers that this process runs.
    pub readers: Vec<String>,
    /// The rules in force.
    pub in_force: Arc<InForce>,
    /// How the parts are.
    pub status: Status,
}

/// The journal's figures.
#[derive(Clone, Debug)]
pub struct JournalFigures {
    /// On disk.
    pub bytes: u64,
    /// 0 to 1.
    pub usage: f64,
    /// Whether the last append was refused for want of room.
    pub full: bool,
    /// Positions that never held a readable record.
    pub lost: u64,
    /// Records that a reader found damaged, since the start.
    pub damaged: u64,
    /// Records trimmed unread by choice, since the start.
    pub dropped: u64,
    /// The writer's counters.
    pub writer: StatsSnapshot,
}

/// What the database says, at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When.
    pub at: Timestamp,
    /// What became of every message.
    pub ledger: Ledger,
    /// How old the oldest message is that a reader has not done.
    pub oldest: BTreeMap<String, Duration>,
    /// Each destination's queue.
    pub queues: Vec<Queue>,
}

/// What this process knows of itself, also while the database is away.
#[derive(Clone, Debug)]
pub struct Live {
    /// The journal.
    pub journal: JournalFigures,
    /// What was done with the database since the start, and its connections.
    pub store: Stats,
    /// Why the database does not answer, if it does not.
    pub away: Option<String>,
    /// The rules in force.
    pub rules: State,
    /// The parts.
    pub parts: Parts,
}

impl Sources {
    /// Asks the database.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        // Cursors first: what is stored meanwhile then waits, and nothing is done before stored.
        let cursors = self.store.cursors().await?;
        let queues = self.store.queues().await?;
        let stored = Stored::now(std::slice::from_ref(&self.journal));
        let readers: Vec<&str> = self.readers.iter().map(String::as_str).collect();
        let at = SystemClock.now();
        Ok(Snapshot {
            at,
            ledger: Ledger::new(&stored, &cursors, &readers),
            oldest: self.oldest(at, &cursors).await,
            queues,
        })
    }

    /// Asks nobody but this process.
    pub fn live(&self) -> Live {
        Live {
            journal: self.figures(),
            store: self.store.stats(),
            away: self.store.away(),
            rules: self.in_force.now(),
            parts: self.status.parts(),
        }
    }

    fn figures(&self) -> JournalFigures {
        JournalFigures {
            bytes: self.journal.bytes(),
            usage: self.journal.usage(),
            full: self.journal.is_full(),
            lost: self.journal.totals().lost,
            damaged: self.journal.damaged(),
            dropped: self.journal.dropped(),
            writer: self.journal.stats().snapshot(),
        }
    }

    /// Reads the first message that each reader has not done: its append time tells the age.
    async fn oldest(&self, at: Timestamp, cursors: &[Cursor]) -> BTreeMap<String, Duration> {
        let mut positions: BTreeMap<String, Position> = BTreeMap::new();
        for cursor in cursors.iter().filter(|cursor| self.readers.contains(&cursor.reader)) {
            let position = Position(cursor.position);
            let lowest = positions.entry(cursor.reader.clone()).or_insert(position);
            *lowest = position.min(*lowest);
        }
        let journal = self.journal.clone();
        let read = move || {
            positions.into_iter().map(|(name, from)| (name, age(&journal, from, at))).collect()
        };
        // The disk may be slow: not on a thread that serves others.
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }
}

fn age(journal: &Handle<RealDisk>, from: Position, at: Timestamp) -> Duration {
    if from >= journal.end() {
        return Duration::ZERO;
    }
    let mut batch = ReadBatch::default();
    // An unreadable journal is said by its readers; the age is then not known.
    if journal.reader(from).read(1, &mut batch).is_err() {
        return Duration::ZERO;
    }
    batch.records().next().map_or(Duration::ZERO, |record| at.since(record.time))
}
