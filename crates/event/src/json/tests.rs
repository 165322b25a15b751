//! The object of the HTTP input: fields, and the line it is rendered as.

use proptest::prelude::*;

use super::*;
use crate::{Envelope, Event, Flags, Input, Kind, MessageId, Parser, ParserConfig};

fn event(raw: &[u8]) -> Event<'_> {
    let envelope = Envelope {
        input: Input::Http,
        kind: Kind::Json,
        flags: Flags::default(),
        received: Timestamp::ZERO,
        session: 0,
        peer: None,
        host: "r1",
        dedup: None,
        usm: None,
        raw,
    };
    let id = MessageId { appended: Timestamp::ZERO, partition: 0, position: 0 };
    Parser::new(ParserConfig::default()).parse(id, &envelope)
}

const NOON: &str = "2026-11-25T12:00:00.000000Z";
const OLD_BODY: &[u8] = br#"{"timestamp":"2026-11-25T12:00:00Z","message":"Interface \"Gi0\/1\" down",
    "hostname":"r1","source":"rsyslogd","syslog_severity":3,"correlation_id":"abc-1","more":{"x":[1]}}"#;

#[test]
fn the_old_body() {
    let event = event(OLD_BODY);
    assert_eq!(event.message.as_ref(), br#"Interface "Gi0/1" down"#);
    assert_eq!(event.severity, Some(Severity::Error));
    assert_eq!(event.sent.unwrap().to_string(), NOON);
    assert_eq!(event.app.as_deref(), Some(&b"rsyslogd"[..]));
    let object = event.json.unwrap();
    assert_eq!(object.hostname.as_deref(), Some("r1"));
    assert_eq!(object.correlation_id.as_deref(), Some("abc-1"));
    assert_eq!(correlation_id(OLD_BODY).as_deref(), Some("abc-1"));
    assert_eq!(event.raw, OLD_BODY);
}

#[test]
fn a_trap_relayed_as_json() {
    let event = event(br#"{"message":"link down","trap_oid":".1.3.6.1.6.3.1.1.5.3"}"#);
    assert_eq!(event.trap_oid().unwrap().to_string(), "1.3.6.1.6.3.1.1.5.3");
    assert!(event.trap.is_none() && event.severity.is_none());
}

#[test]
fn severities_and_times_of_all_kinds() {
    let severities = [
        ("3", 3),
        ("\"3\"", 3),
        ("\"err\"", 3),
        ("\"Error\"", 3),
        ("\"warn\"", 4),
        ("7", 7),
        ("\"info\"", 6),
    ];
    for (json, number) in severities {
        let raw = format!("{{\"syslog_severity\":{json}}}");
        assert_eq!(read(raw.as_bytes()).unwrap().severity, Severity::from_number(number), "{json}");
    }
    for json in ["8", "-1", "null", "\"loud\"", "{}", "3.5"] {
        let raw = format!("{{\"syslog_severity\":{json}}}");
        assert_eq!(read(raw.as_bytes()).unwrap().severity, None, "{json}");
    }
    for json in
        ["1795608000", "1795608000.0", "\"1795608000\"", "1795608000000", "1795608000000000"]
    {
        let raw = format!("{{\"timestamp\":{json}}}");
        assert_eq!(read(raw.as_bytes()).unwrap().timestamp.unwrap().to_string(), NOON, "{json}");
    }
    assert_eq!(
        read(br#"{"timestamp":"2026-11-25 13:00:00+01:00"}"#)
            .unwrap()
            .timestamp
            .unwrap()
            .to_string(),
        NOON
    );
    assert_eq!(read(br#"{"timestamp":"soon"}"#).unwrap().timestamp, None);
}

#[test]
fn a_raw_line_gives_the_fields_that_the_object_has_not() {
    let line = br#"{"raw":"<189>45: *Mar  1 18:46:11: %SYS-5-CONFIG_I: from \"con\"","syslog_severity":2}"#;
    let parsed = event(line);
    assert_eq!(parsed.mnemonic.as_deref(), Some(&b"SYS-5-CONFIG_I"[..]));
    assert_eq!((parsed.facility, parsed.severity), (Some(23), Some(Severity::Critical)));
    assert_eq!(parsed.message.as_ref(), br#"%SYS-5-CONFIG_I: from "con""#);
    let both = event(br#"{"raw":"<189>1 - r1 a 7 ID [x@1 y=\"z\"] text","message":"other"}"#);
    assert_eq!((both.app.as_deref(), both.msgid.as_deref()), (Some(&b"a"[..]), Some(&b"ID"[..])));
    assert_eq!(both.structured.unwrap().get(b"x@1", b"y").unwrap().as_ref(), b"z");
    assert_eq!(both.message.as_ref(), b"other");
}

#[test]
fn a_message_alone_is_a_line_only_if_it_says_so() {
    let cisco = event(br#"{"message":" %LINK-3-UPDOWN: Interface Gi0/1, down"}"#);
    assert_eq!(cisco.mnemonic.as_deref(), Some(&b"LINK-3-UPDOWN"[..]));
    assert_eq!(cisco.severity, Some(Severity::Error));
    let whole = event(br#"{"message":"<11>Nov 23 12:00:01 r1 sshd[7]: x"}"#);
    assert_eq!((whole.app.as_deref(), whole.message.as_ref()), (Some(&b"sshd"[..]), &b"x"[..]));
    let text = event(br#"{"message":"error: disk full"}"#);
    assert_eq!(
        (text.app, text.severity, text.message.as_ref()),
        (None, None, &b"error: disk full"[..])
    );
}

#[test]
fn what_is_no_object_is_its_own_message() {
    for raw in [&b"[1]"[..], b"{", b"", b"\"x\"", b"{\"message\":\"\xff\"}"] {
        let event = event(raw);
        assert!(event.json.is_none());
        assert_eq!(event.message.as_ref(), raw);
    }
    let numbers = event(br#"{"message":17,"hostname":{"x":1},"raw":5,"message":18}"#);
    assert_eq!(numbers.message.as_ref(), b"18", "the last counts");
    assert_eq!(numbers.json.unwrap().raw, None);
}

#[test]
fn renders_a_line() {
    let line = |raw: &[u8]| String::from_utf8(render_syslog(raw, Timestamp::ZERO, "r1")).unwrap();
    assert_eq!(line(OLD_BODY), format!("<11>1 {NOON} r1 rsyslogd - - - Interface \"Gi0/1\" down"));
    let bare = "<13>1 1970-01-01T00:00:00.000000Z r1 - - - - x";
    assert_eq!(line(br#"{"message":"x"}"#), bare);
    assert_eq!(
        line(br#"{"source":"my app\u00e9 \n2"}"#),
        r#"<13>1 1970-01-01T00:00:00.000000Z r1 myapp2 - - - {"source":"my app\u00e9 \n2"}"#
    );
    assert_eq!(line(br#"{"message":"x","raw":"<14>a \"b\""}"#), r#"<14>a "b""#);
    assert_eq!(line(b"nonsense"), "<13>1 1970-01-01T00:00:00.000000Z r1 - - - - nonsense");
}

proptest! {
    /// A rendered line is read back to the object's fields.
    #[test]
    fn a_rendered_line_is_read_back(message: String, severity in 0u8..8, host in "[a-z][a-z0-9.-]{0,30}[a-z]") {
        let raw = serde_json::json!({ "message": message, "syslog_severity": severity }).to_string();
        let line = render_syslog(raw.as_bytes(), Timestamp::ZERO, &host);
        prop_assert!(line.ends_with(message.as_bytes()) || message.is_empty());
        let (pri, header) = crate::parse::syslog::header(&line);
        prop_assert_eq!(pri, Some(8 + severity));
        prop_assert_eq!(header.host, Some(host.as_bytes()));
    }
}
