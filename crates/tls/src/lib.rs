//! TLS for every door and every way out: certificates and keys from files, who is let in, files that
//! change, and what the handshakes came to.
//!
//! From: PEM files, and sockets that are connected. To: streams that are encrypted, [`Tls`] with its
//! figures for /metrics and /readyz. TLS 1.2 and 1.3 by rustls with ring; nothing older.

mod client;
mod error;
mod peers;
mod pem;
mod pinned;
mod reason;
mod reload;
mod seldom;
mod server;
mod stats;
mod verify;

pub use client::{ClientSettings, Connector, Trust};
pub use error::TlsError;
pub use peers::{Peer, PeerError};
pub use pinned::to_own_listener;
pub use server::{Acceptor, Refused, ServerSettings};
pub use stats::{Health, Tls};

/// The one cryptography, named wherever it is needed: the process's default is neither asked nor set.
pub(crate) fn provider() -> std::sync::Arc<rustls::crypto::CryptoProvider> {
    std::sync::Arc::new(rustls::crypto::ring::default_provider())
}
