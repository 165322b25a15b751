//! Files of TLS that change while MUTT runs.

use std::fs;
use std::io::Write;

use crate::common::tls::{Pki, SClient, serial_at};
use crate::common::{folder, wait};

use super::{SYSLOG, Site, line};

fn reloads(site: &Site) -> f64 {
    site.mutt().metric("mutt_tls_reloads_total", &[SYSLOG])
}

#[test]
fn a_changed_certificate_is_taken_into_use_without_losing_a_connection() {
    let folder = folder();
    let site = Site::start(folder.path(), |_| String::new());
    let first = site.server.serial();
    let mut client = SClient::to(site.at, &site.pki.ca).with(&["-quiet", "-no_ign_eof"]).open();
    let mut input = client.stdin.take().expect("its input");
    let mut say = |text: &str| {
        input.write_all(line(text).as_bytes()).and_then(|()| input.flush()).expect("it sends");
    };
    say("before");
    site.archived(1);
    assert_eq!(serial_at(site.at, &site.pki.ca), first);

    site.pki.issue("next", &["localhost", "127.0.0.1"]).replaces(&site.server);
    let mut while_it_changes = 0;
    wait::until("the new files to be in use", || {
        say(&format!("while {while_it_changes}"));
        while_it_changes += 1;
        if reloads(&site) == 1.0 { Ok(()) } else { Err("not yet".to_owned()) }
    });
    say("after");
    let all = site.archived(while_it_changes + 2);
    assert_eq!(all.len(), while_it_changes + 2, "each once");
    assert_eq!(all.last().expect("a message"), line("after").trim_end());
    assert_eq!(serial_at(site.at, &site.pki.ca), site.server.serial());
    assert_ne!(site.server.serial(), first);
    drop(input);
    assert!(client.wait().expect("its end").success());
}

#[test]
fn files_that_cannot_be_used_leave_the_last_good_ones_and_are_told() {
    let folder = folder();
    let site = Site::start(folder.path(), |_| String::new());
    let whole = fs::read(&site.server.key).expect("a key");
    let other = site.pki.issue("other", &["localhost"]);
    let wrong = || site.mutt().metric("mutt_tls_files_wrong", &[SYSLOG]);
    for (broken, words) in [
        (b"no key at all".to_vec(), "expected a private key in PEM"),
        (fs::read(&other.key).expect("a key"), "is not the key of"),
    ] {
        fs::write(&site.server.key, broken).expect("a file");
        let said = wait::until("it to be said in /readyz", || {
            let (status, body) = site.mutt().get("/readyz?verbose");
            assert_eq!(status, 200, "{body}");
            if body.contains(words) { Ok(body) } else { Err(body) }
        });
        assert!(said.contains("[~]tls input.syslog_tls degraded"), "{said}");
        assert_eq!(wrong(), 1.0);
    }
    assert_eq!(site.mutt().metric("mutt_tls_reload_failures_total", &[SYSLOG]), 2.0);
    let output = SClient::to(site.at, &site.pki.ca).send(&line("still in use"));
    assert!(output.status.success(), "{output:?}");
    site.archived(1);
    fs::write(&site.server.key, whole).expect("a file");
    wait::until_true("the right key to be taken", || wrong() == 0.0);
}

#[test]
fn a_client_taken_off_the_list_is_refused_at_its_next_handshake() {
    let folder = folder();
    let peers = folder.path().join("peers");
    fs::write(&peers, "relay-1 # the old one\nrelay-2\n").expect("a list");
    let site = Site::start(folder.path(), |pki| {
        format!("client_ca = {:?}\nallowed_peers_file = {peers:?}", pki.ca)
    });
    let pairs = ["relay-1", "relay-2"].map(|name| site.pki.issue(name, &[name]));
    let client = |number: usize| SClient::to(site.at, &site.pki.ca).showing(&pairs[number]);
    // One comes again with its old session, as a client does to be let in more cheaply: in vain.
    let output = client(0).with(&["-tls1_2", "-reconnect"]).send(&line("one"));
    let said = String::from_utf8_lossy(&output.stdout);
    let new = said.matches("New, TLSv1.2").count();
    assert!(new > 1 && !said.contains("Reused, TLS"), "{said}");
    client(1).send(&line("two"));
    site.archived(2);

    fs::write(&peers, "relay-2\n").expect("a list");
    wait::until_true("the list to be read", || reloads(&site) == 1.0);
    client(0).send(&line("not any more"));
    site.wait_refused("peer_not_allowed", 1.0);
    client(1).send(&line("three"));
    assert_eq!(site.archived(3).len(), 3);

    // An emptied list lets nobody in.
    fs::write(&peers, "").expect("a list");
    wait::until_true("the list to be read", || reloads(&site) == 2.0);
    client(1).send(&line("nobody"));
    site.wait_refused("peer_not_allowed", 2.0);

    // And an authority taken out of its bundle is no authority any more.
    fs::write(&peers, "relay-2\n").expect("a list");
    let trusted = folder.path().join("trusted.pem");
    fs::copy(&site.pki.ca, &trusted).expect("the server's authority");
    let other = Pki::new(folder.path(), "next-authority");
    fs::copy(&other.ca, &site.pki.ca).expect("a bundle");
    wait::until_true("the old authority to count no more", || {
        SClient::to(site.at, &trusted).showing(&pairs[1]).send(&line("of the old authority"));
        site.refused("unknown_authority") >= 1.0
    });
}

#[test]
fn days_to_expiry_are_a_metric_and_an_expired_certificate_is_told() {
    let folder = folder();
    let site = Site::start(folder.path(), |_| String::new());
    let days = || site.mutt().metric("mutt_tls_certificate_expiry_days", &[SYSLOG]);
    for (file, expected) in [("soon", 12), ("later", 90)] {
        let before = reloads(&site);
        let next = site.pki.issue_for_days(file, &["localhost", "127.0.0.1"], expected);
        next.replaces(&site.server);
        wait::until_true("the new files to be in use", || reloads(&site) > before);
        let days = days();
        assert!((days - f64::from(expected)).abs() < 0.1, "{days} instead of {expected}");
    }
    site.pki.issue_expired("expired", &["localhost"]).replaces(&site.server);
    wait::until("it to be said in /readyz", || {
        let (_, body) = site.mutt().get("/readyz?verbose");
        if body.contains("the certificate expired") { Ok(()) } else { Err(body) }
    });
    assert!(days() < -9_000.0);
}
