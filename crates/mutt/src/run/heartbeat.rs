//! The sign of life. From: the status, and whether the database answers. To: a system that pages
//! when it stays away.

use std::time::Duration;

use anyhow::{Context, Result};
use mutt_output::{Answer, Heartbeat, HttpSettings, ReqwestHttp};
use mutt_secrets::{ExposeSecret, Live};
use mutt_store::SqlStore;
use tokio_util::sync::CancellationToken;

use super::build::ms;
use crate::config::settings::HeartbeatSettings;
use crate::status::Status;

/// Starts the heartbeat, if the settings name a URL.
///
/// # Errors
/// If no HTTP client can be made.
pub fn start(
    settings: &HeartbeatSettings,
    status: Status,
    store: SqlStore,
    stop: CancellationToken,
) -> Result<()> {
    let Some(url) = &settings.url else { return Ok(()) };
    let http = ReqwestHttp::new(&HttpSettings::default()).context("heartbeat")?;
    let (url, every) = (url.live(), ms(settings.every_ms));
    tokio::spawn(async move { beat(url, http, every, status, store, stop).await });
    Ok(())
}

async fn beat(
    url: Live,
    http: ReqwestHttp,
    every: Duration,
    status: Status,
    store: SqlStore,
    stop: CancellationToken,
) {
    let mut timer = tokio::time::interval(every);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut well = true;
    loop {
        tokio::select! {
            _ = timer.tick() => {}
            () = stop.cancelled() => return,
        }
        let parts = status.parts();
        let takes_none = parts.journal_failed.is_some() || parts.inputs_up_since.is_none();
        // A MUTT that takes no messages, or can tell nobody of them, shall be missed.
        if takes_none || store.away().is_some() {
            continue;
        }
        let Some(url) = url.get() else { continue };
        match Heartbeat::new(url.expose_secret()).beat(&http, b"").await {
            Answer::Taken => well = true,
            Answer::Again { why, .. } | Answer::Refused { why } | Answer::Forbidden { why } => {
                if well {
                    tracing::warn!(why, "heartbeat: not taken");
                }
                well = false;
            }
        }
    }
}
