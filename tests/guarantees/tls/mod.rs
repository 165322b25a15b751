//! TLS, with real programs at the other end: rsyslog's two TLS drivers, omrelp, openssl(1), curl(1),
//! redis-server, PostgreSQL.

mod doors;
mod outside;
mod reload;
mod senders;
mod ways;

use std::net::SocketAddr;
use std::path::Path;

use mutt_output::standin::Door;

use crate::common::mutt::Mutt;
use crate::common::tls::{Pair, Pki};
use crate::common::{ports, wait};
use crate::world::World;

/// The door of syslog over TLS.
const SYSLOG: &str = "input.syslog_tls";

/// A section's TLS with this certificate, and more settings.
fn tls(section: &str, pair: &Pair, more: &str) -> String {
    let Pair { certificate, key } = pair;
    format!("[{section}.tls]\ncertificate = {certificate:?}\nkey = {key:?}\n{more}\n")
}

/// The two sections of a listener of its own, such as that of syslog over TLS.
fn listener(section: &str, at: SocketAddr, pair: &Pair, more: &str) -> String {
    let tls = tls(section, pair, more);
    format!("[{section}]\nenabled = true\nlisten = \"{at}\"\n{tls}")
}

/// A MUTT that takes syslog over TLS and archives what it takes.
struct Site {
    world: World,
    pki: Pki,
    server: Pair,
    at: SocketAddr,
}

impl Site {
    /// With more settings of `[input.syslog_tls.tls]`, made from the authority and its folder.
    fn start(folder: &Path, more: impl FnOnce(&Pki) -> String) -> Self {
        let (pki, at) = (Pki::new(folder, "authority"), ports::free());
        let server = pki.issue("server", &["localhost", "127.0.0.1"]);
        let door = listener(SYSLOG, at, &server, &more(&pki));
        let world = World::start_with("", |receivers| door + &receivers.config(Door::Relp));
        Self { world, pki, server, at }
    }

    fn mutt(&self) -> &Mutt {
        &self.world.mutt
    }

    /// Handshakes that came to nothing, for this reason.
    fn refused(&self, reason: &str) -> f64 {
        refused(self.mutt(), SYSLOG, reason)
    }

    /// Waits for this many of them.
    fn wait_refused(&self, reason: &str, count: f64) {
        wait::until(&format!("{count} handshakes refused as {reason}"), || {
            let failures = self.mutt().metrics().expect("/metrics");
            let seen = self.refused(reason);
            let all = failures
                .iter()
                .filter(|(name, count)| name.contains("tls_handshake_failures") && **count > 0.0);
            if seen == count { Ok(()) } else { Err(format!("{:?}", all.collect::<Vec<_>>())) }
        });
    }

    /// All messages at NetIM, once there are so many.
    fn archived(&self, count: usize) -> Vec<String> {
        let all = self.world.receivers.archived(Door::Relp, count);
        all.into_iter().map(|raw| String::from_utf8(raw).expect("text")).collect()
    }
}

fn refused(mutt: &Mutt, of: &str, reason: &str) -> f64 {
    let labels = [format!("of=\"{of}\""), format!("reason=\"{reason}\"")];
    mutt.metric("mutt_tls_handshake_failures_total", &[&labels[0], &labels[1]])
}

/// A line of syslog.
fn line(text: &str) -> String {
    format!("<189>Nov 23 12:00:00 core-1 app: {text}\n")
}
