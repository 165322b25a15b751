//! For all bytes: nothing panics, raw is kept; and what was generated is read back.

use proptest::prelude::*;

use super::{RECEIVED, envelope, id, syslog, utc};
use crate::{Hosts, HostsConfig, Kind, Severity, json, trap};

/// Everything that this crate does to raw bytes.
fn all(raw: &[u8]) {
    let hosts = Hosts::new(HostsConfig::default());
    for kind in [Kind::Syslog, Kind::Trap, Kind::Json] {
        let event = utc().parse(id(), &envelope(kind, raw));
        assert_eq!(event.raw, raw);
        if let Some(data) = &event.structured {
            let _ = data.iter().count();
        }
        assert!(!hosts.find(kind, raw, None).is_empty());
    }
    let _ = (trap::inform_response(raw), trap::inform_to_trap(raw), trap::is_netim_own(raw, None));
    let _ = (json::correlation_id(raw), json::render_syslog(raw, RECEIVED, "r1"));
}

/// Bytes that look like a message now and then.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            &b"<189>"[..],
            b"<13>1 ",
            b"45: ",
            b"*Mar  1 18:46:11: ",
            b".",
            b"Nov 23 12:00:01 ",
            b"2026 ",
            b"2026-11-23T13:11:03.809850+00:00 ",
            b"UTC: ",
            b"%SYS-5-CONFIG_I: ",
            b"%$VDC-1%$ ",
            b"r1 ",
            b"RP/0/RSP0/CPU0:",
            b"ifmgr[1]: ",
            b"- ",
            b"[a@1 b=\"c\\\"]\"]",
            b": ",
            b"err ",
            b"\xef\xbb\xbf",
            b"1,2026/11/23 12:00:01,0,TRAFFIC,",
            b"01070638:3: ",
            b"{\"message\":\"",
            b"\"}",
            b"3w4d: ",
            b"\x30\x82\x00\x46",
            b"\x02\x01\x00",
            b"\x04\x06public",
            b"\xa4\x2d",
            b"\xa7\x80",
            b"\xff",
        ])
        .prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_bytes_panic(raw: Vec<u8>) {
        all(&raw);
    }

    #[test]
    fn no_pieces_panic(raw in pieces()) {
        all(&raw);
    }

    #[test]
    fn rfc_5424_is_read_back(
        pri in 0u8..192, micros in 0i64..4_000_000_000_000_000,
        words in prop::array::uniform4("[!-,.-~][!-~]{0,20}"), nil in prop::array::uniform4(any::<bool>()),
        value: String, message in "[a-zA-Z][^\u{feff}]{0,60}",
    ) {
        let word = |i: usize| if nil[i] { "-" } else { &words[i] };
        let sent = crate::Timestamp::from_micros(micros);
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]");
        let raw = format!(
            "<{pri}>1 {sent} {} {} {} {} [x@1 v=\"{escaped}\"][y@2] {message}",
            word(0), word(1), word(2), word(3),
        );
        let event = syslog(raw.as_bytes());
        let read = |i: usize| (!nil[i]).then(|| words[i].as_bytes());
        prop_assert_eq!(event.facility, Some(pri / 8));
        prop_assert_eq!(event.severity, Severity::from_number(pri % 8));
        prop_assert_eq!(event.sent, Some(sent));
        prop_assert_eq!(event.procid.as_deref(), read(2));
        let data = event.structured.clone().unwrap();
        let read_value = data.get(b"x@1", b"v").unwrap();
        prop_assert_eq!(read_value.as_ref(), value.as_bytes());
        // An app of `%A-1-B` or a text like Cisco's means more; both are tested elsewhere.
        if !words[1].starts_with('%') && event.mnemonic.is_none() {
            prop_assert_eq!(event.app.as_deref(), read(1));
            prop_assert_eq!(event.message.as_ref(), message.as_bytes());
            if !nil[3] {
                prop_assert_eq!(event.msgid.as_deref(), read(3));
            }
        }
    }

    #[test]
    fn cisco_is_read_back_bare_and_relayed(
        sequence in prop::option::of(0u64..10_000_000), mark in "[*.]?", year in prop::option::of(1993u16..2040),
        (month, day) in (0usize..12, 1u8..29), (hour, minute, second) in (0u8..24, 0u8..60, 0u8..60),
        millis in prop::option::of(0u16..1_000), zone in "( (UTC|CET|PDT))?",
        facility in "[A-Z][A-Z0-9_]{1,12}(-[A-Z]{2,4})?", severity in 0u8..8, name in "[A-Z][A-Z0-9_]{1,20}",
        text in "[ -~]{0,60}",
        relay in prop::sample::select(vec!["", "Nov 23 13:11:03 10.0.0.1 ", "2026-11-23T13:11:03.8+00:00 r1 "]),
    ) {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let number = sequence.map(|n| format!("{n}: ")).unwrap_or_default();
        let year = year.map(|year| format!("{year} ")).unwrap_or_default();
        let millis = millis.map(|millis| format!(".{millis:03}")).unwrap_or_default();
        let month = MONTHS[month];
        let body = format!("%{facility}-{severity}-{name}: {text}");
        let raw = format!(
            "<{}>{relay}{number}{mark}{month} {day:2} {year}{hour:02}:{minute:02}:{second:02}{millis}{zone}: {body}",
            184 + severity,
        );
        let event = syslog(raw.as_bytes());
        prop_assert_eq!(event.sequence, sequence);
        let mnemonic = format!("{facility}-{severity}-{name}");
        prop_assert_eq!(event.mnemonic.as_deref(), Some(mnemonic.as_bytes()));
        prop_assert_eq!(event.message.as_ref(), body.as_bytes());
        prop_assert_eq!(event.severity, Severity::from_number(severity));
        prop_assert!(event.sent.is_some());
    }

    #[test]
    fn a_line_cut_anywhere_keeps_its_pri(
        line in prop::sample::select(vec![
            "<189>45: r1: *Mar  1 2026 18:46:11.123 UTC: %SYS-5-CONFIG_I: Configured from console",
            "<189>Nov 23 13:11:03 localhost 45: *Mar  1 18:46:11: %SYS-5-CONFIG_I: text",
            "<189>1 2026-11-23T13:11:03.809850+00:00 r1 45 - - [a@1 b=\"c\"] *Mar  1 18:46:11: %SYS-5-CONFIG_I: x",
            "<189>: 2026 Nov 23 12:00:01 UTC: %$VDC-1%$ %ETHPORT-5-IF_DOWN: text",
            "<189>RP/0/RSP0/CPU0:Nov 23 12:00:01.123 UTC: ifmgr[213]: %PKT_INFRA-LINK-5-UPDOWN : x",
            "<189>Nov 23 12:00:01 f5a err mcpd[123]: 01070638:3: text",
        ]),
        cut in 0usize..120,
    ) {
        let raw = &line.as_bytes()[..cut.min(line.len())];
        all(raw);
        let want = if raw.len() >= 5 { (23, Severity::Notice) } else { (1, Severity::Notice) };
        let event = syslog(raw);
        prop_assert_eq!((event.facility, event.severity), (Some(want.0), Some(want.1)));
    }
}
