//! The API and the pages on their listener: each request to the router that knows its path.
//!
//! From: a connection. To: the handlers of this crate.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use thiserror::Error;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::guard::guard;
use crate::listen::{HttpListener, ListenConfig};
use crate::openapi::{self, BASE, Served};
use crate::problem::Problem;
use crate::site::{Site, SiteParts};
use crate::{
    alerts, audit, backtests, deliveries, destinations, drills, examples, explain, heat, hours,
    inventory, keys, latency, ledger, live, maintenance, mibs, noise, oidc_sign_in, pages,
    patterns, processes, quiet, revisions, rules, search, session, settings, sign_in, silences,
    status, teams, usage, users, way,
};

/// How it serves.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where and how it listens.
    pub listen: ListenConfig,
    /// How long a request may take, from its head to its answer; a stream of progress may be longer.
    pub request: Duration,
}

/// The address cannot be listened on.
#[derive(Debug, Error)]
#[error("api.listen: cannot listen on {address}: {source}")]
pub struct BindError {
    address: SocketAddr,
    source: std::io::Error,
}

/// The API, listening.
pub struct Api {
    listener: HttpListener,
    router: Router,
    site: Arc<Site>,
}

impl Api {
    /// Opens the socket.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub async fn bind(config: ServerConfig, parts: SiteParts) -> Result<Self, BindError> {
        let address = config.listen.listen;
        let listener = HttpListener::bind(config.listen)
            .await
            .map_err(|source| BindError { address, source })?;
        let site = Arc::new(Site::new(parts));
        let router = router(Arc::clone(&site), config.request);
        Ok(Self { listener, router, site })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.address()
    }

    /// Serves until `stop`; requests in hand are answered, backtests end.
    pub async fn serve(self, stop: CancellationToken) {
        let site = self.site;
        let ending = stop.clone();
        // Streams would hold the end up.
        let ends = async move {
            ending.cancelled().await;
            site.backtests.cancel_all();
            site.live.end();
        };
        tokio::join!(self.listener.serve(self.router, &stop), ends);
    }
}

/// All paths, and the document that describes them.
fn documented() -> (Router<Arc<Site>>, utoipa::openapi::OpenApi) {
    let parts = [
        alerts::router(),
        rules::router(),
        examples::router(),
        explain::router(),
        backtests::router(),
        inventory::router(),
        mibs::router(),
        teams::router(),
        settings::router(),
        silences::router(),
        maintenance::router(),
        revisions::router(),
        keys::router(),
        hours::router(),
        patterns::router(),
        status::router(),
        processes::router(),
        ledger::router(),
        destinations::router(),
        deliveries::router(),
        latency::router(),
        live::router(),
        session::router(),
        sign_in::router(),
        oidc_sign_in::router(),
        users::router(),
        audit::router(),
        search::router(),
        way::router(),
        usage::router(),
        noise::router(),
        heat::router(),
        quiet::router(),
        drills::router(),
    ];
    let all = OpenApiRouter::with_openapi(openapi::Api::openapi());
    let (router, document) = parts.into_iter().fold(all, OpenApiRouter::merge).split_for_parts();
    (router, openapi::with_problems(document))
}

/// The OpenAPI document as JSON.
pub fn document() -> String {
    let (_, document) = documented();
    // Generated data always serialises; an empty text would show in tests.
    document.to_pretty_json().unwrap_or_default()
}

fn router(site: Arc<Site>, most: Duration) -> Router {
    let (router, _) = documented();
    let served = Arc::new(Served(document()));
    let body_bytes_max = site.limits.body_bytes_max;
    let api = router
        .fallback(|| async { Problem::not_found("there is no such path: see openapi.json") })
        .method_not_allowed_fallback(|| async { Problem::method() })
        .layer(DefaultBodyLimit::max(body_bytes_max))
        .with_state(Arc::clone(&site))
        .route("/openapi.json", get(openapi::serve).with_state(served));
    let secure = site.cookies.secure;
    let guarded = from_fn(move |request: Request, next: Next| guard(secure, request, next));
    let limited = from_fn(move |request: Request, next: Next| within(most, request, next));
    Router::new().nest(BASE, api).fallback(pages::serve).layer(limited).layer(guarded)
}

/// An answer must begin within the limit.
async fn within(most: Duration, request: Request, next: Next) -> Response {
    match timeout(most, caught(next.run(request))).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("no answer within {} ms: try again", most.as_millis());
            Problem::unavailable(detail).into_response()
        }
    }
}

/// The last resort: a handler that panics is answered, too. Its words go to standard error.
async fn caught(handling: impl Future<Output = Response>) -> Response {
    let mut handling = pin!(handling);
    let outcome = poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| handling.as_mut().poll(context)));
        polled.map_or(Poll::Ready(None), |polled| polled.map(Some))
    });
    if let Some(response) = outcome.await {
        return response;
    }
    tracing::error!("api: a handler panicked");
    Problem::internal("a fault of MUTT: its log says which").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn broken() -> Response {
        panic!("on purpose")
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_answered() {
        assert_eq!(caught(broken()).await.status(), 500);
        let good = async { "all is well".into_response() };
        assert_eq!(caught(good).await.status(), 200);
    }
}
