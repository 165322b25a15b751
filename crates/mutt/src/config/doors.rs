//! Every listener, and how whoever is on the way can read and forge what it takes.
//!
//! From: settings. To: the checks of settings, the log at the start, and /readyz.

use std::net::SocketAddr;

use super::Settings;
use super::settings::DoorTlsSettings;

/// How a listener is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guard {
    /// TLS.
    Tls,
    /// Plain, and allowed to be.
    PlainAllowed,
    /// Plain, and nobody said that it may be.
    Plain,
    /// Datagrams, from listed networks alone.
    Listed,
    /// Datagrams of anybody.
    Anybody,
}

/// A listener.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Door {
    /// Its section.
    pub name: &'static str,
    /// Where it listens.
    pub listen: SocketAddr,
    /// How it is protected.
    pub guard: Guard,
}

impl Door {
    /// Whether other machines reach it.
    pub fn is_open(&self) -> bool {
        !self.listen.ip().to_canonical().is_loopback()
    }

    /// What /readyz says of one that others reach, if there is something to say: a note, or a warning.
    pub fn says(&self) -> Option<Result<String, String>> {
        let listen = self.listen;
        match self.guard {
            _ if !self.is_open() => None,
            Guard::Tls | Guard::Listed => None,
            Guard::PlainAllowed | Guard::Plain => {
                Some(Ok(format!("{listen} is plain text (allow_plaintext)")))
            }
            Guard::Anybody => Some(Err(format!(
                "{listen} takes datagrams of anybody: list who may send in {}.allowed_sources",
                self.name
            ))),
        }
    }
}

fn stream(allowed: bool, tls: Option<&DoorTlsSettings>) -> Guard {
    match tls {
        Some(tls) if tls.is_on() => Guard::Tls,
        _ if allowed => Guard::PlainAllowed,
        _ => Guard::Plain,
    }
}

/// The listeners of messages that are enabled.
pub fn inputs(settings: &Settings) -> Vec<Door> {
    let input = &settings.input;
    let datagrams = |listed: bool| if listed { Guard::Listed } else { Guard::Anybody };
    let (udp, tcp, tls) = (&input.syslog_udp, &input.syslog_tcp, &input.syslog_tls);
    let (relp, relp_tls, http, snmp) = (&input.relp, &input.relp_tls, &input.http, &input.snmp);
    let udp_guard = datagrams(!udp.allowed_sources.is_empty());
    let snmp_guard = datagrams(!snmp.allowed_sources.is_empty());
    let http_guard = stream(http.allow_plaintext, Some(&http.tls));
    enabled([
        (udp.enabled, "input.syslog_udp", udp.listen, udp_guard),
        (tcp.enabled, "input.syslog_tcp", tcp.listen, stream(tcp.allow_plaintext, None)),
        (tls.enabled, "input.syslog_tls", tls.listen, Guard::Tls),
        (relp.enabled, "input.relp", relp.listen, stream(relp.allow_plaintext, None)),
        (relp_tls.enabled, "input.relp_tls", relp_tls.listen, Guard::Tls),
        (http.enabled, "input.http", http.listen, http_guard),
        (snmp.enabled, "input.snmp", snmp.listen, snmp_guard),
    ])
}

/// The one that people and programs ask.
pub fn api(settings: &Settings) -> Vec<Door> {
    let api = &settings.api;
    enabled([(api.enabled, "api", api.listen, stream(api.allow_plaintext, Some(&api.tls)))])
}

/// The one that monitoring asks.
pub fn admin(settings: &Settings) -> Vec<Door> {
    let admin = &settings.admin;
    let guard = stream(admin.allow_plaintext, Some(&admin.tls));
    enabled([(admin.enabled, "admin", admin.listen, guard)])
}

fn enabled<const N: usize>(all: [(bool, &'static str, SocketAddr, Guard); N]) -> Vec<Door> {
    let enabled = all.into_iter().filter(|(enabled, ..)| *enabled);
    enabled.map(|(_, name, listen, guard)| Door { name, listen, guard }).collect()
}
