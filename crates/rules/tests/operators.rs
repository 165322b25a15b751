//! Each operator and field, by rules as people write them.

mod common;

use std::borrow::Cow;

use common::{event, holds, trap};
use mutt_event::Severity;

const LINE: &str = "%LINK-3-UPDOWN: Interface Gi0/1, changed state to Down";

#[test]
fn text_operators_ignore_the_case_of_ascii_letters() {
    let event = event(LINE);
    for condition in [
        r#"{ message = { contains = "CHANGED state" } }"#,
        r#"{ message = { starts_with = "%link" } }"#,
        r#"{ message = { ends_with = "TO DOWN" } }"#,
        r#"{ message = { glob = "*interface gi?/[0-9]*" } }"#,
        r#"{ message = { regex = 'interface \S+, changed' } }"#,
        r#"{ raw = { contains = "gi0/1" } }"#,
        r#"{ mnemonic = { equals = "link-3-updown" } }"#,
        r#"{ mnemonic = { in = ["x", "Link-3-UpDown"] } }"#,
        r#"{ app = { equals = "BGPD" } }"#,
        r#"{ msgid = { starts_with = "rpd_" } }"#,
        r#"{ host = { glob = "CORE-*" } }"#,
    ] {
        assert!(holds(condition, &event), "{condition}");
    }
}

#[test]
fn text_operators_can_mind_the_case() {
    let event = event(LINE);
    for condition in [
        r#"{ message = { contains = "to Down", case = true } }"#,
        r#"{ message = { starts_with = "%LINK", case = true } }"#,
        r#"{ message = { regex = 'Gi\d/\d', case = true } }"#,
        r#"{ mnemonic = { equals = "LINK-3-UPDOWN", case = true } }"#,
        r#"{ host = { glob = "core-*", case = true } }"#,
    ] {
        assert!(holds(condition, &event), "{condition}");
    }
    for condition in [
        r#"{ message = { contains = "to down", case = true } }"#,
        r#"{ message = { starts_with = "%link", case = true } }"#,
        r#"{ message = { regex = 'gi\d/\d', case = true } }"#,
        r#"{ mnemonic = { equals = "link-3-updown", case = true } }"#,
        r#"{ mnemonic = { in = ["link-3-updown"], case = true } }"#,
        r#"{ host = { glob = "CORE-*", case = true } }"#,
    ] {
        assert!(!holds(condition, &event), "{condition}");
    }
}

#[test]
fn text_operators_say_no() {
    let event = event(LINE);
    for condition in [
        r#"{ message = { contains = "state to up" } }"#,
        r#"{ message = { starts_with = "Interface" } }"#,
        r#"{ message = { ends_with = "Interface" } }"#,
        r#"{ message = { glob = "Interface*" } }"#,
        r#"{ message = { equals = "%LINK-3-UPDOWN" } }"#,
        r#"{ message = { regex = '^Interface' } }"#,
        r#"{ mnemonic = { equals = "LINK-3" } }"#,
        r#"{ msgid = { ends_with = "a much longer text than the message id itself" } }"#,
    ] {
        assert!(!holds(condition, &event), "{condition}");
    }
}

