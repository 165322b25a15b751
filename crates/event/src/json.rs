//! JSON objects of the HTTP input.

use std::borrow::Cow;

use crate::{Oid, Timestamp};

/// The object's known fields that have no place of their own in an event.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Json<'a> {
    /// `hostname`.
    pub hostname: Option<Cow<'a, str>>,
    /// `trap_oid`.
    pub trap_oid: Option<Oid>,
    /// `correlation_id`: the sender's own identity for the message.
    pub correlation_id: Option<Cow<'a, str>>,
    /// `raw`: the line that the sender had received.
    pub raw: Option<Cow<'a, str>>,
}

/// The line for a syslog receiver.
pub fn render_syslog(raw: &[u8], received: Timestamp, host: &str) -> Vec<u8> {
    let mut line = format!("<13>1 {received} {host} - - - - ").into_bytes();
    line.extend_from_slice(raw);
    line
}

/// The object's `correlation_id`.
pub fn correlation_id(_raw: &[u8]) -> Option<Cow<'_, str>> {
    None
}
