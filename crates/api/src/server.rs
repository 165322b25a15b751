//! The listener: connections within limits, each request to the router that knows its path.
//!
//! From: a socket. To: the handlers of this crate.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::addresses::Peer;
use crate::guard::guard;
use crate::openapi::{self, BASE, Served};
use crate::problem::Problem;
use crate::site::{Site, SiteParts};
use crate::{
    alerts, audit, backtests, examples, explain, hours, inventory, keys, maintenance, oidc_sign_in,
    patterns, revisions, rules, session, settings, sign_in, silences, status, teams, users,
};

/// At shutdown, a request in hand may take so long.
const DRAIN: Duration = Duration::from_secs(5);
/// After a failed accept (too many open files), so long nothing is accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How it listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServerConfig {
    /// Where.
    pub listen: SocketAddr,
    /// Connections open at a time; more wait to be accepted.
    pub connections_max: usize,
    /// How long a connection may take to send a request's head, and be idle between two.
    pub head: Duration,
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
    listener: TcpListener,
    config: ServerConfig,
    router: Router,
    site: Arc<Site>,
}

impl Api {
    /// Opens the socket.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub async fn bind(config: ServerConfig, parts: SiteParts) -> Result<Self, BindError> {
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|source| BindError { address: config.listen, source })?;
        let site = Arc::new(Site::new(parts));
        let router = router(Arc::clone(&site), config.request);
        Ok(Self { listener, config, router, site })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop`; requests in hand are answered, backtests end.
    pub async fn serve(self, stop: CancellationToken) {
        let room = Arc::new(Semaphore::new(self.config.connections_max.max(1)));
        let tasks = TaskTracker::new();
        while let Some((socket, peer, permit)) = accept(&self.listener, &room, &stop).await {
            let (router, head, stop) = (self.router.clone(), self.config.head, stop.clone());
            tasks.spawn(async move {
                connection(socket, peer, router, head, stop).await;
                drop(permit);
            });
        }
        self.site.backtests.cancel_all();
        tasks.close();
        tasks.wait().await;
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, Peer, OwnedSemaphorePermit)> {
    let next = async {
        let permit = Arc::clone(room).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((socket, address)) => return Some((socket, Peer(address), permit)),
                Err(error) => {
                    tracing::warn!(%error, "api: a connection was not accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        next = next => next,
        () = stop.cancelled() => None,
    }
}

async fn connection(
    socket: TcpStream,
    peer: Peer,
    router: Router,
    head: Duration,
    stop: CancellationToken,
) {
    let _ = socket.set_nodelay(true); // an answer is one small write
    let inner = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        inner.call(request)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(socket), service);
    tokio::pin!(connection);
    tokio::select! {
        // A peer that breaks off has no more to be told.
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = timeout(DRAIN, connection).await; // the request in hand is answered
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
        teams::router(),
        settings::router(),
        silences::router(),
        maintenance::router(),
        revisions::router(),
        keys::router(),
        hours::router(),
        patterns::router(),
        status::router(),
        session::router(),
        sign_in::router(),
        oidc_sign_in::router(),
        users::router(),
        audit::router(),
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
    Router::new()
        .nest(BASE, api)
        .fallback(|| async { Problem::not_found("there is nothing here: the API is /api/v1") })
        .layer(limited)
        .layer(guarded)
}

/// An answer must begin within the limit.
async fn within(most: Duration, request: Request, next: Next) -> Response {
    match timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("no answer within {} ms: try again", most.as_millis());
            Problem::unavailable(detail).into_response()
        }
    }
}
