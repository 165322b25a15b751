//! By which URL a connection is made, while its password may change.
//!
//! From: the passwords that may be in force, each in a URL. To: the writer's connections and the
//! readers' pool; what a server refuses is tried with the next.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mutt_secrets::{ExposeSecret, Passwords, SecretString};
use sqlx::any::AnyConnectOptions;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgDatabaseError;
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions};

use super::dialect::error;
use crate::StoreError;

/// How a database is reached.
#[derive(Clone)]
pub(super) struct Access {
    first: AnyConnectOptions,
    /// A server's; none: a file, which has no password.
    urls: Option<Passwords>,
    /// What the pool makes its connections by.
    of_pool: Arc<Mutex<OfPool>>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access({:?}, …)", self.urls)
    }
}

#[derive(Default)]
struct OfPool {
    url: Option<SecretString>,
    version: u64,
}

impl Access {
    pub(super) fn of_file(options: AnyConnectOptions) -> Self {
        Self { first: options, urls: None, of_pool: Arc::default() }
    }

    /// Answers what the likeliest URL says, too.
    pub(super) fn of_server(urls: Passwords) -> Result<(Self, AnyConnectOptions), StoreError> {
        let url = urls.candidates().into_iter().next().unwrap_or_default();
        let text = url.expose_secret();
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            let text = "the URL of a database begins with postgres://";
            return Err(StoreError::Unavailable(text.to_owned()));
        }
        let first = parsed(text)?;
        let version = urls.version();
        let of_pool = Arc::new(Mutex::new(OfPool { url: Some(url), version }));
        Ok((Self { first: first.clone(), urls: Some(urls), of_pool }, first))
    }

    /// What a pool begins with.
    pub(super) fn likeliest(&self) -> AnyConnectOptions {
        self.first.clone()
    }

    /// A new connection.
    pub(super) async fn connect(&self) -> Result<AnyConnection, sqlx::Error> {
        let Some(urls) = &self.urls else { return self.first.connect().await };
        let open = |url: SecretString| async move { options(&url)?.connect().await };
        let opened = urls.log_in(open, is_refusal).await;
        opened.map_err(|refused| refused.unwrap_or(sqlx::Error::PoolClosed))
    }

    /// A connection of the pool, which may have to make one.
    pub(super) async fn acquire(&self, pool: &AnyPool) -> Result<PoolConnection<Any>, sqlx::Error> {
        let Some(urls) = &self.urls else { return pool.acquire().await };
        self.follow(urls, pool)?;
        let first = match pool.acquire().await {
            Err(fault) if is_refusal(&fault) => fault,
            acquired => return acquired,
        };
        for url in urls.candidates() {
            if !self.make_by(url, pool)? {
                continue;
            }
            match pool.acquire().await {
                Err(fault) if is_refusal(&fault) => {}
                acquired => return acquired,
            }
        }
        urls.refused();
        Err(first)
    }

    /// After a change the pool makes its connections by what is likeliest then.
    fn follow(&self, urls: &Passwords, pool: &AnyPool) -> Result<(), sqlx::Error> {
        let version = urls.version();
        if std::mem::replace(&mut self.of_pool().version, version) != version
            && let Some(url) = urls.candidates().into_iter().next()
        {
            self.make_by(url, pool)?;
        }
        Ok(())
    }

    /// From now on the pool makes its connections by this URL; answers whether it was another.
    fn make_by(&self, url: SecretString, pool: &AnyPool) -> Result<bool, sqlx::Error> {
        let mut of_pool = self.of_pool();
        let same = |known: &SecretString| known.expose_secret() == url.expose_secret();
        if of_pool.url.as_ref().is_some_and(same) {
            return Ok(false);
        }
        pool.set_connect_options(options(&url)?);
        of_pool.url = Some(url);
        Ok(true)
    }

    fn of_pool(&self) -> MutexGuard<'_, OfPool> {
        self.of_pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the server knows the user by another password: invalid_password, or
/// invalid_authorization_specification, as a role that was replaced has it.
fn is_refusal(fault: &sqlx::Error) -> bool {
    let sqlx::Error::Database(answer) = fault else { return false };
    let answer = answer.try_downcast_ref::<PgDatabaseError>();
    answer.is_some_and(|answer| matches!(answer.code(), "28P01" | "28000"))
}

fn options(url: &SecretString) -> Result<AnyConnectOptions, sqlx::Error> {
    sqlx::any::install_default_drivers();
    let options: AnyConnectOptions = url.expose_secret().parse()?;
    Ok(options.disable_statement_logging())
}

pub(super) fn parsed(url: &str) -> Result<AnyConnectOptions, StoreError> {
    options(&SecretString::from(url)).map_err(error)
}
