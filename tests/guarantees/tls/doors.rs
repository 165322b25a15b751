//! Who gets in over TLS, and who does not.

use crate::common::tls::{SClient, curl, self_signed};
use crate::common::{folder, ports};
use crate::world::World;

use mutt_output::standin::Door;

use super::{Site, line, listener, refused, tls};
use crate::common::tls::Pki;

#[test]
fn tls_1_2_and_1_3_are_spoken_and_nothing_older() {
    let folder = folder();
    let site = Site::start(folder.path(), |_| String::new());
    let client = || SClient::to(site.at, &site.pki.ca);
    for version in ["-tls1_2", "-tls1_3"] {
        let output = client().with(&[version]).send(&line(version));
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(site.archived(2).len(), 2);
    for (count, version) in [(1.0, "-tls1"), (2.0, "-tls1_1")] {
        let old = ["-cipher", "ALL:@SECLEVEL=0", version];
        let output = client().with(&old).send(&line(version));
        assert!(!output.status.success(), "{output:?}");
        site.wait_refused("old_protocol", count);
    }
    assert_eq!(site.mutt().metric("mutt_input_stored_total", &["syslog_tls"]), 2.0);
    // Whoever speaks no TLS at all is counted too.
    crate::common::send::lines(site.at, &["<189>plain text to the wrong port"]);
    site.wait_refused("not_tls", 1.0);
}

#[test]
fn a_client_is_let_in_by_name_address_uri_or_fingerprint_and_no_other() {
    let folder = folder();
    let alone = self_signed(folder.path(), "alone", &["whoever"]);
    let site = Site::start(folder.path(), |pki| {
        format!(
            "client_ca = {:?}\nallowed_peers = [\"relay-1.example.net\", \"*.lab.example.net\", \
             \"192.0.2.7\", \"spiffe://site/relay\", \"{}\"]",
            pki.ca,
            alone.fingerprint()
        )
    });
    let client = || SClient::to(site.at, &site.pki.ca);
    let allowed = [
        site.pki.issue("by-name", &["relay-1.example.net"]),
        site.pki.issue("by-wildcard", &["other", "x.lab.example.net"]),
        site.pki.issue("by-address", &["192.0.2.7"]),
        site.pki.issue_uri("by-uri", "spiffe://site/relay"),
        alone,
    ];
    for (number, pair) in allowed.iter().enumerate() {
        let output = client().showing(pair).send(&line(&format!("let in {number}")));
        assert!(output.status.success(), "{output:?}");
        assert_eq!(site.archived(number + 1).len(), number + 1);
    }
    // Another name, two labels for one star; and a common name, which counts for nothing.
    for (count, name) in [(1.0, "relay-2.example.net"), (2.0, "x.y.lab.example.net")] {
        let pair = site.pki.issue("other", &[name]);
        client().showing(&pair).send(&line("not let in"));
        site.wait_refused("peer_not_allowed", count);
    }
    client().send(&line("not let in"));
    site.wait_refused("no_certificate", 1.0);
    let stranger = Pki::new(folder.path(), "stranger").issue("strange", &["relay-1.example.net"]);
    client().showing(&stranger).send(&line("not let in"));
    client().showing(&self_signed(folder.path(), "self", &["192.0.2.7"])).send(&line("not let in"));
    site.wait_refused("unknown_authority", 2.0);
    assert_eq!(site.archived(5).len(), 5);
    assert_eq!(site.mutt().metric("mutt_input_stored_total", &["syslog_tls"]), 5.0);
}

#[test]
fn an_expired_client_is_refused_also_by_its_fingerprint() {
    let folder = folder();
    let old = Pki::new(folder.path(), "old").issue_expired("listed", &["listed"]);
    let site = Site::start(folder.path(), |pki| {
        format!("client_ca = {:?}\nallowed_peers = [\"relay\", \"{}\"]", pki.ca, old.fingerprint())
    });
    let client = || SClient::to(site.at, &site.pki.ca);
    client().showing(&site.pki.issue_expired("expired", &["relay"])).send(&line("late"));
    site.wait_refused("expired", 1.0);
    client().showing(&old).send(&line("late"));
    site.wait_refused("expired", 2.0);
    client().showing(&site.pki.issue("valid", &["relay"])).send(&line("in time"));
    assert_eq!(site.archived(1), [line("in time").trim_end()]);
}

#[test]
fn a_client_that_is_silent_in_its_handshake_is_cut_off_and_holds_nobody_up_for_long() {
    let folder = folder();
    let site = Site::start(folder.path(), |_| "handshake_ms = 300\nhandshakes_max = 1".to_owned());
    let silent = std::net::TcpStream::connect(site.at).expect("a connection");
    site.wait_refused("timeout", 1.0);
    let output = SClient::to(site.at, &site.pki.ca).send(&line("after it"));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(site.archived(1).len(), 1);
    drop(silent);
}

#[test]
fn curl_asks_ingest_api_and_metrics_over_https_with_and_without_a_certificate() {
    let (folder, at) = (folder(), ports::free());
    let pki = Pki::new(folder.path(), "authority");
    let server = pki.issue("server", &["localhost", "127.0.0.1"]);
    let (client, other) = (pki.issue("client", &["script"]), pki.issue("other", &["else"]));
    let peers = format!("client_ca = {:?}\nallowed_peers = [\"script\"]", pki.ca);
    let world = World::start_with("", |receivers| {
        let http = tls("input.http", &server, &peers);
        let syslog = listener("input.syslog_tls", at, &server, "");
        format!("{http}{}{syslog}{}", tls("api", &server, ""), receivers.config(Door::Relp))
    });
    let (http, api) = (world.mutt.doors.http, world.mutt.doors.api);
    let ingest = format!("https://localhost:{}/api/v2/ingest", http.port());
    let post = ["-H", "Content-Type: text/plain", "-d", "<189>over https"];
    let answer = curl(&ingest, &pki.ca, Some(&client), &post).expect("an answer");
    assert_eq!(answer.0, 202, "{answer:?}");
    assert_eq!(world.receivers.archived(Door::Relp, 1), [b"<189>over https"]);
    assert!(curl(&ingest, &pki.ca, Some(&other), &post).is_err());
    assert!(curl(&ingest, &pki.ca, None, &post).is_err());
    assert_eq!(refused(&world.mutt, "input.http", "peer_not_allowed"), 1.0);
    assert_eq!(refused(&world.mutt, "input.http", "no_certificate"), 1.0);
    let key = format!("X-API-KEY: {}", crate::common::api::ADMIN_KEY);
    let rules = format!("https://localhost:{}/api/v1/rules", api.port());
    let answer = curl(&rules, &pki.ca, None, &["-H", &key]).expect("an answer");
    assert_eq!(answer.0, 200, "{answer:?}");
    // The server is checked too: this is nobody's certificate for that name.
    let stranger = Pki::new(folder.path(), "stranger");
    assert!(curl(&rules, &stranger.ca, None, &["-H", &key]).is_err());
    // The command line speaks it as well.
    let rules = |ca: &std::path::Path| {
        let mut command = crate::common::mutt::Mutt::command();
        command.args(["rules", "export"]).arg(folder.path().join("rules")).arg("--url");
        command.arg(format!("https://localhost:{}", api.port())).arg("--ca-file").arg(ca);
        command.env("MUTT_API_KEY", crate::common::api::ADMIN_KEY).output().expect("mutt rules")
    };
    let output = rules(&pki.ca);
    assert!(output.status.success(), "{output:?}");
    assert!(!rules(&stranger.ca).status.success());
}
