//! The database, and a call to the deliverers whenever a commit holds something for them.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use mutt_alert::{Alert, Decided, Track};
use mutt_event::Timestamp;
use mutt_journal::Position;
use mutt_patterns::{Account, Pattern, PatternDecided};
use mutt_secrets::{Passwords, Place};
use mutt_store::{
    Change, Cursor, Database, Delivery, Keep, Options, Pruned, Queue, SignalRow, SqlStore,
    StoreError,
};
use tokio::sync::Notify;

use super::build::ms;
use crate::config::kinds::{DatabaseUrl, Secret};
use crate::config::settings::DatabaseSettings;
use crate::config::value::size;

/// Opens the database; makes a file, and its folder, if they are missing.
///
/// # Errors
/// If it cannot be opened or reached, or is of a newer version.
pub async fn open(settings: &DatabaseSettings) -> Result<SqlStore> {
    let options = options(settings);
    if let Some(url) = &settings.url {
        return SqlStore::connect_by(urls(url, settings), options).await.context("database.url");
    }
    if let Some(folder) = settings.path.parent().filter(|folder| *folder != Path::new("")) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("database.path: cannot make {}", folder.display()))?;
    }
    SqlStore::open(&settings.path, options).await.context("database.path")
}

/// The server's URL with each password that may be in force, as they are when a connection is made.
fn urls(url: &DatabaseUrl, settings: &DatabaseSettings) -> Passwords {
    let with = |secret: &Secret| {
        let url = url.clone();
        Place::made(secret.live(), move |password| url.with_password(Some(password)))
    };
    let first = settings.password.as_ref().map_or_else(|| Place::of(url.live()), with);
    let next = settings.password_next.as_ref().map(with);
    Passwords::new("database.password", [first].into_iter().chain(next))
}

/// Where the database is.
pub fn place(settings: &DatabaseSettings) -> mutt_store::Place<'_> {
    match &settings.url {
        Some(url) => mutt_store::Place::Server(urls(url, settings)),
        None => mutt_store::Place::File(&settings.path),
    }
}

/// How the database is used.
pub fn options(settings: &DatabaseSettings) -> Options {
    Options {
        queue: size(settings.queue_changes_max),
        readers: u32::try_from(settings.readers_max).unwrap_or(u32::MAX),
        busy_timeout: ms(settings.busy_ms),
        acquire_timeout: ms(settings.acquire_ms),
        statement_timeout: ms(settings.statement_ms),
        wal_bytes: settings.wal_bytes,
        ballast_bytes: settings.ballast_bytes,
    }
}

/// The position above all cursors: a journal must not give an older one again.
///
/// # Errors
/// When the database does not answer, or knows a journal while `folder` holds none: then the
/// folder is the wrong one, and nothing must be made in it.
pub async fn above_cursors(store: &SqlStore, folder: &Path) -> Result<Position> {
    let cursors = store.cursors().await.context("database")?;
    if let Some(cursor) = cursors.first() {
        ensure!(
            std::fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some()),
            "the database's cursors belong to journal {}, but {} holds no journal: put the right \
             journal folder back, or start with an empty database",
            cursor.journal,
            folder.display()
        );
    }
    Ok(cursors.iter().map(|cursor| Position(cursor.position)).max().unwrap_or(Position::FIRST))
}

/// Refuses a journal that the database's cursors do not belong to.
///
/// # Errors
/// [`StoreError::OtherJournal`], with the way out.
pub async fn check_identity(store: &SqlStore, identity: &str) -> Result<()> {
    let cursors = store.cursors().await.context("database")?;
    match cursors.into_iter().find(|cursor| cursor.journal != identity) {
        None => Ok(()),
        Some(other) => {
            Err(StoreError::OtherJournal { expected: other.journal, found: identity.to_owned() }
                .into())
        }
    }
}

/// The database as the judge sees it: deliverers are called once a notice is written.
#[derive(Clone)]
pub struct Calling {
    store: SqlStore,
    deliverers: Arc<[Arc<Notify>]>,
    correlator: Option<Arc<Notify>>,
}

impl Calling {
    /// Calls all `deliverers` after a commit with notices.
    pub fn new(store: SqlStore, deliverers: Vec<Arc<Notify>>) -> Self {
        Self { store, deliverers: deliverers.into(), correlator: None }
    }

    /// The same that calls the correlator after a commit with signals.
    pub fn with_correlator(self, correlator: Arc<Notify>) -> Self {
        Self { correlator: Some(correlator), ..self }
    }

    /// The database itself.
    pub fn store(&self) -> &SqlStore {
        &self.store
    }
}

impl Database for Calling {
    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        let (tells, found) = (!change.notices.is_empty(), !change.signals.found.is_empty());
        self.store.commit(change).await?;
        if found {
            self.correlator.iter().for_each(|correlator| correlator.notify_one());
        }
        if tells {
            self.deliverers.iter().for_each(|deliverer| deliverer.notify_one());
        }
        Ok(())
    }

    async fn claim(
        &self,
        reader: &str,
        journal: &str,
        partitions: Range<u16>,
    ) -> Result<Vec<Cursor>, StoreError> {
        self.store.claim(reader, journal, partitions).await
    }

    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        self.store.cursors().await
    }

    async fn live_alerts(&self, at: Timestamp) -> Result<Vec<Alert>, StoreError> {
        self.store.live_alerts(at).await
    }

    async fn tracks(&self) -> Result<Vec<(String, Track)>, StoreError> {
        self.store.tracks().await
    }

    async fn decisions(&self, limit: u32) -> Result<Vec<(i64, Decided)>, StoreError> {
        self.store.decisions(limit).await
    }

    async fn patterns(&self) -> Result<Vec<Pattern>, StoreError> {
        self.store.patterns().await
    }

    async fn mining(&self) -> Result<Account, StoreError> {
        self.store.mining().await
    }

    async fn pattern_decisions(
        &self,
        limit: u32,
    ) -> Result<Vec<(i64, PatternDecided)>, StoreError> {
        self.store.pattern_decisions(limit).await
    }

    async fn signals(&self) -> Result<Vec<SignalRow>, StoreError> {
        self.store.signals().await
    }

    async fn posted(&self, limit: u32) -> Result<Vec<(i64, String)>, StoreError> {
        self.store.posted(limit).await
    }

    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        self.store.open_alerts().await
    }

    async fn latest_alerts(&self, limit: u32) -> Result<Vec<Alert>, StoreError> {
        self.store.latest_alerts(limit).await
    }

    async fn waiting(&self, destination: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.store.waiting(destination, limit).await
    }

    async fn overtaken(&self, destination: &str) -> Result<Vec<(i64, String)>, StoreError> {
        self.store.overtaken(destination).await
    }

    async fn dead_letters(&self, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.store.dead_letters(limit).await
    }

    async fn queues(&self) -> Result<Vec<Queue>, StoreError> {
        self.store.queues().await
    }

    async fn prune(&self, keep: Keep) -> Result<Pruned, StoreError> {
        self.store.prune(keep).await
    }
}
