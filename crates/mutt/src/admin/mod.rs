//! What MUTT shows of itself over HTTP: /metrics, /livez, /readyz, /ledger.

mod collect;
mod health;
mod journal;
mod snapshot;
mod waiting;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use mutt_api::{HttpListener, ListenConfig};
use prometheus_client::encoding::text;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use collect::Latest;
pub use health::{Check, ready as is_ready};
pub use journal::Journal;
pub use snapshot::{Snapshot, Sources};
pub use waiting::Waiting;

/// The content type of the OpenMetrics text format, version 1.0.0.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How long the database may take for a page: whoever asks, a probe or a person, waits no longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The admin endpoint, bound.
pub struct Admin {
    listener: HttpListener,
    pages: Arc<Pages>,
}

struct Pages {
    sources: Sources,
    registry: Registry,
    latest: Arc<Latest>,
}

impl Pages {
    /// Asks the database; the error says what is wrong with it.
    async fn ask(&self) -> Result<Snapshot, String> {
        match timeout(PATIENCE, self.sources.snapshot()).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }
}

/// A registry with the prefix of all metrics, and what is always there.
pub fn registry() -> Registry {
    let mut registry = Registry::with_prefix("mutt");
    let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "This MUTT", version);
    registry
}

impl Admin {
    /// Listens; `registry` holds the metrics of the crates.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub async fn bind(
        config: ListenConfig,
        sources: Sources,
        mut registry: Registry,
    ) -> Result<Self> {
        let listener = bind(config).await?;
        let latest = Arc::new(Latest::default());
        registry.register_collector(Box::new(Arc::clone(&latest)));
        Ok(Self { listener, pages: Arc::new(Pages { sources, registry, latest }) })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.listener.address()?)
    }

    /// Serves until `stop`.
    pub async fn serve(self, stop: CancellationToken) {
        let router = Router::new()
            .route("/metrics", get(metrics))
            .route("/livez", get(livez))
            .route("/readyz", get(readyz))
            .route("/healthz", get(readyz))
            .route("/ledger", get(ledger))
            .with_state(self.pages);
        self.listener.serve(router, &stop).await;
    }
}

async fn bind(config: ListenConfig) -> Result<HttpListener> {
    let address = config.listen;
    let listener = HttpListener::bind(config).await;
    listener.with_context(|| format!("admin.listen: cannot listen on {address}"))
}

async fn livez() -> &'static str {
    "ok\n"
}

async fn metrics(State(pages): State<Arc<Pages>>) -> Response {
    // With the database away, the other metrics are worth all the more; what it said last stays.
    pages.latest.put(pages.ask().await.ok(), pages.sources.live());
    let mut body = String::new();
    match text::encode(&mut body, &pages.registry) {
        Ok(()) => ([(header::CONTENT_TYPE, OPEN_METRICS)], body).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn readyz(State(pages): State<Arc<Pages>>, RawQuery(query): RawQuery) -> Response {
    let database = match pages.sources.store {
        Some(_) => pages.ask().await.err(),
        None => None,
    };
    let checks = pages.sources.checks(database);
    let ready = health::ready(&checks);
    let asked = query.is_some_and(|query| query.split('&').any(|part| part.starts_with("verbose")));
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    // What is wrong is said unasked too: whoever looks at a 503 wants to know.
    let body = if asked || !ready { health::verbose(&checks) } else { "ok\n".to_owned() };
    (status, body).into_response()
}

async fn ledger(State(pages): State<Arc<Pages>>) -> Response {
    let snapshot = match pages.ask().await {
        Ok(snapshot) => snapshot,
        Err(error) => {
            return (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response();
        }
    };
    let faults = snapshot.ledger.balances().err().unwrap_or_default();
    let mut body = match serde_json::to_value(&snapshot.ledger) {
        Ok(body) => body,
        Err(error) => {
            return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response();
        }
    };
    if let Some(object) = body.as_object_mut() {
        object.insert("balanced".to_owned(), faults.is_empty().into());
        object.insert("faults".to_owned(), faults.into());
    }
    ([(header::CONTENT_TYPE, "application/json")], format!("{body:#}\n")).into_response()
}
