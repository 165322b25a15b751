//! Variable bindings and their values, RFC 3416 section 3 and RFC 2578 section 7.1.

use std::borrow::Cow;
use std::fmt::Write;
use std::net::Ipv4Addr;

use super::ber::{self, INTEGER, NULL, OBJECT_IDENTIFIER, OCTET_STRING, Reader};
use crate::Oid;

pub(super) const IP_ADDRESS: u8 = 0x40;
const COUNTER32: u8 = 0x41;
const GAUGE32: u8 = 0x42;
pub(super) const TIME_TICKS: u8 = 0x43;
const OPAQUE: u8 = 0x44;
const COUNTER64: u8 = 0x46;
/// Net-SNMP's float within an Opaque: tag 0x9f78, length 4.
const OPAQUE_FLOAT: [u8; 3] = [0x9f, 0x78, 0x04];

/// A name and its value.
#[derive(Clone, PartialEq, Debug)]
pub struct VarBind<'a> {
    /// The object's name, instance included.
    pub oid: Oid,
    /// Its value.
    pub value: Value<'a>,
}

/// A value.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)] // the RFC's own names
pub enum Value<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    Null,
    Oid(Oid),
    IpAddress(Ipv4Addr),
    Counter32(u32),
    Gauge32(u32),
    /// Hundredths of a second.
    TimeTicks(u32),
    Opaque(&'a [u8]),
    Counter64(u64),
    /// noSuchObject, noSuchInstance, endOfMibView, a type unknown here, or content that does not
    /// fit its type: the tag and the bytes.
    Other(u8, &'a [u8]),
}

impl<'a> VarBind<'a> {
    /// `None` if the name is no OID, or name or value are not whole.
    pub(super) fn read(mut inside: Reader<'a>) -> Option<Self> {
        let oid = ber::oid(inside.expect(OBJECT_IDENTIFIER)?.content)?;
        let value = inside.next().filter(|element| !element.cut)?;
        Some(Self { oid, value: Value::read(value.tag, value.content) })
    }
}

impl<'a> Value<'a> {
    fn read(tag: u8, content: &'a [u8]) -> Self {
        Self::typed(tag, content).unwrap_or(Self::Other(tag, content))
    }

    fn typed(tag: u8, content: &'a [u8]) -> Option<Self> {
        let number32 = || u32::try_from(ber::unsigned(content)?).ok();
        Some(match tag {
            INTEGER => Self::Integer(ber::integer(content)?),
            OCTET_STRING => Self::Bytes(content),
            NULL => Self::Null,
            OBJECT_IDENTIFIER => Self::Oid(ber::oid(content)?),
            IP_ADDRESS => Self::IpAddress(<[u8; 4]>::try_from(content).ok()?.into()),
            COUNTER32 => Self::Counter32(number32()?),
            GAUGE32 => Self::Gauge32(number32()?),
            TIME_TICKS => Self::TimeTicks(number32()?),
            OPAQUE => Self::Opaque(content),
            COUNTER64 => Self::Counter64(ber::unsigned(content)?),
            _ => return None,
        })
    }

    /// As a rule or a person sees it: numbers in decimals, OIDs and addresses with dots,
    /// printable UTF-8 as it is, all other bytes in hex with colons.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Bytes(bytes) => printable(bytes),
            Self::Null => Cow::Borrowed(""),
            Self::Integer(number) => number.to_string().into(),
            Self::Oid(oid) => oid.to_string().into(),
            Self::IpAddress(ip) => ip.to_string().into(),
            Self::Counter32(n) | Self::Gauge32(n) | Self::TimeTicks(n) => n.to_string().into(),
            Self::Counter64(number) => number.to_string().into(),
            Self::Opaque(bytes) => opaque(bytes),
            Self::Other(_, bytes) => hex(bytes).into(),
        }
    }
}

fn printable(bytes: &[u8]) -> Cow<'_, str> {
    // C programs send the NUL that ends their strings.
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n')) => {
            Cow::Borrowed(text)
        }
        _ => hex(bytes).into(),
    }
}

fn opaque(bytes: &[u8]) -> Cow<'_, str> {
    match bytes.strip_prefix(&OPAQUE_FLOAT).map(<[u8; 4]>::try_from) {
        Some(Ok(float)) => f32::from_be_bytes(float).to_string().into(),
        _ => hex(bytes).into(),
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for (i, byte) in bytes.iter().enumerate() {
        let colon = if i > 0 { ":" } else { "" };
        let _ = write!(text, "{colon}{byte:02x}"); // a String takes all
    }
    text
}
