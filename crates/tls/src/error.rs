//! What can be wrong with certificates, keys and lists of peers, in words that name the file.

use std::path::PathBuf;

use thiserror::Error;

use crate::PeerError;

/// Files or settings that TLS cannot be built from.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be used.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what is expected.
        why: String,
    },
    /// The key belongs to another certificate.
    #[error("{key} is not the key of {certificate}")]
    OtherKey {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
    },
    /// A peer that cannot be one.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// A name was allowed, and nothing says whose word it is taken on.
    #[error(
        "`{0}` is allowed by name, so client_ca must say which authority's word counts; only \
         fingerprints need none"
    )]
    NameWithoutCa(String),
    /// What rustls says.
    #[error("TLS: {0}")]
    Other(String),
}
