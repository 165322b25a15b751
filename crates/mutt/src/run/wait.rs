//! `mutt run` before its database is there. From: settings. To: the database, once it answers; the
//! log and the admin endpoint meanwhile.

use std::time::Duration;

use anyhow::{Error, Result};
use mutt_store::{SqlStore, StoreError};

use super::store;
use crate::admin::Waiting;
use crate::config::Settings;

/// The pause after the first try; it doubles.
const PAUSE_FIRST: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Opens the database. A server that cannot be reached, or refuses, is waited for, however long it
/// takes: nothing else mends it, and who starts MUTT again would only start it again.
///
/// # Errors
/// When waiting does not help: a file cannot be opened, tables are of a newer version; or the admin
/// endpoint cannot listen.
pub async fn database(settings: &Settings) -> Result<SqlStore> {
    let mut waiting: Option<Waiting> = None;
    let mut pause = PAUSE_FIRST;
    loop {
        let why = match store::open(&settings.database).await {
            Err(error) if passes(settings, &error) => format!("{error:#}"),
            opened => {
                if let Some(waiting) = waiting {
                    waiting.end().await;
                }
                return opened;
            }
        };
        let again_in_ms = pause.as_millis() as u64;
        tracing::error!(why, again_in_ms, "waiting for the database: no input listens until then");
        match &waiting {
            Some(waiting) => waiting.says(why),
            None if settings.admin.enabled => {
                waiting = Some(Waiting::begin(settings.admin.listen, why).await?);
            }
            None => {}
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2).min(PAUSE_MAX);
    }
}

fn passes(settings: &Settings, error: &Error) -> bool {
    let fault = error.downcast_ref::<StoreError>();
    settings.database.url.is_some() && matches!(fault, Some(StoreError::Unavailable(_)))
}
