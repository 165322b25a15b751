//! Settings of TLS, turned into what `mutt-tls` takes; and one watcher for all files of a process.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use mutt_api::ListenConfig;
use mutt_output::HttpSettings;
use mutt_tls::{Acceptor, ClientSettings, Connector, ServerSettings, Tls, Trust};
use tokio_util::sync::CancellationToken;

use super::build::ms;
use crate::config::settings::{
    AdminSettings, ArchiveMode, ArchiveSettings, Destination, DoorTlsSettings, Transport,
    WayTlsSettings,
};
use crate::config::value::size;

/// How often files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// A listener's TLS; none: it has none.
pub fn door(from: &DoorTlsSettings, http: bool) -> Option<ServerSettings> {
    let (Some(certificate), Some(key)) = (&from.certificate, &from.key) else { return None };
    Some(ServerSettings {
        certificate: certificate.clone(),
        key: key.clone(),
        client_ca: from.client_ca.clone(),
        allowed_peers: from.allowed_peers.clone(),
        allowed_peers_file: from.allowed_peers_file.clone(),
        http,
        handshake_timeout: ms(from.handshake_ms),
        handshakes_max: size(from.handshakes_max),
    })
}

/// The same, open and watched under the listener's name.
///
/// # Errors
/// Files that cannot be used.
pub fn acceptor(
    tls: &Tls,
    name: &str,
    from: &DoorTlsSettings,
    http: bool,
) -> Result<Option<Arc<Acceptor>>> {
    let open = |settings| tls.server(name, settings).with_context(|| format!("{name}.tls"));
    door(from, http).map(open).transpose()
}

/// Where the admin pages are.
///
/// # Errors
/// Files that cannot be used.
pub fn admin(from: &AdminSettings, tls: &Tls) -> Result<ListenConfig> {
    Ok(ListenConfig {
        listen: from.listen,
        connections_max: size(from.connections_max),
        head: ms(from.head_ms),
        tls: acceptor(tls, "admin", &from.tls, true)?,
    })
}

/// A way out's TLS.
pub fn way(from: &WayTlsSettings) -> ClientSettings {
    ClientSettings {
        trust: from.ca_file.clone().map_or(Trust::System, Trust::File),
        identity: from.certificate.clone().zip(from.key.clone()),
        http: false,
    }
}

/// The same, open and watched under a name.
///
/// # Errors
/// Files that cannot be used.
pub fn connector(tls: &Tls, name: &str, from: &WayTlsSettings) -> Result<Arc<Connector>> {
    tls.client(name, way(from)).with_context(|| format!("{name}.tls"))
}

/// How requests go to a destination.
pub fn http(to: &Destination) -> HttpSettings {
    HttpSettings {
        ca_file: to.ca_file.clone(),
        identity: to.certificate.clone().zip(to.key.clone()),
        ..HttpSettings::default()
    }
}

/// The archive's, if it speaks TLS.
///
/// # Errors
/// Files that cannot be used.
pub fn archive(tls: &Tls, from: &ArchiveSettings) -> Result<Option<Arc<Connector>>> {
    let speaks = matches!(from.syslog.transport, Transport::Tls | Transport::RelpTls);
    let speaks = speaks && from.mode == ArchiveMode::On;
    speaks.then(|| connector(tls, "archive.syslog", &from.syslog.tls)).transpose()
}

/// Follows the files of all doors and ways out until `stop`.
pub fn watch(tls: &Tls, stop: CancellationToken) {
    tokio::spawn(tls.clone().watch(LOOK_EVERY, stop));
}
