//! How doors and ways out speak TLS.

use std::path::PathBuf;

use mutt_tls::Peer;

use crate::config::section::section;
use crate::config::value::from_str_setting;

from_str_setting!(
    Peer,
    "a DNS name (\"*.\" may stand for its first label), an IP address, a URI, or \"sha256:\" and 64 \
     hexadecimal digits"
);

section! {
    /// TLS 1.2 and 1.3 of this listener; see docs/tls.md. Files that change are taken into use
    /// within seconds, for new connections.
    DoorTlsSettings {
        /// The certificate's chain (PEM), its own first. With it this listener speaks TLS.
        certificate: Option<PathBuf> = None, like "\"/etc/mutt/server.pem\"";
        /// Its key (PEM).
        key: Option<PathBuf> = None, like "\"/etc/mutt/server.key\"";
        /// Authorities (PEM) whose clients are let in: with this, or peers, each must show a
        /// certificate.
        client_ca: Option<PathBuf> = None, like "\"/etc/mutt/clients-ca.pem\"";
        /// Who is let in, by a name, address or URI in the certificate (its SANs), or by the
        /// certificate's fingerprint; empty: all of client_ca.
        allowed_peers: Vec<Peer> = Vec::new(), like "[\"*.example.net\", \"10.0.0.7\"]";
        /// More of them, one a line, in a file that may change.
        allowed_peers_file: Option<PathBuf> = None, like "\"/etc/mutt/peers\"";
        /// The longest that a handshake may take, in milliseconds.
        handshake_ms: u64 = 10_000, in 100..=600_000;
        /// Handshakes at a time; more wait for their turn.
        handshakes_max: u64 = 64, in 1..=65_536;
    }
}

impl DoorTlsSettings {
    /// Whether the listener speaks TLS.
    pub fn is_on(&self) -> bool {
        self.certificate.is_some()
    }
}

section! {
    /// TLS to a server.
    WayTlsSettings {
        /// Authorities (PEM) that the server's certificate is checked against, and no others; unset:
        /// the system's own.
        ca_file: Option<PathBuf> = None, like "\"/etc/mutt/ca.pem\"";
        /// A certificate's chain (PEM), for a server that asks for one.
        certificate: Option<PathBuf> = None, like "\"/etc/mutt/client.pem\"";
        /// Its key (PEM).
        key: Option<PathBuf> = None, like "\"/etc/mutt/client.key\"";
    }
}
