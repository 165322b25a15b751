//! The database in SQL: one SQLite file, or a PostgreSQL server. From: all roles of this process.
//! To: the tables, by one writer task that makes one transaction of all that waits; reads go
//! beside it.

mod access;
pub(crate) mod backup;
mod ballast;
mod catalog;
mod change;
mod counters;
mod dialect;
mod groups;
mod history;
mod leases;
mod life;
mod live;
mod patterns;
mod people;
mod reports;
mod rows;
mod signals;
mod snmp_engine;
mod sums;
mod wire;
mod writer;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mutt_alert::{Alert, Decided, Track};
use mutt_event::Timestamp;
use mutt_patterns::{Account, Pattern, PatternDecided};
use mutt_secrets::{Passwords, SecretString};
use sqlx::AssertSqlSafe;
use tokio::sync::{mpsc, oneshot};

use crate::{
    Change, Cursor, Database, Delivery, DeliveryState, Keep, Pruned, Queue, SignalRow, StoreError,
    Urgency,
};
use ballast::Ballast;
use counters::Counters;
pub use counters::Stats;
use dialect::Dialect;
use live::DELIVERY;
pub use snmp_engine::SnmpEngine;
use wire::{Readers, Target, Wire};
use writer::{Done, Job, Work, Writer};

/// Limits of the store.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many changes may wait for the writer, of people and of workers each; more wait to be
    /// let in. Default 256.
    pub queue: usize,
    /// How many connections read at once. Default 4.
    pub readers: u32,
    /// How long to wait for another process that has the file, or a row, locked. Default 5 s.
    pub busy_timeout: Duration,
    /// How long to wait for one of the connections that read, or for a new one to a server.
    /// Default 10 s.
    pub acquire_timeout: Duration,
    /// How long a server may take for one statement. Default 10 s.
    pub statement_timeout: Duration,
    /// A file's write-ahead log is cut back to this when it was longer. Default 64 MiB.
    pub wal_bytes: u64,
    /// Room on a file's disk that is given up when it is full, so that cursors still move: twice
    /// what the write-ahead log grows to before it is used again. Default 8 MiB.
    pub ballast_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue: 256,
            readers: 4,
            busy_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
            wal_bytes: 64 << 20,
            ballast_bytes: 8 << 20,
        }
    }
}

/// The database in one SQLite file or on a PostgreSQL server; clones share it.
///
/// Once [`Database::commit`] answers `Ok`, the change survives a power cut: WAL, synchronous=FULL;
/// of a server, if it keeps its own promises (`fsync`).
#[derive(Clone, Debug)]
pub struct SqlStore {
    people: mpsc::Sender<Job>,
    workers: mpsc::Sender<Job>,
    readers: Readers,
    counters: Arc<Counters>,
    dialect: Dialect,
}

