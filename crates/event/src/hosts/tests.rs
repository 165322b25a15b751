//! The order of candidates, and the one form of a name.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::trap::tests::{V1_ENTERPRISE, V2C, bytes_of};

const RELAY: &str = "198.51.100.1";
const DEVICE: &str = "192.0.2.1";

fn hosts() -> Hosts {
    Hosts::new(HostsConfig {
        aliases: BTreeMap::from([
            ("CORE-R1.example.com".to_owned(), "r1".to_owned()),
            ("192.0.2.7".to_owned(), "R7".to_owned()),
            ("2001:DB8:0::8".to_owned(), "r8".to_owned()),
        ]),
        trusted_relays: vec![
            "198.51.100.1/32".parse().unwrap(),
            "10.0.0.0/8".parse().unwrap(),
            "127.0.0.1/32".parse().unwrap(),
        ],
        never: vec!["mutt1".to_owned(), "Relay1.example.com".to_owned()],
    })
}

#[track_caller]
fn finds(kind: Kind, raw: &[u8], peer: &str, want: &str) {
    let peer = (!peer.is_empty()).then(|| peer.parse().unwrap());
    assert_eq!(hosts().find(kind, raw, peer), want, "{}", String::from_utf8_lossy(raw));
}

#[test]
fn the_header_names_the_host() {
    for line in [
        "<13>Nov 23 12:00:01 r9 sshd[1]: x",
        "<13>2026-11-23T12:00:01.5+01:00 R9. sshd[1]: x",
        "<13>1 2026-11-23T12:00:01Z r9 sshd - - - x",
        "<13>1 - r9 - - - -",
        "<166>Nov 23 2026 12:00:01 r9 : %ASA-6-302013: x",
        "<166>Nov 23 2026 12:00:01 R9: %ASA-6-302013: x",
        "<189>45: r9: *Mar  1 18:46:11: %SYS-5-CONFIG_I: x",
        "<189>Nov 23 13:11:03 localhost 45: r9: *Mar  1 18:46:11: %SYS-5-CONFIG_I: x",
        "<189>1 2026-11-23T13:11:03Z - 45 - - -  r9: *Mar  1 18:46:11: %SYS-5-CONFIG_I: x",
    ] {
        finds(Kind::Syslog, line.as_bytes(), RELAY, "r9");
        finds(Kind::Syslog, line.as_bytes(), DEVICE, "r9");
        finds(Kind::Syslog, line.as_bytes(), "127.0.0.1", "r9");
    }
}

#[test]
fn without_a_header_the_peer_is_the_host() {
    for line in [
        "<189>45: *Mar  1 18:46:11: %SYS-5-CONFIG_I: x",
        "<13>Nov 23 12:00:01 sshd[1]: x",
        "<13>Nov 23 12:00:01 localhost sshd[1]: x",
        "<13>Nov 23 12:00:01 127.0.0.1 sshd[1]: x",
        "<13>1 - - a - - - x",
        "<13>1 - localhost.localdomain a - - - x",
        "<13>1 - mutt1 a - - - x",
        "<13>1 - relay1.EXAMPLE.com a - - - x",
        "<13>1 - 198.51.100.1 a - - - x",
        "<13>1 - ::1 a - - - x",
        "<13>1 - b\u{e4}d a - - - x",
        "x",
        "",
    ] {
        finds(Kind::Syslog, line.as_bytes(), DEVICE, DEVICE);
    }
    finds(Kind::Syslog, b"x", "::ffff:192.0.2.1", DEVICE);
    finds(Kind::Syslog, b"x", "2001:db8::9", "2001:db8::9");
}

/// A network of relays may hold devices: only single addresses are the relays' own.
#[test]
fn a_device_within_a_trusted_network_keeps_its_name() {
    finds(Kind::Syslog, b"<13>Nov 23 12:00:01 10.1.2.3 a: x", "10.0.0.1", "10.1.2.3");
}

