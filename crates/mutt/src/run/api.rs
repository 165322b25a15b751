//! The API, on a listener of its own. From: settings and what runs. To: people and programs.

use std::sync::Arc;

use anyhow::Result;
use mutt_api::{Api, Decisions, Limits, ListenConfig, ServerConfig, SiteParts};
use mutt_event::Hosts;
use mutt_journal::AnyLane;
use mutt_pipeline::book::{Ground, InForce};
use mutt_store::SqlStore;
use mutt_tls::Tls;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::build::ms;
use super::{judge, tls};
use crate::config::Settings;
use crate::config::kinds::Secret;
use crate::config::value::size;

/// What the API works with.
pub struct Parts {
    /// The journal.
    pub lanes: Vec<AnyLane>,
    /// The database.
    pub store: SqlStore,
    /// The book in force.
    pub in_force: Arc<InForce>,
    /// What books are compiled on.
    pub ground: Ground,
    /// How a message's device is found.
    pub hosts: Hosts,
    /// Called after a change.
    pub changed: Arc<Notify>,
    /// Tells the judge what people decide.
    pub decisions: Decisions,
}

/// Starts it until `stop`, as one of `tasks`.
///
/// # Errors
/// If its address cannot be listened on, or its files of TLS cannot be used.
pub async fn start(
    settings: &Settings,
    parts: Parts,
    tls: &Tls,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Result<()> {
    let backtest = mutt_pipeline::backtest::Settings {
        repeats: judge::repeats(&settings.judge),
        ..Default::default()
    };
    let mines = settings.patterns.enabled;
    let settings = &settings.api;
    if !settings.enabled {
        return Ok(());
    }
    let config = ServerConfig {
        listen: ListenConfig {
            listen: settings.listen,
            connections_max: size(settings.connections_max),
            head: ms(settings.head_ms),
            tls: tls::acceptor(tls, "api", &settings.tls, true)?,
        },
        request: ms(settings.request_ms),
    };
    let limits = Limits {
        body_bytes_max: size(settings.body_bytes_max),
        backtests_max: size(settings.backtests_max),
        backtests_kept: size(settings.backtests_kept),
    };
    let Parts { lanes, store, in_force, ground, hosts, changed, decisions } = parts;
    let site = SiteParts {
        store,
        in_force,
        ground,
        lanes,
        hosts,
        changed,
        decisions,
        mines,
        admin_key: settings.admin_key.as_ref().map(Secret::text),
        limits,
        backtest,
    };
    let api = Api::bind(config, site).await?;
    tracing::info!(address = %api.address()?, "api: /api/v1");
    tasks.spawn(api.serve(stop));
    Ok(())
}
