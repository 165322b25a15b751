//! The bodies that the HTTP input takes, as messages. Pure.
//!
//! From: an inflated body. To: its messages in order, or one fault that says what is wrong and
//! where. JSON: one object, an array, objects one after another, and omhttp's `kafkarest` and
//! `lokirest` envelopes. Text: each line is a syslog message.

use std::borrow::Cow;
use std::fmt;

use mutt_event::{Kind, Severity};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// What a content type says of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Content {
    Json,
    Text,
}

impl Content {
    /// From the header; without one a body is JSON. None: not taken.
    pub fn of(content_type: Option<&str>) -> Option<Self> {
        let Some(content_type) = content_type else { return Some(Content::Json) };
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "application/json"
            | "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-json-stream"
            | "application/vnd.kafka.json.v2+json" => Some(Content::Json),
            "text/plain" => Some(Content::Text),
            _ => None,
        }
    }
}

/// Limits on a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// A longer line is cut; a longer object is a fault.
    pub message_bytes_max: usize,
    pub messages_max: usize,
}

/// A message of a body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Item<'a> {
    pub kind: Kind,
    pub raw: Cow<'a, [u8]>,
    pub truncated: bool,
    pub correlation_id: Option<Cow<'a, str>>,
}

/// What is wrong with a body, and where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Fault {
    /// What was wrong and what to do.
    pub error: String,
    /// Which message of the body, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// Line of the (inflated) body, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Byte in that line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// Whether it is too large rather than wrong.
    #[serde(skip)]
    pub too_large: bool,
}

impl Fault {
    /// A fault of the body as a whole.
    pub fn whole(error: impl Into<String>) -> Self {
        Self { error: error.into(), index: None, line: None, column: None, too_large: false }
    }
}

/// The messages of a body.
pub(super) fn messages<'a>(
    content: Content,
    body: &'a [u8],
    limits: Limits,
) -> Result<Vec<Item<'a>>, Fault> {
    let mut reading = Reading { body, items: Vec::new(), limits };
    match content {
        Content::Json => reading.json()?,
        Content::Text => {
            for line in body.split(|byte| *byte == b'\n') {
                reading.line(Cow::Borrowed(line.strip_suffix(b"\r").unwrap_or(line)))?;
            }
        }
    }
    if reading.items.is_empty() {
        return Err(Fault::whole("no message in the body"));
    }
    Ok(reading.items)
}

/// A body that is one object with a message and nothing else, if it is one of at most so many bytes.
pub(crate) fn json_object(body: &[u8], bytes_max: usize) -> Option<Item<'_>> {
    let limits = Limits { message_bytes_max: bytes_max, messages_max: 1 };
    let item = messages(Content::Json, body, limits).ok()?.pop()?;
    // Not one that stands within another object or an array.
    (item.kind == Kind::Json && *item.raw == *body.trim_ascii()).then_some(item)
}

/// The fields of a message; what else an object has is kept, and not looked at.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    message: Option<Text<'a>>,
    #[serde(borrow)]
    raw: Option<Text<'a>>,
    #[serde(borrow)]
    correlation_id: Option<Text<'a>>,
    #[serde(borrow, rename = "hostname")]
    _hostname: Option<Text<'a>>,
    #[serde(borrow, rename = "source")]
    _source: Option<Text<'a>>,
    #[serde(borrow, rename = "trap_oid")]
    _trap_oid: Option<Text<'a>>,
    #[serde(rename = "timestamp")]
    _timestamp: Option<Time>,
    #[serde(rename = "syslog_severity")]
    _severity: Option<Level>,
    #[serde(borrow)]
    records: Option<&'a RawValue>,
    #[serde(borrow)]
    streams: Option<&'a RawValue>,
}

/// A string, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A time: text, or seconds or milliseconds as a number.
struct Time;

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Expect;
        impl Visitor<'_> for Expect {
            type Value = Time;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time as text or as a number")
            }
            fn visit_str<E>(self, _: &str) -> Result<Time, E> {
                Ok(Time)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Time, E> {
                Ok(Time)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Time, E> {
                Ok(Time)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Time, E> {
                Ok(Time)
            }
        }
        from.deserialize_any(Expect)
    }
}

/// A syslog severity: its number, also as text (rsyslog's templates write that), or its name.
struct Level;

/// The names that C libraries and rsyslog use beside those of RFC 5424.
const SHORT_LEVELS: [&str; 7] = ["emerg", "panic", "crit", "err", "warn", "info", ""];

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Expect;
        impl Visitor<'_> for Expect {
            type Value = Level;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a syslog severity: 0 to 7, or its RFC 5424 name")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Level, E> {
                let known = Severity::ALL.map(Severity::name);
                let named = |name: &&str| text.eq_ignore_ascii_case(name);
                match text.parse() {
                    Ok(number) => self.visit_u64(number),
                    Err(_) if known.iter().chain(&SHORT_LEVELS).any(named) => Ok(Level),
                    Err(_) => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Level, E> {
                let bad = || E::invalid_value(de::Unexpected::Unsigned(number), &self);
                if number <= 7 { Ok(Level) } else { Err(bad()) }
            }
        }
        from.deserialize_any(Expect)
    }
}

#[derive(Deserialize)]
struct KafkaRecord<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
}

#[derive(Deserialize)]
struct LokiStream<'a> {
    #[serde(borrow)]
    values: Vec<Vec<&'a RawValue>>,
}

