//! One syslog line of whatever vendor and relay: which format it is, and its fields.
//!
//! From: raw bytes. To: [`super::Parser`], which places its times, and [`crate::Hosts`], which
//! needs its names only.

use super::cisco::{self, Cisco};
use super::text::number;
use super::time::CivilTime;
use super::{pri, rfc3164, rfc5424, vendor};
use crate::ClockMark;

/// What stands before the text: the sender's header, or its relay's.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Header<'a> {
    pub time: Option<CivilTime>,
    /// Looks like a host's name or address.
    pub host: Option<&'a [u8]>,
    pub app: Option<&'a [u8]>,
    pub procid: Option<&'a [u8]>,
    pub msgid: Option<&'a [u8]>,
    pub structured: Option<&'a [u8]>,
    /// RFC 5424: its text has no tag.
    pub is_5424: bool,
    pub body: &'a [u8],
}

/// The PRI and the header of a line.
pub(crate) fn header(raw: &[u8]) -> (Option<u8>, Header<'_>) {
    let (pri, rest) = pri::scan(raw);
    (pri, rfc5424::scan(rest).unwrap_or_else(|| rfc3164::scan(rest)))
}

/// The device's own name that Cisco writes behind the header.
pub(crate) fn origin<'a>(header: &Header<'a>) -> Option<&'a [u8]> {
    cisco::scan(header.body, header.is_named())?.origin
}

impl Header<'_> {
    fn is_named(&self) -> bool {
        self.time.is_some() || self.host.is_some()
    }
}

/// A line's fields. Times are as written.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Line<'a> {
    pub pri: Option<u8>,
    /// Severity that the text names itself.
    pub text_severity: Option<u8>,
    pub header_time: Option<CivilTime>,
    /// Cisco's time behind the header.
    pub own_time: Option<CivilTime>,
    pub clock: ClockMark,
    pub app: Option<&'a [u8]>,
    pub procid: Option<&'a [u8]>,
    pub msgid: Option<&'a [u8]>,
    pub mnemonic: Option<&'a [u8]>,
    pub sequence: Option<u64>,
    pub structured: Option<&'a [u8]>,
    pub message: &'a [u8],
}

/// Reads a line.
pub(crate) fn scan(raw: &[u8]) -> Line<'_> {
    let (pri, header) = header(raw);
    let mut line = Line {
        pri,
        header_time: header.time,
        app: header.app,
        procid: header.procid,
        msgid: header.msgid,
        structured: header.structured,
        message: header.body,
        ..Line::default()
    };
    if let Some(cisco) = cisco::scan(header.body, header.is_named()) {
        line.take_cisco(cisco);
    } else if let Some((mnemonic, severity)) = header.app.and_then(mnemonic_as_app) {
        (line.app, line.mnemonic, line.text_severity) = (None, Some(mnemonic), Some(severity));
    } else if !header.is_5424
        && let Some(tag) = rfc3164::tag(header.body)
    {
        (line.app, line.procid) = (Some(tag.app), tag.procid);
        (line.text_severity, line.message) = (tag.severity, tag.message);
    }
    if line.msgid.is_none() && line.mnemonic.is_none() {
        line.msgid = vendor::msgid(line.message);
    }
    line
}

impl<'a> Line<'a> {
    fn take_cisco(&mut self, cisco: Cisco<'a>) {
        // A relay takes the sequence number for the name of a program.
        let relayed = self.app.and_then(number);
        if relayed.is_some() {
            self.app = None;
        }
        self.sequence = cisco.sequence.or(relayed);
        self.app = self.app.or(cisco.app);
        self.procid = self.procid.or(cisco.procid);
        self.own_time = cisco.time;
        self.clock = cisco.clock;
        self.mnemonic = cisco.mnemonic;
        self.text_severity = cisco.severity;
        self.message = cisco.message;
    }
}

/// A relay that writes RFC 5424 makes `%ASA-6-302013:` the name of a program.
fn mnemonic_as_app(app: &[u8]) -> Option<(&[u8], u8)> {
    let mnemonic = app.strip_prefix(b"%")?;
    Some((mnemonic, cisco::severity_in(mnemonic)?))
}
