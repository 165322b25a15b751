//! A process before its secrets, its database and its journal in Redis are there. From: settings. To:
//! each of them, once it can be had; the log and the admin endpoint meanwhile.

use std::time::Duration;

use anyhow::{Error, Result};
use mutt_journal::RedisJournal;
use mutt_store::{SqlStore, StoreError};
use mutt_tls::Tls;

use super::{redis, store, tls};
use crate::admin::Waiting;
use crate::config::Settings;
use crate::secrets::Keeper;

/// The pause after the first try; it doubles.
const PAUSE_FIRST: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Opens the database.
///
/// # Errors
/// When waiting does not help: a file cannot be opened, tables are of a newer version; or the admin
/// endpoint cannot listen.
pub async fn database(settings: &Settings) -> Result<SqlStore> {
    let of = &settings.database;
    there(settings, "database", || store::open(of), |error| store_passes(settings, error)).await
}

/// Opens the journal in Redis.
///
/// # Errors
/// When waiting does not help: files of TLS cannot be used, it was made with another number of
/// partitions, or by another version; or the admin endpoint cannot listen.
pub async fn journal(settings: &Settings, tls: &Tls) -> Result<RedisJournal> {
    let tls = redis::connector(settings, tls)?;
    there(settings, "journal", || redis::open(settings, tls.clone()), redis::passes).await
}

/// Opens what a server has. One that cannot be reached, or refuses, is waited for, however long it
/// takes: nothing else mends it, and who starts MUTT again would only start it again.
async fn there<T>(
    settings: &Settings,
    what: &'static str,
    open: impl AsyncFn() -> Result<T>,
    passes: impl Fn(&Error) -> bool,
) -> Result<T> {
    let mut told = Told { what, settings, waiting: None };
    let mut pause = PAUSE_FIRST;
    loop {
        let why = match open().await {
            Err(error) if passes(&error) => format!("{error:#}"),
            opened => {
                told.ends().await;
                return opened;
            }
        };
        told.waits(why, pause).await?;
        pause = pause.saturating_mul(2).min(PAUSE_MAX);
    }
}

/// Reads the secrets that the settings name. A Vault that is away or sealed is waited for as the
/// database is; what it refuses is an error.
///
/// # Errors
/// When waiting does not help: a wrong role, path or field; or the admin endpoint cannot listen.
pub async fn secrets(settings: &Settings) -> Result<Option<Keeper>> {
    let Some(mut keeper) = Keeper::new(settings)? else { return Ok(None) };
    let mut told = Told { what: "secrets", settings, waiting: None };
    loop {
        let why = match keeper.read_all().await {
            Err(error) if error.passes() => error.to_string(),
            read => {
                told.ends().await;
                return read.map(|()| Some(keeper)).map_err(Error::from);
            }
        };
        let pause = keeper.pause();
        told.waits(why, pause).await?;
    }
}

/// Who is told of the waiting.
struct Told<'a> {
    what: &'static str,
    settings: &'a Settings,
    waiting: Option<Waiting>,
}

impl Told<'_> {
    /// Says why, and waits.
    async fn waits(&mut self, why: String, pause: Duration) -> Result<()> {
        let (what, admin) = (self.what, &self.settings.admin);
        let again_in_ms = pause.as_millis() as u64;
        tracing::error!(why, again_in_ms, "waiting for the {what}: no input listens until then");
        match &self.waiting {
            Some(waiting) => waiting.says(why),
            None if admin.enabled => {
                let config = tls::admin(admin, &Tls::default())?;
                self.waiting = Some(Waiting::begin(config, what, why).await?);
            }
            None => {}
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    async fn ends(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            waiting.end().await;
        }
    }
}

fn store_passes(settings: &Settings, error: &Error) -> bool {
    let fault = error.downcast_ref::<StoreError>();
    settings.database.url.is_some() && matches!(fault, Some(StoreError::Unavailable(_)))
}
