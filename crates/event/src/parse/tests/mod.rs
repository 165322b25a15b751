//! Lines as devices and relays send them, and their fields.

mod formats;
mod properties;
mod times;

use jiff::tz::TimeZone;

use super::{Parser, ParserConfig};
use crate::{Envelope, Event, Flags, Input, Kind, MessageId, Timestamp};

/// 2026-11-23T12:00:05Z
pub(super) const RECEIVED: Timestamp = Timestamp::from_millis(1_795_435_205_000);

pub(super) fn envelope(kind: Kind, raw: &[u8]) -> Envelope<'_> {
    Envelope {
        input: Input::SyslogUdp,
        kind,
        flags: Flags::default(),
        received: RECEIVED,
        session: 0,
        peer: Some(([192, 0, 2, 9], 514).into()),
        host: "r1",
        dedup: None,
        usm: None,
        raw,
    }
}

pub(super) fn id() -> MessageId {
    MessageId { appended: RECEIVED, partition: 3, position: 7 }
}

pub(super) fn utc() -> Parser {
    Parser::new(ParserConfig::default())
}

pub(super) fn syslog(raw: &[u8]) -> Event<'_> {
    utc().parse(id(), &envelope(Kind::Syslog, raw))
}

pub(super) fn at(text: &str) -> Timestamp {
    let time: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_micros(time.as_microsecond())
}

pub(super) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}
