//! What the journal, the database and the parts say at one moment.
//!
//! From: the journal's handle, the cursors, the delivery queues, the status. To: /metrics,
//! /ledger and /readyz. Made from stored positions, so it is exact and survives restarts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{InForce, State};
use mutt_pipeline::{Ledger, Stored, oldest_unread};
use mutt_store::{Cursor, Database, Queue, SqlStore, Stats, StoreError};
use mutt_tls::Tls;

use super::health::{self, Check};
use super::journal::{Journal, JournalFigures};
use crate::config::doors::Door;
use crate::secrets::Secrets;
use crate::status::{Parts, Status};

/// Where a snapshot is taken from. Cheap to clone.
#[derive(Clone)]
pub struct Sources {
    /// The journal's reading side.
    pub journal: Journal,
    /// The database; none: this role has none.
    pub store: Option<SqlStore>,
    /// The readers that this process runs.
    pub readers: Vec<String>,
    /// The rules in force, if it judges or shows them.
    pub in_force: Option<Arc<InForce>>,
    /// How the parts are.
    pub status: Status,
    /// How secrets are that settings name.
    pub secrets: Secrets,
    /// How files of TLS are.
    pub tls: Tls,
    /// What this process listens on.
    pub doors: Arc<[Door]>,
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
    pub store: Option<Stats>,
    /// Why the database does not answer, if it does not.
    pub away: Option<String>,
    /// The rules in force.
    pub rules: Option<State>,
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
        let store = self.database()?;
        let cursors = store.cursors().await?;
        let queues = store.queues().await?;
        let stored = Stored::now(&self.journal.lanes());
        let readers: Vec<&str> = self.readers.iter().map(String::as_str).collect();
        let at = SystemClock.now();
        Ok(Snapshot {
            at,
            ledger: Ledger::new(&stored, &cursors, &readers),
            oldest: self.oldest(at, &cursors).await,
            queues,
        })
    }

    /// All checks of this process; `database` says what is wrong with that.
    pub fn checks(&self, database: Option<String>) -> Vec<Check> {
        let live = self.live();
        let refused = live.rules.as_ref().and_then(|rules| rules.refused.as_ref());
        let journal = (live.journal.stuck.clone(), live.journal.weak.clone());
        let secrets = self.secrets.health();
        let mut checks = health::checks(&live.parts, refused, journal, database, secrets);
        checks.extend(health::of_tls(&self.tls, &self.doors));
        checks
    }

    /// The database.
    ///
    /// # Errors
    /// This role has none.
    pub fn database(&self) -> Result<&SqlStore, StoreError> {
        let none = || StoreError::Unavailable("this role works without a database".to_owned());
        self.store.as_ref().ok_or_else(none)
    }

    /// Asks nobody but this process.
    pub fn live(&self) -> Live {
        Live {
            journal: self.journal.figures(),
            store: self.store.as_ref().map(SqlStore::stats),
            away: self.store.as_ref().and_then(SqlStore::away),
            rules: self.in_force.as_ref().map(|in_force| in_force.now()),
            parts: self.status.parts(),
        }
    }

    /// Reads the first message that each reader has not done: its append time tells the age.
    async fn oldest(&self, at: Timestamp, cursors: &[Cursor]) -> BTreeMap<String, Duration> {
        let (lanes, readers) = (self.journal.lanes(), self.readers.clone());
        let cursors = cursors.to_vec();
        let read = move || oldest_unread(&lanes, &cursors, &readers, at);
        // The disk may be slow: not on a thread that serves others.
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }
}
