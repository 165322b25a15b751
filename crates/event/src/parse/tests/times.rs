//! The year that RFC 3164 does not write, and the zone.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{at, envelope, id, utc, zone};
use crate::parse::{Parser, ParserConfig};
use crate::{Envelope, Kind, Timestamp};

fn sent(parser: &Parser, received: &str, raw: &str) -> Option<Timestamp> {
    sent_by(parser, received, raw, "r1")
}

fn sent_by(parser: &Parser, received: &str, raw: &str, host: &str) -> Option<Timestamp> {
    let envelope =
        Envelope { received: at(received), host, ..envelope(Kind::Syslog, raw.as_bytes()) };
    parser.parse(id(), &envelope).sent
}

#[test]
fn the_year_at_new_year() {
    let cases = [
        ("2027-01-01T00:00:03Z", "<13>Dec 31 23:59:59 r1 x", "2026-12-31T23:59:59Z"),
        ("2026-12-31T23:59:58Z", "<13>Jan  1 00:00:01 r1 x", "2027-01-01T00:00:01Z"),
        ("2026-12-31T23:59:58Z", "<13>Dec 31 23:59:57 r1 x", "2026-12-31T23:59:57Z"),
        ("2027-01-01T00:00:03Z", "<13>Jan  1 00:00:01 r1 x", "2027-01-01T00:00:01Z"),
        ("2026-06-15T00:00:00Z", "<13>Jan  1 00:00:00 r1 x", "2026-01-01T00:00:00Z"),
        ("2027-01-20T00:00:00Z", "<13>45: *Dec 20 00:00:00: %A-1-B: x", "2026-12-20T00:00:00Z"),
        ("2027-03-01T00:00:00Z", "<13>Feb 29 00:00:00 r1 x", "2028-02-29T00:00:00Z"),
        ("2028-03-01T00:00:00Z", "<13>Feb 29 23:59:59 r1 x", "2028-02-29T23:59:59Z"),
    ];
    for (received, raw, want) in cases {
        assert_eq!(sent(&utc(), received, raw), Some(at(want)), "{raw} received {received}");
    }
}

/// A year written counts, however far off.
#[test]
fn a_written_year_counts() {
    let raw = "<189>1: *Mar  1 1993 00:00:01: %SYS-5-RESTART: x";
    assert_eq!(sent(&utc(), "2026-11-23T12:00:00Z", raw), Some(at("1993-03-01T00:00:01Z")));
}

#[test]
fn days_that_do_not_exist_are_no_time() {
    for day in ["Feb 30", "Apr 31", "Nov 31", "Dec 32", "Dec  0"] {
        let raw = format!("<13>{day} 00:00:00 r1 x");
        assert_eq!(sent(&utc(), "2026-11-23T12:00:00Z", &raw), None, "{day}");
    }
    let raw = "<13>1 2026-02-29T00:00:00Z r1 a - - - x";
    assert_eq!(sent(&utc(), "2026-11-23T12:00:00Z", raw), None);
}

#[test]
fn the_zone_by_host_then_network_then_default() {
    let parser = Parser::new(ParserConfig {
        zone: zone("America/New_York"),
        zones: vec![
            ("192.0.2.0/24".parse().unwrap(), zone("Europe/Berlin")),
            ("0.0.0.0/0".parse().unwrap(), zone("Asia/Tokyo")),
        ],
        host_zones: BTreeMap::from([("R9".to_owned(), zone("Asia/Kolkata"))]),
    });
    let raw = "<13>Jul  1 12:00:00 x y";
    let received = "2026-07-01T12:00:00Z";
    // The peer is 192.0.2.9.
    assert_eq!(sent_by(&parser, received, raw, "r9"), Some(at("2026-07-01T12:00:00+05:30")));
    assert_eq!(sent_by(&parser, received, raw, "r1"), Some(at("2026-07-01T12:00:00+02:00")));
    let without_peer =
        Envelope { received: at(received), peer: None, ..envelope(Kind::Syslog, raw.as_bytes()) };
    assert_eq!(parser.parse(id(), &without_peer).sent, Some(at("2026-07-01T12:00:00-04:00")));
    // Winter: the same zone, another offset.
    let winter = sent(&parser, "2026-01-01T12:00:00Z", "<13>Jan  1 12:00:00 x y");
    assert_eq!(winter, Some(at("2026-01-01T12:00:00+01:00")));
}

#[test]
fn what_the_text_says_of_the_zone() {
    let berlin = Parser::new(ParserConfig { zone: zone("Europe/Berlin"), ..Default::default() });
    let received = "2026-11-23T12:00:00Z";
    let cases = [
        ("<13>45: Nov 23 12:00:01 UTC: %A-1-B: x", "2026-11-23T12:00:01Z"),
        ("<13>45: Nov 23 12:00:01 GMT: %A-1-B: x", "2026-11-23T12:00:01Z"),
        ("<13>45: Nov 23 12:00:01 IST: %A-1-B: x", "2026-11-23T12:00:01+01:00"),
        ("<13>45: Nov 23 12:00:01: %A-1-B: x", "2026-11-23T12:00:01+01:00"),
        ("<13>Nov 23 12:00:01 UTC r1 x", "2026-11-23T12:00:01Z"),
        ("<13>Nov 23 12:00:01+05:00 r1 x", "2026-11-23T12:00:01+05:00"),
        ("<13>2026-11-23T12:00:01-0330 r1 x", "2026-11-23T12:00:01-03:30"),
        ("<13>2026-11-23T12:00:01 r1 x", "2026-11-23T12:00:01+01:00"),
        ("<13>1 2026-11-23T12:00:01 r1 a - - - x", "2026-11-23T12:00:01+01:00"),
        ("<13>1 2026-11-23T12:00:60.9999999Z r1 a - - - x", "2026-11-23T12:01:00.999999Z"),
    ];
    for (raw, want) in cases {
        assert_eq!(sent(&berlin, received, raw), Some(at(want)), "{raw}");
    }
}

/// Where the clock is set back the earlier of both, where it is set forward as if it were not.
#[test]
fn when_clocks_change() {
    let berlin = Parser::new(ParserConfig { zone: zone("Europe/Berlin"), ..Default::default() });
    let back = sent(&berlin, "2026-10-25T02:00:00Z", "<13>Oct 25 02:30:00 r1 x");
    assert_eq!(back, Some(at("2026-10-25T02:30:00+02:00")));
    let forward = sent(&berlin, "2026-03-29T02:00:00Z", "<13>Mar 29 02:30:00 r1 x");
    assert_eq!(forward, Some(at("2026-03-29T02:30:00+01:00")));
}

proptest! {
    /// A time that was written within half a year of its receipt is found, whatever the year.
    #[test]
    fn the_nearest_year_is_found(
        received_s in 100_000_000i64..4_000_000_000, off_s in -15_000_000i64..15_000_000,
    ) {
        let sent_s = received_s + off_s;
        let written = jiff::Timestamp::from_second(sent_s).unwrap().strftime("%b %e %H:%M:%S");
        let raw = format!("<13>{written} r1 x");
        let envelope = Envelope {
            received: Timestamp::from_millis(received_s * 1_000),
            ..envelope(Kind::Syslog, raw.as_bytes())
        };
        let event = utc().parse(id(), &envelope);
        // A leap day may have a nearer one only if it is the same.
        prop_assert_eq!(event.sent, Some(Timestamp::from_millis(sent_s * 1_000)));
    }
}
