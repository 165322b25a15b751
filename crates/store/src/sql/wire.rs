//! Connections, and what is asked over them. From: the writer and the readers. To: one database,
//! a file or a server, as [`Target`] names it. But for migrations, no answer of a server is waited
//! for without a limit.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use mutt_secrets::Passwords;
use sqlx::any::{AnyArguments, AnyPoolOptions, AnyRow};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Connection, FromRow, Row as _};

use super::Options;
use super::access::{Access, parsed};
use super::counters::{Counters, Stats, count};
use super::dialect::{self, Dialect, error};
use crate::StoreError;

/// How much longer than the server's own limit an answer may be under way.
const UNDER_WAY: Duration = Duration::from_secs(2);

pub(super) type Query<'q> = sqlx::query::Query<'q, Any, AnyArguments>;
pub(super) type QueryAs<'q, R> = sqlx::query::QueryAs<'q, Any, R, AnyArguments>;

/// A row as a tuple.
pub(super) trait Row: for<'r> FromRow<'r, AnyRow> + Send + Unpin {}
impl<R: for<'r> FromRow<'r, AnyRow> + Send + Unpin> Row for R {}

/// Which database, and how a connection to it is made.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) dialect: Dialect,
    /// What it is called in errors: a server without its password.
    name: Arc<str>,
    access: Access,
    prepare: Arc<[String]>,
    acquire_within: Duration,
    /// None: as long as it takes, since a disk that stalls answers in the end.
    answer_within: Option<Duration>,
}

impl Target {
    /// The file, to be written or only read.
    pub(super) fn file(path: &Path, options: &Options, write: bool) -> Result<Self, StoreError> {
        let dialect = Dialect::Sqlite;
        let prepare = if write { dialect.writing(options) } else { dialect.reading(options) };
        Ok(Self {
            dialect,
            name: path.display().to_string().into(),
            access: Access::of_file(parsed(&file_url(path, if write { "rwc" } else { "ro" })?)?),
            prepare: prepare.into(),
            acquire_within: options.acquire_timeout,
            answer_within: None,
        })
    }

    /// The server.
    pub(super) fn server(urls: Passwords, options: &Options) -> Result<Self, StoreError> {
        let (access, parsed) = Access::of_server(urls)?;
        let mut name = parsed.database_url.clone();
        // A password may stand in the query, too. It cannot fail where there is a host.
        let _ = name.set_password(None);
        name.set_query(None);
        Ok(Self {
            dialect: Dialect::Postgres,
            name: name.as_str().into(),
            access,
            prepare: Dialect::Postgres.writing(options).into(),
            acquire_within: options.acquire_timeout,
            answer_within: Some(options.statement_timeout + UNDER_WAY),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A new connection.
    pub(super) async fn connect(&self) -> Result<Wire, StoreError> {
        let limit = self.answer_within.and(Some(self.acquire_within));
        let connection = within(limit, self.access.connect()).await?;
        let mut wire = Wire { connection, answer_within: self.answer_within };
        wire.prepare(&self.prepare).await?;
        Ok(wire)
    }

    /// A new connection to a database whose tables are up to date.
    pub(super) async fn tables(&self) -> Result<Wire, StoreError> {
        let mut wire = self.connect().await?;
        if let Some(sql) = self.dialect.encoding() {
            let encoding: Vec<(String,)> = wire.rows(sqlx::query_as(sql)).await?;
            if encoding != [("UTF8".to_owned(),)] {
                return Err(StoreError::Damaged(
                    "it keeps text in another encoding than UTF8: create it with ENCODING 'UTF8'"
                        .to_owned(),
                ));
            }
        }
        wire.be_patient(self.dialect).await?;
        let migrations = self.dialect.migrations();
        migrations.run(&mut wire.connection).await.map_err(dialect::migration)?;
        wire.prepare(&self.prepare).await?;
        Ok(wire)
    }

    /// Connections for readers, made when they are needed.
    pub(super) fn readers(&self, most: u32, counters: Arc<Counters>) -> Readers {
        let prepare = self.prepare.clone();
        let most = most.max(1);
        let pool = AnyPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(self.acquire_within)
            // So that a server may restart unnoticed; a file cannot get lost.
            .test_before_acquire(self.dialect == Dialect::Postgres)
            .after_connect(move |connection, _| {
                let prepare = prepare.clone();
                Box::pin(async move {
                    for command in prepare.iter() {
                        let command = AssertSqlSafe(command.clone());
                        sqlx::raw_sql(command).execute(&mut *connection).await?;
                    }
                    Ok(())
                })
            })
            .connect_lazy_with(self.access.likeliest());
        let access = Arc::new(self.access.clone());
        Readers { pool, most, access, answer_within: self.answer_within, counters }
    }

    /// Adds a command to those that prepare a connection.
    #[cfg(test)]
    pub(super) fn also(mut self, command: &str) -> Self {
        self.prepare = self.prepare.iter().cloned().chain([command.to_owned()]).collect();
        self
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct Wire {
    connection: AnyConnection,
    answer_within: Option<Duration>,
}

impl Wire {
    async fn prepare(&mut self, commands: &[String]) -> Result<(), StoreError> {
        for command in commands {
            let asked = sqlx::raw_sql(AssertSqlSafe(command.clone())).execute(&mut self.connection);
            within(self.answer_within, asked).await?;
        }
        Ok(())
    }

    /// Executes what answers nothing.
    pub(super) async fn command(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.execute(sqlx::query(sql)).await.map(|_| ())
    }

    /// Executes it and answers how many rows it changed.
    pub(super) async fn execute(&mut self, query: Query<'_>) -> Result<u64, StoreError> {
        let done = within(self.answer_within, query.execute(&mut self.connection)).await?;
        Ok(done.rows_affected())
    }

    /// All rows of a query.
    pub(super) async fn rows<R: Row>(
        &mut self,
        query: QueryAs<'_, R>,
    ) -> Result<Vec<R>, StoreError> {
        within(self.answer_within, query.fetch_all(&mut self.connection)).await
    }

    /// From now on the server may take as long as it will.
    pub(super) async fn be_patient(&mut self, dialect: Dialect) -> Result<(), StoreError> {
        for command in dialect.patient() {
            self.command(command).await?;
        }
        Ok(())
    }

    /// The first column of all rows.
    pub(super) async fn texts(&mut self, sql: String) -> Result<Vec<String>, StoreError> {
        let mut texts = Vec::new();
        self.each(sql, |text| {
            texts.push(text);
            true
        })
        .await?;
        Ok(texts)
    }

    /// Hands on the first column of each row as it comes, until one is not taken.
    pub(super) async fn each(
        &mut self,
        sql: String,
        mut take: impl FnMut(String) -> bool,
    ) -> Result<(), StoreError> {
        let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut self.connection);
        while let Some(row) = rows.try_next().await.map_err(error)? {
            // A NULL is the answer of a function that is asked for what it does.
            let text: Option<String> = row.try_get(0).map_err(error)?;
            if !text.is_none_or(&mut take) {
                break;
            }
        }
        Ok(())
    }

    /// Executes it with one text as its argument.
    pub(super) async fn give(&mut self, sql: &str, text: &str) -> Result<(), StoreError> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned())).bind(text);
        query.execute(&mut self.connection).await.map_err(error)?;
        Ok(())
    }

    /// Says good-bye, which also undoes a transaction.
    pub(super) async fn close(self) -> Result<(), StoreError> {
        within(self.answer_within, self.connection.close()).await
    }
}

/// Connections that read beside the writer's; clones share them.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    pool: AnyPool,
    most: u32,
    access: Arc<Access>,
    answer_within: Option<Duration>,
    counters: Arc<Counters>,
}

