//! A door's side of the handshake.
//!
//! From: a connection that was accepted. To: the same, encrypted, from somebody who is let in; or a
//! reason, counted. No session is resumed: each handshake asks anew who comes, so that whoever was
//! taken off the list is not let in by an old session.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustls::server::NoServerSessionStorage;
use rustls::sign::SingleCertAndKey;
use rustls::{RootCertStore, ServerConfig};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::reason::{REASONS, reason};
use crate::reload::{Built, Reloaded};
use crate::seldom::Seldom;
use crate::verify::Doorkeeper;
use crate::{Peer, TlsError, pem, provider};

/// How a door speaks TLS.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// The chain (PEM), the door's own certificate first.
    pub certificate: PathBuf,
    /// Its key (PEM).
    pub key: PathBuf,
    /// Authorities (PEM) whose clients are let in. With this or peers, each client shows a certificate.
    pub client_ca: Option<PathBuf>,
    /// Who is let in; empty and without a file: whoever an authority vouches for.
    pub allowed_peers: Vec<Peer>,
    /// More of them, one a line.
    pub allowed_peers_file: Option<PathBuf>,
    /// Whether HTTP is spoken inside.
    pub http: bool,
    /// The longest that a handshake may take, the wait for its turn included.
    pub handshake_timeout: Duration,
    /// Handshakes at a time; more wait for their turn.
    pub handshakes_max: usize,
}

impl ServerSettings {
    fn files(&self) -> Vec<PathBuf> {
        let more = [&self.client_ca, &self.allowed_peers_file].into_iter().flatten().cloned();
        [self.certificate.clone(), self.key.clone()].into_iter().chain(more).collect()
    }

    fn build(&self) -> Result<Built<ServerConfig>, TlsError> {
        let identity = pem::identity(&self.certificate, &self.key)?;
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Other(error.to_string()))?;
        let builder = match self.doorkeeper()? {
            None => builder.with_no_client_auth(),
            Some(doorkeeper) => builder.with_client_cert_verifier(Arc::new(doorkeeper)),
        };
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(identity.key)));
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        if self.http {
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
        }
        Ok(Built { config: Arc::new(config), not_after_s: Some(identity.not_after_s) })
    }

    /// None: no certificate is asked for.
    fn doorkeeper(&self) -> Result<Option<Doorkeeper>, TlsError> {
        let mut allowed = self.allowed_peers.clone();
        if let Some(file) = &self.allowed_peers_file {
            allowed.extend(pem::peers(file)?);
        }
        // A file without a line lets nobody in: it was emptied to keep all out.
        let restricted = !allowed.is_empty() || self.allowed_peers_file.is_some();
        if !restricted && self.client_ca.is_none() {
            return Ok(None);
        }
        let mut roots = None;
        if let Some(file) = &self.client_ca {
            pem::add_roots(roots.get_or_insert_with(RootCertStore::empty), file)?;
        }
        Doorkeeper::new(roots, restricted.then_some(allowed)).map(Some)
    }
}

/// Why a connection is not let in; counted by then.
#[derive(Debug, Error)]
#[error("{reason}: {error}")]
pub struct Refused {
    reason: &'static str,
    error: io::Error,
}

/// A door's TLS, which follows its files.
#[derive(Debug)]
pub struct Acceptor {
    pub(crate) config: Reloaded<ServerConfig>,
    timeout: Duration,
    turns: Semaphore,
    done: AtomicU64,
    failed: [AtomicU64; REASONS.len()],
    said: Seldom,
}

impl Acceptor {
    pub(crate) fn new(name: &str, settings: ServerSettings) -> Result<Self, TlsError> {
        let (timeout, turns) = (settings.handshake_timeout, settings.handshakes_max.max(1));
        let files = settings.files();
        Ok(Self {
            config: Reloaded::new(name, files, move || settings.build())?,
            timeout,
            turns: Semaphore::new(turns),
            done: AtomicU64::new(0),
            failed: Default::default(),
            said: Seldom::default(),
        })
    }

    /// Shakes hands with whoever is at `socket`.
    ///
    /// # Errors
    /// Who is not let in, or does not come to an end in time.
    pub async fn accept<S>(&self, socket: S) -> Result<TlsStream<S>, Refused>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let shaking = async {
            let _turn = self.turns.acquire().await.map_err(io::Error::other)?;
            TlsAcceptor::from(self.config.current()).accept(socket).await
        };
        let result = match timeout(self.timeout, shaking).await {
            Ok(result) => result.map_err(|error| (reason(&error), error)),
            Err(_) => Err(("timeout", io::ErrorKind::TimedOut.into())),
        };
        match result {
            Ok(stream) => {
                self.done.fetch_add(1, Ordering::Relaxed);
                Ok(stream)
            }
            Err((reason, error)) => {
                self.fail(reason);
                if self.said.is_due() {
                    tracing::warn!(of = self.config.name(), reason, %error, "TLS: no handshake");
                }
                Err(Refused { reason, error })
            }
        }
    }

    fn fail(&self, reason: &str) {
        let at = REASONS.iter().position(|one| *one == reason);
        if let Some(count) = at.and_then(|at| self.failed.get(at)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn handshakes(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// How many handshakes came to nothing, by reason.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&'static str, u64)> {
        REASONS.iter().zip(&self.failed).map(|(why, count)| (*why, count.load(Ordering::Relaxed)))
    }
}
