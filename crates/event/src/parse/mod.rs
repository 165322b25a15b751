//! Envelopes become events.
//!
//! From: [`Envelope`]s out of the journal. To: [`Event`]s for the rules. Each format has its file;
//! none of them fails, allocates for syslog, or reads a clock.

mod cisco;
mod pri;
mod rfc3164;
mod rfc5424;
pub(crate) mod syslog;
mod text;
mod time;
mod vendor;
mod zones;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;
use jiff::tz::TimeZone;

use crate::trap::Names;
use crate::{ClockMark, Envelope, Event, Kind, MessageId, Severity, Timestamp, json, trap};
pub use rfc5424::StructuredData;
pub(crate) use syslog::Header;
pub(crate) use text::host_like;
use zones::Zones;

/// user-level messages: the facility of a message without PRI (RFC 3164 section 4.3.3).
const FACILITY_WITHOUT_PRI: u8 = 1;

/// The zones of times that name none themselves. An offset in the text, UTC and GMT count
/// before these; other zone names in the text are ambiguous (CST, IST) and not believed.
#[derive(Clone, Debug)]
pub struct ParserConfig {
    /// For all others. Default: UTC.
    pub zone: TimeZone,
    /// By the peer's network; the longest prefix counts.
    pub zones: Vec<(IpNet, TimeZone)>,
    /// By the device's one name, in any case; counts before the network.
    pub host_zones: BTreeMap<String, TimeZone>,
}

impl Default for ParserConfig {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, zones: Vec::new(), host_zones: BTreeMap::new() }
    }
}

/// Makes events of envelopes.
#[derive(Clone, Debug)]
pub struct Parser {
    zones: Zones,
    names: Arc<Names>,
}

impl Parser {
    /// From its configuration.
    pub fn new(config: ParserConfig) -> Self {
        Self { zones: Zones::new(config), names: Arc::default() }
    }

    /// The same that reads traps by these names.
    #[must_use]
    pub fn with_names(&self, names: Arc<Names>) -> Self {
        Self { zones: self.zones.clone(), names }
    }

    /// Reads what can be read. Never fails: what it cannot read is `None`, and the message is
    /// then all that is left.
    pub fn parse<'a>(&self, id: MessageId, envelope: &Envelope<'a>) -> Event<'a> {
        self.parse_by(&self.names, id, envelope)
    }

    /// The same by other names: those of the rules that judge it.
    pub fn parse_by<'a>(&self, names: &Names, id: MessageId, envelope: &Envelope<'a>) -> Event<'a> {
        let mut event = Event::unparsed(id, envelope);
        match envelope.kind {
            Kind::Syslog => self.syslog(&mut event, envelope.raw),
            Kind::Trap => match trap_of(envelope) {
                Ok(trap) => {
                    event.message = Cow::Owned(trap::render(&trap, names).into_bytes());
                    event.trap = Some(Box::new(trap));
                }
                Err(error) => event.trap_error = Some(error),
            },
            Kind::Json => self.json(&mut event),
        }
        event
    }

    fn syslog<'a>(&self, event: &mut Event<'a>, raw: &'a [u8]) {
        let line = syslog::scan(raw);
        event.facility = Some(line.pri.map_or(FACILITY_WITHOUT_PRI, |pri| pri >> 3));
        event.severity = line_severity(&line).or(Some(Severity::Notice));
        self.take_line(event, &line, Cow::Borrowed);
    }

    /// All of a line but what its PRI says; `keep` makes its parts last as long as the event.
    fn take_line<'a, 'l>(
        &self,
        event: &mut Event<'a>,
        line: &syslog::Line<'l>,
        keep: impl Fn(&'l [u8]) -> Cow<'a, [u8]>,
    ) {
        // A clock that is not set is worth less than a relay's.
        let time = match (line.own_time, line.header_time) {
            (Some(_), Some(relay)) if line.clock == ClockMark::NotSet => Some(relay),
            (own, header) => own.or(header),
        };
        event.sent = time.and_then(|time| {
            let peer = event.peer.map(|peer| peer.ip());
            time.resolve(event.received, self.zones.of(event.host, peer))
        });
        event.clock = line.clock;
        event.app = line.app.map(&keep);
        event.procid = line.procid.map(&keep);
        event.msgid = line.msgid.map(&keep);
        event.mnemonic = line.mnemonic.map(&keep);
        event.sequence = line.sequence;
        event.structured = line.structured.map(|text| StructuredData::new(keep(text)));
        event.message = keep(line.message);
    }

    /// The object's own members count before what its `raw` line says.
    fn json(&self, event: &mut Event<'_>) {
        let Some(mut object) = json::read(event.raw) else { return };
        match &object.raw {
            Some(Cow::Borrowed(raw)) => self.json_line(event, raw.as_bytes(), Cow::Borrowed),
            Some(Cow::Owned(raw)) => self.json_line(event, raw.as_bytes(), owned),
            None => {}
        }
        match object.message.take() {
            Some(Cow::Borrowed(text)) if object.raw.is_none() => {
                self.json_text(event, text.as_bytes(), Cow::Borrowed);
            }
            Some(Cow::Owned(text)) if object.raw.is_none() => {
                self.json_text(event, text.as_bytes(), owned);
            }
            Some(text) => event.message = bytes(text),
            None => {}
        }
        event.severity = object.severity.or(event.severity);
        event.sent = object.timestamp.or(event.sent);
        event.app = event.app.take().or_else(|| object.source.clone().map(bytes));
        event.json = Some(Box::new(object));
    }

    fn json_line<'a, 'l>(
        &self,
        event: &mut Event<'a>,
        text: &'l [u8],
        keep: impl Fn(&'l [u8]) -> Cow<'a, [u8]>,
    ) {
        let line = syslog::scan(text);
        event.facility = line.pri.map(|pri| pri >> 3);
        event.severity = line_severity(&line);
        self.take_line(event, &line, keep);
    }

    /// `message` alone: a whole line if it begins with a PRI or is Cisco's, else just text, of
    /// which nothing is cut off.
    fn json_text<'a, 'l>(
        &self,
        event: &mut Event<'a>,
        text: &'l [u8],
        keep: impl Fn(&'l [u8]) -> Cow<'a, [u8]>,
    ) {
        let line = syslog::scan(text);
        if line.pri.is_some() || line.mnemonic.is_some() {
            self.json_line(event, text, keep);
        } else {
            event.msgid = vendor::msgid(text).map(&keep);
            event.message = keep(text);
        }
    }
}

fn trap_of<'a>(envelope: &Envelope<'a>) -> Result<trap::Trap<'a>, trap::TrapError> {
    match &envelope.usm {
        None => trap::decode(envelope.raw),
        Some(usm) => trap::decode_v3(envelope.raw, usm),
    }
}

/// By PRI, else as the text names it.
fn line_severity(line: &syslog::Line<'_>) -> Option<Severity> {
    let number = line.pri.map(|pri| pri & 7).or(line.text_severity);
    number.and_then(Severity::from_number)
}

fn owned<'a>(bytes: &[u8]) -> Cow<'a, [u8]> {
    Cow::Owned(bytes.to_vec())
}

fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// The instant of an RFC 3339 time; without an offset: UTC. What follows the time is not read.
pub(crate) fn time_of(text: &[u8]) -> Option<Timestamp> {
    let (civil, _) = time::scan_rfc3339(text)?;
    civil.resolve(Timestamp::ZERO, &time::Zone::Fixed(0))
}
