//! HTTP: `POST /api/v2/ingest`, answered with 2xx once the whole batch is on disk.
//!
//! From: rsyslog's omhttp, scripts and other programs. To: the journal, one batch a request.
//! Nothing is stored of a batch with a fault in it; while the journal has no room the answer is
//! 503 with Retry-After, and the sender keeps its messages.

mod body;
mod ingest;
mod keys;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::routing::{get, post};
use axum::{Extension, Router};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use ipnet::IpNet;
use mutt_event::Input;
use mutt_tls::Acceptor;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::intake::{Door, InputError, Intake};
use crate::stream;
pub(crate) use body::json_object;
use ingest::{Peer, Site, ingest};
pub use keys::ApiKeys;
pub(crate) use keys::repeat_of;

const INPUT: Input = Input::Http;
/// The path that takes messages.
const INGEST: &str = "/api/v2/ingest";
/// At shutdown, a request in hand may take so long.
const DRAIN: Duration = Duration::from_secs(10);

/// Settings of the HTTP input.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Where to listen. Default `0.0.0.0:8514`; `[::]` takes IPv4 too.
    pub bind: SocketAddr,
    /// The keys of which X-API-KEY must be one; with none set no key is asked for.
    #[serde(skip)]
    pub api_keys: ApiKeys,
    /// A larger body is refused, also after inflation, in bytes. Default 8,388,608.
    pub body_bytes_max: usize,
    /// A batch of more messages is refused. Default 10,000.
    pub batch_messages_max: usize,
    /// A longer JSON message is refused, a longer line of text is cut, in bytes. Default 65,536.
    pub message_bytes_max: usize,
    /// Connections open at a time; more are refused. Default 1,024.
    pub connections_max: usize,
    /// Bodies that are read and stored at a time; more wait. Default 32.
    pub requests_max: usize,
    /// How long a connection may take to send a request's head, in milliseconds, and be idle
    /// between two. Default 60,000.
    pub head_timeout_ms: u64,
    /// How long a body may take, in milliseconds. Default 30,000.
    pub body_timeout_ms: u64,
    /// How long a batch may wait for room before the journal, in milliseconds. Default 2,000.
    pub room_timeout_ms: u64,
    /// What a 503 tells its sender to wait, in seconds. Default 5.
    pub retry_after_s: u32,
    /// Networks that may connect; none given: all.
    pub allowed_sources: Vec<IpNet>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([0, 0, 0, 0], 8514)),
            api_keys: ApiKeys::default(),
            body_bytes_max: 8 * 1024 * 1024,
            batch_messages_max: 10_000,
            message_bytes_max: 64 * 1024,
            connections_max: 1024,
            requests_max: 32,
            head_timeout_ms: 60_000,
            body_timeout_ms: 30_000,
            room_timeout_ms: 2_000,
            retry_after_s: 5,
            allowed_sources: Vec::new(),
        }
    }
}

/// The HTTP input, listening.
#[derive(Debug)]
pub struct Http {
    tls: Option<Arc<Acceptor>>,
    listener: TcpListener,
    address: SocketAddr,
    config: HttpConfig,
}

impl Http {
    /// Opens the socket; without `tls` all is plain.
    ///
    /// # Errors
    /// [`InputError::Bind`].
    pub fn bind(config: HttpConfig, tls: Option<Arc<Acceptor>>) -> Result<Self, InputError> {
        let listener = stream::listen(INPUT, config.bind)?;
        let address = stream::address_of(INPUT, &listener)?;
        Ok(Self { tls, listener, address, config })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is cancelled; returns when all requests are answered.
    ///
    /// # Errors
    /// [`InputError::Journal`] when the journal takes nothing more.
    pub async fn serve(
        self,
        intake: Arc<Intake>,
        shutdown: CancellationToken,
    ) -> Result<(), InputError> {
        let Self { tls, listener, config, .. } = self;
        if config.api_keys.is_empty() {
            tracing::warn!(input = INPUT.name(), "no API key is set: whoever connects may send");
        }
        let door = Door::new(INPUT, intake, &config.allowed_sources);
        let (connections_max, head) = (config.connections_max, config.head_timeout_ms);
        let site = Arc::new(Site::new(door.clone(), config));
        let router = Router::new()
            .route(INGEST, post(ingest))
            .route("/healthz", get(|| async { "ok\n" }))
            .with_state(Arc::clone(&site));
        let head = Duration::from_millis(head);
        let serve_one = |socket: TcpStream, peer, stop| {
            let (router, tls) = (router.clone().layer(Extension(Peer(peer))), tls.clone());
            async move {
                let _ = socket.set_nodelay(true); // an answer is one small write
                let Some(tls) = tls else {
                    return serve_connection(socket, router, head, stop).await;
                };
                match stream::shake(&tls, socket, peer, &stop).await {
                    Ok(socket) => serve_connection(socket, router, head, stop).await,
                    Err(reason) => reason,
                }
            }
        };
        let end = stream::accept(listener, &door, connections_max, &shutdown, serve_one).await;
        // A sender may leave before its answer; what it sent is stored and counted all the same.
        site.all_stored().await;
        end
    }
}

async fn serve_connection<S: AsyncRead + AsyncWrite + Unpin>(
    socket: S,
    router: Router,
    head: Duration,
    stop: CancellationToken,
) -> &'static str {
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(socket), TowerToHyperService::new(router));
    tokio::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return if ended.is_ok() { "peer" } else { "broken" },
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = timeout(DRAIN, connection).await; // the request in hand is answered
    "shutdown"
}