impl SqlStore {
    /// Opens the file, makes it if it is missing, and brings its tables up to date. Its folder
    /// must be there. Needs a tokio runtime, in which the writer task lives until the last clone
    /// is dropped or [`SqlStore::close`] is called.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the file is no database, or one of a newer version;
    /// [`StoreError::Full`] or [`StoreError::Unavailable`] if it cannot be opened or written.
    pub async fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        let named = |fault| rows::at(&path.display().to_string(), fault);
        let writing = Target::file(path, &options, true).map_err(named)?;
        let reading = Target::file(path, &options, false).map_err(named)?;
        let ballast = Ballast::take(path, options.ballast_bytes);
        Self::open_file(writing, reading, ballast, &options).await.map_err(named)
    }

    /// Connects to a PostgreSQL server, `postgres://user:password@host:port/database`, and brings
    /// its tables up to date; a host that begins with `%2F` is the folder of a Unix socket. A
    /// pooler between must keep sessions. Needs a tokio runtime, as [`SqlStore::open`] does.
    ///
    /// A connection that is lost later makes calls answer [`StoreError::Unavailable`]; the next
    /// ones connect anew, and while that fails all are answered so at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if it cannot be reached or refuses; [`StoreError::Damaged`] if
    /// its tables are of a newer version, or it does not keep text in UTF-8.
    pub async fn connect(url: &str, options: Options) -> Result<Self, StoreError> {
        Self::connect_by(SecretString::from(url).into(), options).await
    }

    /// The same by a URL that changes as its password does: each new connection takes the one that
    /// is likeliest then, and another one if the server refuses its password.
    ///
    /// # Errors
    /// As for [`SqlStore::connect`].
    pub async fn connect_by(urls: Passwords, options: Options) -> Result<Self, StoreError> {
        let target = Target::server(urls, &options)?;
        let wire = target.tables().await.map_err(|fault| rows::at(target.name(), fault))?;
        Ok(Self::start(target.clone(), &target, wire, None, &options))
    }

    async fn open_file(
        writing: Target,
        reading: Target,
        mut ballast: Ballast,
        options: &Options,
    ) -> Result<Self, StoreError> {
        let mut opened = writing.tables().await;
        if matches!(opened, Err(StoreError::Full(_))) && ballast.release() {
            opened = writing.tables().await;
        }
        Ok(Self::start(writing, &reading, opened?, Some(ballast), options))
    }

    fn start(
        writing: Target,
        reading: &Target,
        wire: Wire,
        ballast: Option<Ballast>,
        options: &Options,
    ) -> Self {
        let counters = Arc::new(Counters::default());
        let dialect = writing.dialect;
        let readers = reading.readers(options.readers, Arc::clone(&counters));
        let (people, from_people) = mpsc::channel(options.queue.max(1));
        let (workers, from_workers) = mpsc::channel(options.queue.max(1));
        let writer =
            Writer::new(writing, wire, ballast, from_people, from_workers, counters.clone());
        tokio::spawn(writer.run());
        Self { people, workers, readers, counters, dialect }
    }

    /// Does the changes that wait, then closes all connections. Calls that come later, from any
    /// clone, answer [`StoreError::Unavailable`].
    pub async fn close(&self) {
        // Whoever closes last folds the write-ahead log into the file; a reader may not.
        self.readers.close().await;
        let _ = self.ask(Urgency::Worker, Work::Close).await;
    }

    /// What was done so far, and how its connections are.
    pub fn stats(&self) -> Stats {
        self.readers.with_pool(self.counters.stats())
    }

    /// Why the server does not answer, and for how long, as its writer found it last; none: it
    /// does. Until it does again, reads are refused at once instead of waiting.
    pub fn away(&self) -> Option<String> {
        self.counters.away()
    }

    async fn ask(&self, urgency: Urgency, work: Work) -> Result<Done, StoreError> {
        let closed = || StoreError::Unavailable("the database is closed".to_owned());
        let queue = match urgency {
            Urgency::Person => &self.people,
            Urgency::Worker => &self.workers,
        };
        let (answer, answered) = oneshot::channel();
        queue.send(Job { urgency, work, answer }).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }
}

