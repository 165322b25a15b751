//! Real senders over TLS.

use std::net::SocketAddr;
use std::path::Path;

use crate::common::rsyslog::Rsyslog;
use crate::common::tls::{Pair, Pki};
use crate::common::{folder, ports, send};
use crate::world::World;

use mutt_output::standin::Door;

use super::{Site, listener};

const COUNT: usize = 2_000;

/// An rsyslog that forwards over TLS by a driver, as a client that shows this certificate and takes no
/// other server than `localhost`.
fn forwarder(
    folder: &Path,
    name: &str,
    (driver, framing): (&str, &str),
    (ca, pair): (&Path, &Pair),
    target: SocketAddr,
) -> Rsyslog {
    let action = format!(
        "type=\"omfwd\" protocol=\"tcp\" template=\"raw\" TCP_Framing=\"{framing}\" \
         StreamDriver=\"{driver}\" StreamDriverMode=\"1\" StreamDriverAuthMode=\"x509/name\" \
         StreamDriverPermittedPeers=\"localhost\" StreamDriver.CAFile=\"{}\" \
         StreamDriver.CertFile=\"{}\" StreamDriver.KeyFile=\"{}\"",
        ca.display(),
        pair.certificate.display(),
        pair.key.display(),
    );
    Rsyslog::sender(folder, name, &[], &action, target)
}

/// What rsyslog passes on with LF framing comes without the LF of the template.
fn sends_all(driver: &str, framing: &str) {
    let folder = folder();
    let site = Site::start(folder.path(), |pki| {
        format!("client_ca = {:?}\nallowed_peers = [\"relay-1.example.net\"]", pki.ca)
    });
    let relay = site.pki.issue("relay", &["relay-1.example.net"]);
    let how = ((driver, framing), (site.pki.ca.as_path(), &relay));
    let rsyslog = forwarder(folder.path(), "relay", how.0, how.1, site.at);
    let messages = send::numbered(0..COUNT);
    send::lines(rsyslog.inlet, &messages);
    let all: Vec<Vec<u8>> = site.archived(COUNT).into_iter().map(String::into_bytes).collect();
    let (mut all, mut sent) = (all, messages);
    all.sort();
    sent.sort();
    assert!(all == sent, "{driver} {framing}: other messages than were sent");
    // One whose name is not allowed gets nothing in.
    let stranger = site.pki.issue("stranger", &["relay-2.example.net"]);
    let how = ((driver, framing), (site.pki.ca.as_path(), &stranger));
    let rsyslog = forwarder(folder.path(), "stranger", how.0, how.1, site.at);
    send::lines(rsyslog.inlet, &send::numbered(COUNT..COUNT + 10));
    crate::common::wait::until_true("the stranger to be refused", || {
        site.refused("peer_not_allowed") >= 1.0
    });
    assert_eq!(site.mutt().metric("mutt_input_stored_total", &["syslog_tls"]), COUNT as f64);
}

#[test]
fn rsyslogs_gtls_driver_sends_over_tls_and_is_known_by_its_name() {
    sends_all("gtls", "octet-counted");
}

#[test]
fn rsyslogs_ossl_driver_sends_lines_over_tls_and_is_known_by_its_name() {
    sends_all("ossl", "traditional");
}

#[test]
fn a_message_over_relp_and_tls_is_safe_when_its_sender_has_the_acknowledgement() {
    let (folder, at) = (folder(), ports::free());
    let pki = Pki::new(folder.path(), "authority");
    let server = pki.issue("server", &["localhost", "127.0.0.1"]);
    let relay = pki.issue("relay", &["relay-1.example.net"]);
    let peers = format!("client_ca = {:?}\nallowed_peers = [\"relay-1.example.net\"]", pki.ca);
    let mut world = World::start_with("", |receivers| {
        listener("input.relp_tls", at, &server, &peers) + &receivers.config(Door::Relp)
    });
    let action = |pair: &Pair| {
        format!(
            "type=\"omrelp\" template=\"raw\" tls=\"on\" tls.authmode=\"name\" \
             tls.permittedpeer=[\"localhost\"] tls.caCert=\"{}\" tls.myCert=\"{}\" \
             tls.myPrivKey=\"{}\"",
            pki.ca.display(),
            pair.certificate.display(),
            pair.key.display(),
        )
    };
    let modules = ["omrelp"];
    let rsyslog = Rsyslog::sender(folder.path(), "relay", &modules, &action(&relay), at);
    // Killed under way: what was not acknowledged comes again.
    let messages = send::numbered(0..3 * COUNT);
    for (round, batch) in messages.chunks(COUNT).enumerate() {
        send::lines(rsyslog.inlet, batch);
        world.receivers.archived(Door::Relp, round * COUNT + 1);
        world.mutt.kill();
        world.mutt.start();
    }
    crate::common::wait::until("all messages at NetIM", || {
        let seen = world.receivers.netim.messages(Door::Relp);
        let seen: std::collections::HashSet<_> = seen.iter().collect();
        let missing = messages.iter().filter(|message| !seen.contains(message)).count();
        if missing == 0 { Ok(()) } else { Err(format!("{missing} missing")) }
    });
    let stranger = pki.issue("stranger", &["relay-2.example.net"]);
    let other = Rsyslog::sender(folder.path(), "stranger", &modules, &action(&stranger), at);
    send::lines(other.inlet, &send::numbered(0..1));
    crate::common::wait::until_true("the stranger to be refused", || {
        super::refused(&world.mutt, "input.relp_tls", "peer_not_allowed") >= 1.0
    });
}