#[test]
fn oid_prefix_ends_at_a_dot() {
    let condition = r#"{ trap_oid = { oid_prefix = "1.3.6.1.4.1.9" } }"#;
    assert!(holds(condition, &trap("1.3.6.1.4.1.9")));
    assert!(holds(condition, &trap("1.3.6.1.4.1.9.9.43.2.0.1")));
    assert!(!holds(condition, &trap("1.3.6.1.4.1.99")));
    assert!(!holds(condition, &trap("1.3.6.1.4.1.99.1")));
    assert!(!holds(condition, &trap("1.3.6.1.4.1")));
    assert!(!holds(condition, &event("1.3.6.1.4.1.9")));
    let exact = r#"{ trap_oid = { equals = "1.3.6.1.6.3.1.1.5.3" } }"#;
    assert!(holds(exact, &trap("1.3.6.1.6.3.1.1.5.3")));
    assert!(!holds(exact, &trap("1.3.6.1.6.3.1.1.5.3.1")));
    assert!(holds(r#"{ trap_oid = { in = ["1.2.3", ".1.2.4"] } }"#, &trap("1.2.4")));
}

#[test]
fn varbinds_are_found_by_oid_and_compared_as_text() {
    let event = trap("1.3.6.1.6.3.1.1.5.3");
    let there = r#"{ varbind = { "1.3.6.1.2.1.2.2.1.1" = { exists = true } } }"#;
    let absent = r#"{ varbind = { "1.3.6.1.2.1.2.2.1.11" = { exists = true } } }"#;
    assert!(holds(there, &event));
    assert!(!holds(absent, &event));
}

#[test]
fn at_least_is_that_severity_or_worse() {
    let mut event = event("x");
    for (severity, at_least, at_most) in [
        (Severity::Emergency, true, false),
        (Severity::Critical, true, false),
        (Severity::Error, true, true),
        (Severity::Warning, false, true),
        (Severity::Debug, false, true),
    ] {
        event.severity = Some(severity);
        assert_eq!(
            holds(r#"{ severity = { at_least = "error" } }"#, &event),
            at_least,
            "{severity}"
        );
        assert_eq!(holds(r#"{ severity = { at_most = "error" } }"#, &event), at_most, "{severity}");
    }
    event.severity = Some(Severity::Warning);
    assert!(holds(r#"{ severity = { at_least = "notice", at_most = "error" } }"#, &event));
    assert!(holds(r#"{ severity = { equals = "warning" } }"#, &event));
    assert!(holds(r#"{ severity = { in = ["debug", "warning"] } }"#, &event));
    assert!(!holds(r#"{ severity = { equals = "error" } }"#, &event));
    event.severity = None;
    assert!(!holds(r#"{ severity = { at_least = "debug" } }"#, &event));
}

#[test]
fn at_least_and_at_most_can_be_written_as_signs() {
    let mut event = event("x");
    event.severity = Some(Severity::Warning);
    assert!(holds(r#"{ severity = { ">=" = "notice", "<=" = "error" } }"#, &event));
    assert!(!holds(r#"{ severity = { ">=" = "error" } }"#, &event));
}

#[test]
fn cidr_takes_peer_and_host() {
    let mut event = event("x");
    assert!(holds(r#"{ peer = { cidr = "10.1.0.0/16" } }"#, &event));
    assert!(!holds(r#"{ peer = { cidr = "10.2.0.0/16" } }"#, &event));
    assert!(holds(r#"{ peer = { equals = "10.1.2.3" } }"#, &event));
    assert!(holds(r#"{ peer = { in = ["10.9.9.9", "10.1.2.3"] } }"#, &event));
    assert!(!holds(r#"{ host = { cidr = "10.0.0.0/8" } }"#, &event));
    event.host = "10.77.0.1";
    assert!(holds(r#"{ host = { cidr = "10.0.0.0/8" } }"#, &event));
    event.peer = Some("[::ffff:10.1.2.3]:514".parse().unwrap());
    assert!(holds(r#"{ peer = { cidr = "10.1.0.0/16" } }"#, &event));
    event.peer = None;
    assert!(!holds(r#"{ peer = { cidr = "0.0.0.0/0" } }"#, &event));
}

#[test]
fn words_are_compared_whole() {
    let event = event("x");
    assert!(holds(r#"{ facility = { equals = "local7" } }"#, &event));
    assert!(!holds(r#"{ facility = { equals = "kern" } }"#, &event));
    assert!(holds(r#"{ input = { in = ["relp", "syslog_udp"] } }"#, &event));
    assert!(holds(r#"{ environment = { equals = "prod" } }"#, &event));
    assert!(!holds(r#"{ environment = { equals = "dev" } }"#, &event));
}

#[test]
fn a_missing_field_fits_only_exists_false() {
    let mut event = event("x");
    event.app = None;
    assert!(holds(r#"{ app = { exists = false } }"#, &event));
    assert!(!holds(r#"{ app = { exists = true } }"#, &event));
    assert!(!holds(r#"{ app = { glob = "*" } }"#, &event));
    assert!(holds(r#"{ not = { app = { equals = "x" } } }"#, &event));
    assert!(holds(r#"{ trap_oid = { exists = false } }"#, &event));
    assert!(holds(r#"{ trap_oid = { exists = true } }"#, &trap("1.2")));
}

#[test]
fn all_any_and_not_nest() {
    let event = event(LINE);
    let condition = r#"{ all = [
        { any = [{ app = { equals = "nobody" } }, { message = { contains = "changed state" } }] },
        { not = { any = [{ host = { glob = "lab-*" } }, { message = { contains = "to up" } }] } },
    ], mnemonic = { equals = "LINK-3-UPDOWN" } }"#;
    assert!(holds(condition, &event));
    let mut lab = event.clone();
    lab.host = "lab-1";
    assert!(!holds(condition, &lab));
    let mut other = event.clone();
    other.mnemonic = Some(Cow::Borrowed(b"OSPF-5-ADJCHG"));
    assert!(!holds(condition, &other));
}

#[test]
fn every_entry_and_every_operator_of_a_table_must_hold() {
    let event = event(LINE);
    let both =
        r#"{ message = { contains = "changed", ends_with = "down" }, app = { equals = "bgpd" } }"#;
    assert!(holds(both, &event));
    let one_not =
        r#"{ message = { contains = "changed", ends_with = "up" }, app = { equals = "bgpd" } }"#;
    assert!(!holds(one_not, &event));
}

#[test]
fn bytes_that_are_no_text_are_searched_all_the_same() {
    let mut event = event("x");
    event.message = Cow::Borrowed(b"caf\xe9 \xff link down");
    assert!(holds(r#"{ message = { contains = "LINK down" } }"#, &event));
    assert!(holds(r#"{ message = { regex = 'caf. . link' } }"#, &event));
    event.message = Cow::Borrowed("Zürich Link down".as_bytes());
    assert!(holds(r#"{ message = { contains = "zürich" } }"#, &event));
    // Only ASCII letters have case.
    assert!(!holds(r#"{ message = { contains = "ZÜRICH" } }"#, &event));
    // K (U+212A, Kelvin) folds to k in Unicode, but never here.
    event.message = Cow::Borrowed("LIN\u{212a} down".as_bytes());
    assert!(!holds(r#"{ message = { regex = 'link down' } }"#, &event));
}

#[test]
fn structured_data_is_found_by_id_and_parameter() {
    let set = common::set(
        r#"
[[rules]]
id = "xe"
priority = 1
handling = "log_only"
when.msgid.equals = "SNMP_TRAP_LINK_DOWN"
when.structured."junos@2636.1.1.1.2.29".interface-name.glob = "xe-*"
key = "{structured.junos@2636.1.1.1.2.29.interface-name}"
examples = [
  { expect = "match", key = "xe-0/0/1", message = '<28>1 2026-11-23T12:00:01Z mx1 mib2d 12 SNMP_TRAP_LINK_DOWN [junos@2636.1.1.1.2.29 interface-name="xe-0/0/1"] down' },
  { expect = "nothing", message = '<28>1 2026-11-23T12:00:01Z mx1 mib2d 12 SNMP_TRAP_LINK_DOWN [junos@2636.1.1.1.2.29 interface-name="ge-0/0/1"] down' },
  { expect = "nothing", message = '<28>1 2026-11-23T12:00:01Z mx1 mib2d 12 SNMP_TRAP_LINK_DOWN [other interface-name="xe-0/0/1"] down' },
]
"#,
    );
    let parser = mutt_event::Parser::new(mutt_event::ParserConfig::default());
    let faults = set.check_examples(&parser);
    assert!(faults.is_empty(), "{}", common::lines(&faults));
}