#[test]
fn relays_and_loopback_win_only_when_nothing_else_is_known() {
    finds(Kind::Syslog, b"x", RELAY, RELAY);
    finds(Kind::Syslog, b"x", "127.0.0.1", "127.0.0.1");
    finds(Kind::Syslog, b"x", "", "unknown");
    // A relay says more than nobody.
    finds(Kind::Syslog, b"<13>Nov 23 12:00:01 localhost a: x", RELAY, RELAY);
    finds(Kind::Syslog, b"<13>Nov 23 12:00:01 mutt1 a: x", "127.0.0.1", "mutt1");
    finds(Kind::Syslog, b"<13>Nov 23 12:00:01 localhost a: x", "", "localhost");
}

#[test]
fn aliases_come_last() {
    finds(Kind::Syslog, b"<13>Nov 23 12:00:01 Core-R1.Example.com. a: x", DEVICE, "r1");
    finds(Kind::Syslog, b"<13>Nov 23 12:00:01 192.0.2.7 a: x", DEVICE, "r7");
    finds(Kind::Syslog, b"<13>Nov 23 12:00:01 2001:db8:0:0::8 a: x", DEVICE, "r8");
    finds(Kind::Syslog, b"x", "192.0.2.7", "r7");
    finds(Kind::Syslog, b"x", "2001:db8::8", "r8");
}

#[test]
fn traps() {
    // Its agent-addr is 192.0.2.7, its snmpTrapAddress.0 198.51.100.9.
    finds(Kind::Trap, &bytes_of(V1_ENTERPRISE), RELAY, "r7");
    finds(Kind::Trap, &bytes_of(V2C), RELAY, "198.51.100.9");
    finds(Kind::Trap, &bytes_of(V2C), "", "198.51.100.9");
    finds(Kind::Trap, b"nonsense", DEVICE, DEVICE);
    let unspecified = bytes_of(V1_ENTERPRISE);
    let unspecified = replaced(&unspecified, &[192, 0, 2, 7], &[0, 0, 0, 0]);
    finds(Kind::Trap, &unspecified, DEVICE, DEVICE);
}

fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = bytes.windows(old.len()).position(|window| window == old).unwrap();
    [&bytes[..at], new, &bytes[at + old.len()..]].concat()
}

#[test]
fn json_objects() {
    finds(Kind::Json, br#"{"message":"x","hostname":"R9"}"#, DEVICE, "r9");
    finds(Kind::Json, br#"{"message":"x","hostname":"r\u0039"}"#, DEVICE, "r9");
    finds(Kind::Json, br#"{"message":"x","hostname":"localhost"}"#, DEVICE, DEVICE);
    finds(Kind::Json, br#"{"message":"x","hostname":"not a host"}"#, DEVICE, DEVICE);
    finds(Kind::Json, br#"{"message":"x","raw":"<13>Nov 23 12:00:01 r9 a: x"}"#, DEVICE, "r9");
    finds(Kind::Json, br#"{"raw":"<189>45: r9: *Mar  1 18:46:11: %SYS-5-A: \"x\""}"#, DEVICE, "r9");
    finds(Kind::Json, br#"{"message":"x","hostname":null}"#, DEVICE, DEVICE);
    finds(Kind::Json, br#"["x"]"#, DEVICE, DEVICE);
}

#[test]
fn the_hot_path_allocates_nothing() {
    let hosts = hosts();
    let raw = b"<13>Nov 23 12:00:01 r9.example.com a: x";
    assert!(matches!(hosts.find(Kind::Syslog, raw, None), Cow::Borrowed("r9.example.com")));
}

proptest! {
    /// A name has one form: it is found again under itself.
    #[test]
    fn the_one_form_is_one(name in "[a-zA-Z0-9.:_-]{1,300}") {
        let once = one_form(&name).into_owned();
        prop_assert_eq!(one_form(&once).into_owned(), once.clone());
        prop_assert!(once.len() <= Envelope::HOST_BYTES_MAX);
    }
}
