//! A listener for HTTP/1.1: connections within limits, plain or over TLS.
//!
//! From: a socket. To: a router. The API and the admin pages each have one.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use mutt_tls::Acceptor;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::addresses::Peer;

/// At shutdown, a request in hand may take so long.
const DRAIN: Duration = Duration::from_secs(5);
/// After a failed accept (too many open files), so long nothing is accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How it listens.
#[derive(Clone, Debug)]
pub struct ListenConfig {
    /// Where.
    pub listen: SocketAddr,
    /// Connections open at a time; more wait to be accepted.
    pub connections_max: usize,
    /// How long a connection may take to send a request's head, and be idle between two.
    pub head: Duration,
    /// Its TLS; without it all is plain.
    pub tls: Option<Arc<Acceptor>>,
}

/// A listener, bound.
#[derive(Debug)]
pub struct HttpListener {
    listener: TcpListener,
    config: ListenConfig,
}

impl HttpListener {
    /// Opens the socket.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub async fn bind(config: ListenConfig) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(config.listen).await?, config })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop`; requests in hand are answered.
    pub async fn serve(self, router: Router, stop: &CancellationToken) {
        let room = Arc::new(Semaphore::new(self.config.connections_max.max(1)));
        let tasks = TaskTracker::new();
        while let Some((socket, peer, permit)) = accept(&self.listener, &room, stop).await {
            let (router, config, stop) = (router.clone(), self.config.clone(), stop.clone());
            tasks.spawn(async move {
                connection((socket, peer), router, &config, stop).await;
                drop(permit);
            });
        }
        drop(self.listener);
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
                    tracing::warn!(%error, "http: a connection was not accepted");
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
    (socket, peer): (TcpStream, Peer),
    router: Router,
    config: &ListenConfig,
    stop: CancellationToken,
) {
    let _ = socket.set_nodelay(true); // an answer is one small write
    let (head, router) = (config.head, (router, peer));
    let Some(tls) = &config.tls else { return serve(socket, router, head, stop).await };
    // Who is not let in is counted there.
    if let Some(Ok(socket)) = stop.run_until_cancelled(tls.accept(socket)).await {
        serve(socket, router, head, stop).await;
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    socket: S,
    (router, peer): (Router, Peer),
    head: Duration,
    stop: CancellationToken,
) {
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
