//! The deliverers, one for each destination. From: notices in the database. To: Moogsoft.

use std::sync::Arc;

use anyhow::{Context, Result};
use mutt_output::moogsoft::{CloudSettings, WebhookSettings};
use mutt_output::{Adapter, DestinationStats, Gate, GateSettings, ReqwestHttp};
use mutt_pipeline::{Deliverer, DelivererParts, DelivererSettings, Receiver, Standing};
use mutt_store::SqlStore;
use mutt_tls::Tls;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::build::{ms, passwords};
use super::lease::Leasing;
use super::tls;
use super::worker::{self, Running, Wake};
use crate::config::settings::{AfterAbsence, Destination, DestinationKind};
use crate::config::value::size;
use crate::secrets::Secrets;
use crate::status::Status;

/// A lease lasts so many times as long as a request may take: so one that begins when a renewal is
/// due, with nearly two thirds left, has all of its time, and none outlasts its lease.
const LEASE_REQUESTS: u32 = 2;

/// The name of a destination's worker, and of its lease.
pub fn worker_name(destination: &str) -> String {
    format!("deliver/{destination}")
}

/// What a deliverer is made of, again after each failure.
pub struct Parts {
    /// Where notices wait.
    pub store: SqlStore,
    /// Counters.
    pub stats: DestinationStats,
    /// What keeps it from going on.
    pub standing: Standing,
    /// Wakes it for new notices.
    pub called: Arc<Notify>,
    /// Wakes it for other passwords.
    pub secrets: Secrets,
    /// Watches files of TLS.
    pub tls: Tls,
}

/// Starts a deliverer's thread.
///
/// # Errors
/// If its settings cannot work, or the system gives no thread.
pub fn start(
    to: &Destination,
    parts: Parts,
    leasing: &Leasing,
    status: Status,
    stop: CancellationToken,
) -> Result<Running> {
    let name = to.name.to_string();
    let adapter = adapter(to);
    let gate = gate(to);
    let http = tls::http(to);
    // Wrong certificates stop the start, not the first alert.
    let connector = parts.tls.client(&format!("destination.{name}"), http.tls());
    let connector = connector.with_context(|| format!("destination {name}"))?;
    let http = ReqwestHttp::following(&http, connector);
    let http = http.with_context(|| format!("destination {name}"))?;
    let worker = worker_name(&name);
    let tenancy = (leasing.tenancy(&worker, ms(to.timeout_ms) * LEASE_REQUESTS), None);
    let Parts { store, stats, standing, called, secrets, tls: _ } = parts;
    tokio::spawn(wake(secrets.changes(), Arc::clone(&called), stop.clone()));
    let wake = Wake { journal: None, called };
    let settings = DelivererSettings {
        late_after: ms(to.late_after_ms),
        sends_all: to.after_absence == AfterAbsence::All,
        ..DelivererSettings::new(&name)
    };
    worker::start(&worker, wake, status, stop, tenancy, move |tenure| {
        let parts = DelivererParts {
            database: store.clone(),
            http: http.clone(),
            adapter: adapter.clone(),
            gate: gate.clone(),
            stats: stats.clone(),
            standing: standing.clone(),
            tenure,
        };
        let settings = settings.clone();
        async move { Ok(Deliverer::new(parts, settings)) }
    })
}

/// Another password may end a pause.
async fn wake(mut changes: watch::Receiver<u64>, called: Arc<Notify>, stop: CancellationToken) {
    while stop.run_until_cancelled(changes.changed()).await.is_some_and(|seen| seen.is_ok()) {
        called.notify_one();
    }
}

/// A destination, to be shown what it is sent.
pub fn receiver(to: &Destination) -> Receiver {
    let late_after = ms(to.late_after_ms);
    Receiver { name: to.name.to_string(), adapter: adapter(to), late_after }
}

fn adapter(to: &Destination) -> Adapter {
    match to.kind {
        DestinationKind::MoogsoftWebhook => {
            let url = to.url.as_ref().map(ToString::to_string).unwrap_or_default();
            let mut settings = WebhookSettings::new(url);
            if let Some(user) = &to.user {
                let name = format!("destination {}: password", to.name);
                let all = [&to.password, &to.password_next];
                settings = settings.basic(user, passwords(name, all));
            }
            settings.batch_max = size(to.batch_max);
            settings.timeout = ms(to.timeout_ms);
            settings.agent_location.clone_from(&to.agent_location);
            Adapter::MoogsoftWebhook(settings)
        }
        DestinationKind::MoogsoftCloud => {
            let name = format!("destination {}: api_key", to.name);
            let all = [&to.api_key, &to.api_key_next];
            let mut settings = CloudSettings::new(passwords(name, all));
            if let Some(url) = &to.url {
                settings.url = url.to_string();
            }
            settings.batch_max = size(to.batch_max);
            settings.timeout = ms(to.timeout_ms);
            settings.deduplication_field.clone_from(&to.deduplication_field);
            settings.services.clone_from(&to.services);
            Adapter::MoogsoftCloud(settings)
        }
    }
}

fn gate(to: &Destination) -> Gate {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Gate::new(GateSettings {
        per_second: to.rate_per_s as f64,
        burst: small(to.burst),
        backoff_first: ms(to.retry_first_ms),
        backoff_max: ms(to.retry_max_ms),
        retry_after_max: ms(to.retry_after_max_ms),
        break_after: small(to.breaker_failures),
        break_for: ms(to.breaker_open_ms),
        forbidden_pause: ms(to.forbidden_pause_ms),
        // Two MUTTs must not try again in step.
        seed: rand::random(),
    })
}
