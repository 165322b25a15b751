//! Envelopes become events. Never fails.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ipnet::IpNet;
use jiff::tz::TimeZone;

use crate::{Envelope, Event, MessageId};

/// The zones of times that name none.
#[derive(Clone, Debug)]
pub struct ParserConfig {
    /// For all others. Default: UTC.
    pub zone: TimeZone,
    /// By the peer's network; the most specific one counts.
    pub zones: Vec<(IpNet, TimeZone)>,
    /// By the device's one name; counts before all.
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
    #[allow(dead_code)]
    config: ParserConfig,
}

impl Parser {
    /// From its configuration.
    pub fn new(config: ParserConfig) -> Self {
        Self { config }
    }

    /// Reads what can be read.
    pub fn parse<'a>(&self, id: MessageId, envelope: &Envelope<'a>) -> Event<'a> {
        Event::unparsed(id, envelope)
    }
}

/// RFC 5424 structured data, as it stands in the message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StructuredData<'a>(&'a [u8]);

impl<'a> StructuredData<'a> {
    /// The value of a parameter.
    pub fn get(&self, _sd_id: &[u8], _param: &[u8]) -> Option<Cow<'a, [u8]>> {
        None
    }

    /// The text, brackets and all.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}
