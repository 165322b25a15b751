//! A parsed message: what the rules judge.
//!
//! From: [`crate::Parser`], which reads an [`Envelope`]. To: the rules.

use std::borrow::Cow;
use std::net::SocketAddr;

use crate::json::Json;
use crate::parse::StructuredData;
use crate::trap::{Trap, TrapError};
use crate::{Envelope, Flags, Input, Kind, MessageId, Oid, Severity, Timestamp, Usm};

/// What a device says of its own clock: Cisco IOS puts a mark before the time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ClockMark {
    /// A Cisco time without a mark: set, and in step with its source.
    Synced,
    /// `*`: not set by an authoritative source.
    NotSet,
    /// `.`: was set, but is no longer in step with NTP.
    LostSync,
    /// The format has no mark.
    #[default]
    Unknown,
}

/// A message with the fields that could be read from it. What is `None` was not there.
///
/// A syslog message borrows everything from the raw bytes; only decoded text is owned.
#[derive(Clone, PartialEq, Debug)]
pub struct Event<'a> {
    /// The message's id.
    pub id: MessageId,
    /// The door it came through.
    pub input: Input,
    /// What `raw` is.
    pub kind: Kind,
    /// What is remarkable about it.
    pub flags: Flags,
    /// The device's one name, as the input found it.
    pub host: &'a str,
    /// The address that it came from.
    pub peer: Option<SocketAddr>,
    /// When MUTT received it.
    pub received: Timestamp,
    /// The bytes, as received.
    pub raw: &'a [u8],
    /// Syslog facility, 0 to 23. A syslog message without PRI has 1 (RFC 3164 section 4.3.3).
    pub facility: Option<u8>,
    /// Syslog severity. A syslog message without PRI has the one that its text names
    /// (Cisco's digit, F5's word), else Notice (RFC 3164 section 4.3.3). A trap has none.
    pub severity: Option<Severity>,
    /// When the device says that it was sent.
    pub sent: Option<Timestamp>,
    /// What the device says of the clock behind `sent`.
    pub clock: ClockMark,
    /// APP-NAME, or the name in RFC 3164's TAG; a JSON object's `source`.
    pub app: Option<Cow<'a, [u8]>>,
    /// PROCID, or what stands in brackets in RFC 3164's TAG.
    pub procid: Option<Cow<'a, [u8]>>,
    /// MSGID; Junos's event tag, F5's message number, PAN-OS's log type.
    pub msgid: Option<Cow<'a, [u8]>>,
    /// `FAC[-SUBFAC]-SEV-MNEMONIC` of Cisco, Arista and their like, without `%` and `:`.
    pub mnemonic: Option<Cow<'a, [u8]>>,
    /// Cisco's sequence number.
    pub sequence: Option<u64>,
    /// RFC 5424 structured data.
    pub structured: Option<StructuredData<'a>>,
    /// The text: behind header and tag, from the `%` on for Cisco; a trap's reading in words;
    /// a JSON object's `message`. If nothing could be read, all of `raw`.
    pub message: Cow<'a, [u8]>,
    /// The trap, if `kind` is [`Kind::Trap`] and it could be decoded.
    pub trap: Option<Box<Trap<'a>>>,
    /// Why `trap` is missing although `kind` is [`Kind::Trap`].
    pub trap_error: Option<TrapError>,
    /// What the checks of SNMP version 3 found at receipt.
    pub usm: Option<Usm<'a>>,
    /// The object's fields, if `kind` is [`Kind::Json`] and it is an object.
    pub json: Option<Box<Json<'a>>>,
}

impl<'a> Event<'a> {
    /// An event of which nothing is known but its envelope: all of raw is its message.
    pub fn unparsed(id: MessageId, envelope: &Envelope<'a>) -> Self {
        Self {
            id,
            input: envelope.input,
            kind: envelope.kind,
            flags: envelope.flags,
            host: envelope.host,
            peer: envelope.peer,
            received: envelope.received,
            raw: envelope.raw,
            facility: None,
            severity: None,
            sent: None,
            clock: ClockMark::Unknown,
            app: None,
            procid: None,
            msgid: None,
            mnemonic: None,
            sequence: None,
            structured: None,
            message: Cow::Borrowed(envelope.raw),
            trap: None,
            trap_error: None,
            usm: envelope.usm,
            json: None,
        }
    }

    /// The trap's name, `IF-MIB::linkDown`, or its numbers: the first word of its reading.
    pub fn trap_name(&self) -> Option<&[u8]> {
        self.trap.as_ref()?;
        self.message.split(|byte| *byte == b' ').next()
    }

    /// The trap's OID: of a trap (v1 mapped by RFC 3584), or a JSON object's `trap_oid`.
    pub fn trap_oid(&self) -> Option<&Oid> {
        match (&self.trap, &self.json) {
            (Some(trap), _) => Some(&trap.trap_oid),
            (None, Some(json)) => json.trap_oid.as_ref(),
            (None, None) => None,
        }
    }

    /// A member of a JSON object by its dotted path, as text; see [`crate::json::find`]. `None`:
    /// it is not there, or the message is no JSON object.
    pub fn json_text(&self, path: &str) -> Option<Cow<'_, str>> {
        self.json.as_ref()?;
        crate::json::find(self.raw, path)
    }
}
