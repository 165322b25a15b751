//! JSON objects of the HTTP input:
//! `{timestamp?, message, hostname?, source?, syslog_severity?, trap_oid?, correlation_id?, raw?}`.
//!
//! From: a stored object. To: an event's fields, and a line for receivers that take syslog only.
//! Other members of the object are kept in the raw bytes, where [`find`] reads them. A member of the wrong type counts as
//! missing, and of a repeated member the last counts.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

mod find;

pub use find::find;

use crate::parse::time_of;
use crate::{Oid, Severity, Timestamp};

/// user-level messages, the facility of a rendered line (RFC 5424 section 6.2.1).
const RENDERED_FACILITY: u8 = 1;
/// The longest APP-NAME (RFC 5424 section 6).
const APP_BYTES_MAX: usize = 48;

/// The object's members.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Json<'a> {
    /// `hostname`.
    pub hostname: Option<Cow<'a, str>>,
    /// `source`: the program or system that it is from.
    pub source: Option<Cow<'a, str>>,
    /// `syslog_severity`: RFC 5424's number, or its name.
    pub severity: Option<Severity>,
    /// `trap_oid`.
    pub trap_oid: Option<Oid>,
    /// `correlation_id`: the sender's own identity for the message.
    pub correlation_id: Option<Cow<'a, str>>,
    /// `raw`: the line that the sender had received.
    pub raw: Option<Cow<'a, str>>,
    /// `message`.
    pub message: Option<Cow<'a, str>>,
    /// `timestamp`: RFC 3339, or a number since the epoch (seconds, milliseconds or microseconds,
    /// told apart by its size).
    pub timestamp: Option<Timestamp>,
}

/// Reads an object. `None`: the bytes are no JSON object.
pub fn read(raw: &[u8]) -> Option<Json<'_>> {
    serde_json::from_slice(raw).ok()
}

/// The object's `correlation_id`.
pub fn correlation_id(raw: &[u8]) -> Option<Cow<'_, str>> {
    read(raw)?.correlation_id
}

/// An object as a line for a receiver that takes syslog only.
///
/// If it has a string `raw`, that string's bytes. Else
/// `<PRI>1 TIMESTAMP HOST APP - - - MESSAGE` (RFC 5424) with
/// PRI = 8 + `syslog_severity` (5 if missing), TIMESTAMP = `timestamp` (`received` if missing) in
/// UTC with microseconds, HOST = `host`, APP = `source` (its printable ASCII, at most 48 bytes;
/// `-` if missing), MESSAGE = `message`, or the whole object if that is missing.
pub fn render_syslog(raw: &[u8], received: Timestamp, host: &str) -> Vec<u8> {
    let object = read(raw).unwrap_or_default();
    if let Some(line) = object.raw {
        return line.into_owned().into_bytes();
    }
    let severity = object.severity.unwrap_or(Severity::Notice).number();
    let time = object.timestamp.unwrap_or(received);
    let app: String = object
        .source
        .iter()
        .flat_map(|source| source.chars())
        .filter(char::is_ascii_graphic)
        .take(APP_BYTES_MAX)
        .collect();
    let app = if app.is_empty() { "-" } else { &app };
    let host = if host.is_empty() { "-" } else { host };
    let pri = RENDERED_FACILITY * 8 + severity;
    let mut line = format!("<{pri}>1 {time} {host} {app} - - - ").into_bytes();
    line.extend_from_slice(object.message.as_ref().map_or(raw, |text| text.as_bytes()));
    line
}

impl<'a> Json<'a> {
    fn member(&mut self, name: &str, value: &'a RawValue) {
        match name {
            "hostname" => self.hostname = text(value),
            "source" => self.source = text(value),
            "correlation_id" => self.correlation_id = text(value),
            "raw" => self.raw = string(value),
            "message" => self.message = text(value),
            "syslog_severity" => self.severity = text(value).as_deref().and_then(severity),
            "trap_oid" => self.trap_oid = string(value).and_then(|oid| oid.parse().ok()),
            "timestamp" => self.timestamp = text(value).as_deref().and_then(timestamp),
            _ => {}
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut object = Json::default();
        while let Some(Name(name)) = map.next_key()? {
            object.member(&name, map.next_value()?);
        }
        Ok(object)
    }
}

/// A member's name, borrowed unless it has escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// A JSON string, borrowed unless it has escapes.
fn string(value: &RawValue) -> Option<Cow<'_, str>> {
    let Name(text) = serde_json::from_str(value.get()).ok()?;
    Some(text)
}

/// A string's text, or the JSON of anything else but null and the empty string.
fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    match value.get() {
        "null" | "\"\"" => None,
        json if json.starts_with('"') => string(value),
        json => Some(Cow::Borrowed(json)),
    }
}

fn severity(text: &str) -> Option<Severity> {
    if let Ok(number) = text.parse() {
        return Severity::from_number(number);
    }
    let name = text.to_ascii_lowercase();
    let short = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
    let long = Severity::ALL.into_iter().find(|severity| severity.name() == name);
    long.or_else(|| match name.as_str() {
        "warn" => Some(Severity::Warning),
        "panic" => Some(Severity::Emergency),
        name => Severity::from_number(short.iter().position(|short| *short == name)? as u8),
    })
}

/// RFC 3339 (without an offset: UTC), or a number. Numbers below 10^11 are seconds (until the
/// year 5138), below 10^14 milliseconds, else microseconds.
fn timestamp(text: &str) -> Option<Timestamp> {
    let Ok(number) = text.parse::<f64>() else { return time_of(text.as_bytes()) };
    let micros = match number {
        seconds if (0.0..1e11).contains(&seconds) => seconds * 1e6,
        millis if (0.0..1e14).contains(&millis) => millis * 1e3,
        micros if (0.0..1e17).contains(&micros) => micros,
        _ => return None,
    };
    Some(Timestamp::from_micros(micros.round() as i64))
}

#[cfg(test)]
mod tests;