impl Readers {
    /// All rows of a query; refused at once while the writer finds the server away.
    pub(super) async fn rows<R: Row>(&self, query: QueryAs<'_, R>) -> Result<Vec<R>, StoreError> {
        if let Some(why) = self.counters.away() {
            return Err(StoreError::Unavailable(why));
        }
        let mut lent = Lent { connection: self.acquire().await?, answered: false };
        let answer = within(self.answer_within, query.fetch_all(&mut *lent.connection)).await;
        lent.answered = !matches!(answer, Err(StoreError::Unavailable(_)));
        answer
    }

    async fn acquire(&self) -> Result<PoolConnection<Any>, StoreError> {
        if self.pool.num_idle() == 0 && self.pool.size() >= self.most {
            count(&self.counters.waits);
        }
        self.access.acquire(&self.pool).await.map_err(|fault| {
            if matches!(fault, sqlx::Error::PoolTimedOut) {
                count(&self.counters.timeouts);
            }
            error(fault)
        })
    }

    /// Adds how the connections are.
    pub(super) fn with_pool(&self, stats: Stats) -> Stats {
        let idle = self.pool.num_idle() as u64;
        Stats {
            readers_in_use: u64::from(self.pool.size()).saturating_sub(idle),
            readers_idle: idle,
            readers_max: u64::from(self.most),
            ..stats
        }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A reader's connection. It goes back to the pool after an answer only: the pool would wait for
/// what is still under way, and for ever if the link is dead, or if its reader gave up.
struct Lent {
    connection: PoolConnection<Any>,
    answered: bool,
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.answered {
            self.connection.close_on_drop();
        }
    }
}

async fn within<T>(
    limit: Option<Duration>,
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, StoreError> {
    let answer = match limit {
        None => asked.await,
        Some(limit) => tokio::time::timeout(limit, asked).await.map_err(|_| {
            StoreError::Unavailable(format!("no answer within {} s", limit.as_secs_f32()))
        })?,
    };
    answer.map_err(error)
}

/// Every byte but letters and digits is escaped: a URL would take dots and slashes for its own.
fn file_url(path: &Path, mode: &str) -> Result<String, StoreError> {
    let path = path
        .to_str()
        .ok_or_else(|| StoreError::Unavailable("the name of the file is not UTF-8".to_owned()))?;
    let mut url = String::from("sqlite:");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() {
            url.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    Ok(url + "?mode=" + mode)
}