impl Database for SqlStore {
    async fn claim(
        &self,
        reader: &str,
        journal: &str,
        partitions: Range<u16>,
    ) -> Result<Vec<Cursor>, StoreError> {
        let (reader, journal) = (reader.to_owned(), journal.to_owned());
        let work = Work::Claim { reader, journal, partitions };
        Ok(self.ask(Urgency::Worker, work).await?.cursors)
    }

    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT reader, partition, journal, epoch, position, time, counts FROM cursors \
             ORDER BY reader, partition",
        );
        rows::cursors(self.readers.rows(rows).await?)
    }

    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        let urgency = change.urgency;
        self.ask(urgency, Work::Commit(Box::new(change))).await.map(|_| ())
    }

    async fn live_alerts(&self, at: Timestamp) -> Result<Vec<Alert>, StoreError> {
        let bodies = sqlx::query_as(
            "SELECT body FROM alerts WHERE live_until >= $1 ORDER BY first_seen, id",
        )
        .bind(at.as_micros());
        rows::alerts(self.readers.rows(bodies).await?)
    }

    async fn tracks(&self) -> Result<Vec<(String, Track)>, StoreError> {
        let rows = sqlx::query_as("SELECT key, body FROM tracks ORDER BY key");
        let found: Vec<(String, String)> = self.readers.rows(rows).await?;
        found.into_iter().map(|(key, body)| Ok((key, rows::value(&body)?))).collect()
    }

    async fn decisions(&self, limit: u32) -> Result<Vec<(i64, Decided)>, StoreError> {
        let rows = sqlx::query_as("SELECT number, body FROM decisions ORDER BY number LIMIT $1")
            .bind(i64::from(limit));
        let found: Vec<(i64, String)> = self.readers.rows(rows).await?;
        found.into_iter().map(|(number, body)| Ok((number, rows::value(&body)?))).collect()
    }

    async fn patterns(&self) -> Result<Vec<Pattern>, StoreError> {
        patterns::all(&self.readers).await
    }

    async fn mining(&self) -> Result<Account, StoreError> {
        patterns::mining(&self.readers).await
    }

    async fn pattern_decisions(
        &self,
        limit: u32,
    ) -> Result<Vec<(i64, PatternDecided)>, StoreError> {
        patterns::decisions(&self.readers, limit).await
    }

    async fn signals(&self) -> Result<Vec<SignalRow>, StoreError> {
        signals::first(&self.readers).await
    }

    async fn posted(&self, limit: u32) -> Result<Vec<(i64, String)>, StoreError> {
        signals::posted(&self.readers, limit).await
    }

    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        let bodies = sqlx::query_as(
            "SELECT body FROM alerts WHERE state IN ('open', 'acknowledged') \
             ORDER BY first_seen, id",
        );
        rows::alerts(self.readers.rows(bodies).await?)
    }

    async fn latest_alerts(&self, limit: u32) -> Result<Vec<Alert>, StoreError> {
        let bodies =
            sqlx::query_as("SELECT body FROM alerts ORDER BY first_seen DESC, id DESC LIMIT $1")
                .bind(i64::from(limit));
        rows::alerts(self.readers.rows(bodies).await?)
    }

    async fn waiting(&self, destination: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT {DELIVERY} FROM deliveries JOIN notices ON id = notice_id \
             WHERE destination = $1 AND state = 'waiting' ORDER BY number LIMIT $2"
        )))
        .bind(destination)
        .bind(i64::from(limit));
        rows::deliveries(self.readers.rows(rows).await?)
    }

    async fn overtaken(&self, destination: &str) -> Result<Vec<(i64, String)>, StoreError> {
        live::overtaken(self, destination).await
    }

    async fn dead_letters(&self, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT {DELIVERY} FROM deliveries JOIN notices ON id = notice_id \
             WHERE state = 'dead' ORDER BY number DESC LIMIT $1"
        )))
        .bind(i64::from(limit));
        rows::deliveries(self.readers.rows(rows).await?)
    }

    /// Counts every row of the index: some 5 ms for 40,000 deliveries, so not for each second.
    async fn queues(&self) -> Result<Vec<Queue>, StoreError> {
        let queues = sqlx::query_as(
            "SELECT d.destination, d.state, q.length, d.made_at FROM \
             (SELECT destination, state, COUNT(*) AS length, MIN(number) AS oldest \
              FROM deliveries GROUP BY destination, state) AS q \
             JOIN deliveries AS d ON d.number = q.oldest ORDER BY d.destination",
        );
        let rows: Vec<(String, String, i64, i64)> = self.readers.rows(queues).await?;
        let mut queues: Vec<Queue> = Vec::new();
        for (destination, state, length, made_at) in rows {
            let state: DeliveryState = rows::delivery_state(&state)?;
            let last = queues.last().map(|queue| queue.destination.as_str());
            if last != Some(destination.as_str()) {
                queues.push(Queue::empty(destination));
            }
            if let Some(queue) = queues.last_mut() {
                queue.add(state, rows::unsigned(length)?, Timestamp::from_micros(made_at));
            }
        }
        Ok(queues)
    }

    async fn prune(&self, keep: Keep) -> Result<Pruned, StoreError> {
        Ok(self.ask(Urgency::Worker, Work::Prune(keep)).await?.pruned)
    }
}

#[cfg(test)]
mod tests;
