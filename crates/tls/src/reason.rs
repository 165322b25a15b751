//! Why a handshake came to nothing, in one word for /metrics.

use std::io;

use rustls::{CertificateError, Error, PeerIncompatible};

/// All words, so that each counter is there from the start.
pub(crate) const REASONS: [&str; 11] = [
    "timeout",
    "not_tls",
    "old_protocol",
    "no_common_cipher",
    "no_certificate",
    "expired",
    "unknown_authority",
    "peer_not_allowed",
    "bad_certificate",
    "refused_by_peer",
    "broken",
];

/// The word for what a handshake ended with.
pub(crate) fn reason(error: &io::Error) -> &'static str {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return "broken";
    };
    match error {
        Error::InvalidMessage(_) => "not_tls",
        Error::PeerIncompatible(
            PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::SupportedVersionsExtensionRequired
            // It came with TLS 1.2, and is missed before the version is looked at.
            | PeerIncompatible::SignatureAlgorithmsExtensionRequired,
        ) => "old_protocol",
        Error::PeerIncompatible(_) => "no_common_cipher",
        Error::NoCertificatesPresented => "no_certificate",
        Error::InvalidCertificate(fault) => match fault {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
            CertificateError::UnknownIssuer => "unknown_authority",
            CertificateError::ApplicationVerificationFailure => "peer_not_allowed",
            _ => "bad_certificate",
        },
        Error::AlertReceived(_) => "refused_by_peer",
        _ => "broken",
    }
}