/// A body on its way to messages.
struct Reading<'a> {
    body: &'a [u8],
    items: Vec<Item<'a>>,
    limits: Limits,
}

impl<'a> Reading<'a> {
    fn json(&mut self) -> Result<(), Fault> {
        let text = std::str::from_utf8(self.body)
            .map_err(|error| self.fault_at(error.valid_up_to(), "not UTF-8, as JSON must be"))?;
        let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        for value in values {
            let value = value.map_err(|error| self.bad_json(&error, 0))?;
            if value.get().starts_with('[') {
                for element in self.parse::<Vec<&RawValue>>(value)? {
                    let object = self.parse(element)?;
                    self.object(element, object)?;
                }
                continue;
            }
            let object: Object<'_> = self.parse(value)?;
            match object {
                Object { message: None, raw: None, records: Some(records), .. } => {
                    for record in self.parse::<Vec<KafkaRecord<'_>>>(records)? {
                        self.value(record.value)?;
                    }
                }
                Object { message: None, raw: None, streams: Some(streams), .. } => {
                    for entry in self.parse::<Vec<LokiStream<'_>>>(streams)? {
                        self.loki(streams, entry)?;
                    }
                }
                object => self.object(value, object)?,
            }
        }
        Ok(())
    }

    /// Each entry is `["nanoseconds", "line"]`, perhaps with more behind it.
    fn loki(&mut self, streams: &'a RawValue, entry: LokiStream<'a>) -> Result<(), Fault> {
        for value in entry.values {
            let line = value.get(1).ok_or_else(|| {
                self.fault_at(self.offset(streams), "a value of a stream is not [time, line]")
            })?;
            self.value(line)?;
        }
        Ok(())
    }

    /// A message within an envelope: an object, or a string that is a syslog message.
    fn value(&mut self, value: &'a RawValue) -> Result<(), Fault> {
        if value.get().starts_with('"') {
            let Text(line) = self.parse(value)?;
            let line = match line {
                Cow::Borrowed(line) => Cow::Borrowed(line.as_bytes()),
                Cow::Owned(line) => Cow::Owned(line.into_bytes()),
            };
            return self.line(line);
        }
        let object = self.parse(value)?;
        self.object(value, object)
    }

    fn object(&mut self, value: &'a RawValue, object: Object<'a>) -> Result<(), Fault> {
        if object.message.is_none() && object.raw.is_none() {
            let error = "a message needs `message` (or `raw`), a string";
            return Err(self.fault_at(self.offset(value), error));
        }
        let raw = value.get().as_bytes();
        let most = self.limits.message_bytes_max;
        if raw.len() > most {
            let error = format!("a message of {} bytes; at most {most} are taken", raw.len());
            return Err(Fault { too_large: true, ..self.fault_at(self.offset(value), error) });
        }
        self.add(Item {
            kind: Kind::Json,
            raw: Cow::Borrowed(raw),
            truncated: false,
            correlation_id: object.correlation_id.map(|Text(text)| text),
        })
    }

    fn line(&mut self, mut raw: Cow<'a, [u8]>) -> Result<(), Fault> {
        if raw.is_empty() {
            return Ok(());
        }
        let truncated = raw.len() > self.limits.message_bytes_max;
        match &mut raw {
            Cow::Borrowed(line) if truncated => *line = &line[..self.limits.message_bytes_max],
            Cow::Owned(line) => line.truncate(self.limits.message_bytes_max),
            Cow::Borrowed(_) => {}
        }
        self.add(Item { kind: Kind::Syslog, raw, truncated, correlation_id: None })
    }

    fn add(&mut self, item: Item<'a>) -> Result<(), Fault> {
        let most = self.limits.messages_max;
        if self.items.len() >= most {
            let fault = Fault::whole(format!("more than {most} messages; send smaller batches"));
            return Err(Fault { too_large: true, ..fault });
        }
        self.items.push(item);
        Ok(())
    }

    fn parse<T: Deserialize<'a>>(&self, value: &'a RawValue) -> Result<T, Fault> {
        serde_json::from_str(value.get()).map_err(|error| self.bad_json(&error, self.offset(value)))
    }

    /// Where in the body a value begins.
    fn offset(&self, value: &RawValue) -> usize {
        (value.get().as_ptr() as usize).saturating_sub(self.body.as_ptr() as usize)
    }

    /// Line and column of a byte of the body.
    fn place(&self, offset: usize) -> (usize, usize) {
        let before = &self.body[..offset.min(self.body.len())];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        (line, before.len() - start + 1)
    }

    fn fault_at(&self, offset: usize, error: impl Into<String>) -> Fault {
        let (line, column) = self.place(offset);
        let index = Some(self.items.len());
        Fault { index, line: Some(line), column: Some(column), ..Fault::whole(error) }
    }

    /// A fault that serde_json found in what begins at `offset`.
    fn bad_json(&self, error: &serde_json::Error, offset: usize) -> Fault {
        let (line, column) = self.place(offset);
        let (line, column) = match error.line() {
            0 | 1 => (line, column - 1 + error.column()),
            lines => (line + lines - 1, error.column()),
        };
        let text = error.to_string();
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        let hint = match self.body.first() {
            Some(b'<') => "; send syslog lines as Content-Type: text/plain",
            _ => "",
        };
        let fault = Fault::whole(format!("{what}{hint}"));
        Fault { index: Some(self.items.len()), line: Some(line), column: Some(column), ..fault }
    }
}

#[cfg(test)]
mod tests;
