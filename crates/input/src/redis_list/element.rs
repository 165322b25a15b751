//! What an element of the list is: a message as it was received, or a JSON object. Pure.
//!
//! From: an element's bytes. To: the envelope's kind, flags and raw bytes.

use std::borrow::Cow;
use std::net::SocketAddr;

use mutt_event::{Flags, Kind};

use crate::http::{json_object, repeat_of};
use crate::intake::Arrival;

/// An element that is a message.
#[derive(Debug)]
pub(super) struct Element<'a> {
    kind: Kind,
    truncated: bool,
    dedup: Option<[u8; 16]>,
    raw: Cow<'a, [u8]>,
}

impl Element<'_> {
    /// The message, as it came in a session; `again`: it may be stored already.
    pub fn from(&self, session: u64, peer: Option<SocketAddr>, again: bool) -> Arrival<'_> {
        let flags = Flags { truncated: self.truncated, again, ..Flags::default() };
        Arrival {
            kind: self.kind,
            flags,
            session,
            peer,
            dedup: self.dedup,
            usm: None,
            raw: &self.raw,
        }
    }
}

/// An object of the form that HTTP takes is JSON; everything else is a syslog message, to the byte.
/// What is longer than `bytes_max` is cut, and no object any more. None: it is empty.
pub(super) fn arrival(element: &[u8], bytes_max: usize) -> Option<Element<'_>> {
    if element.is_empty() {
        return None;
    }
    let begins = element.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins == Some(&b'{')
        && let Some(object) = json_object(element, bytes_max)
    {
        let id = object.correlation_id.as_deref();
        let dedup = id.map(|id| repeat_of(b"correlation_id", id.as_bytes(), 0, &object.raw));
        return Some(Element { kind: Kind::Json, truncated: false, dedup, raw: object.raw });
    }
    let raw = Cow::Borrowed(&element[..element.len().min(bytes_max)]);
    let truncated = element.len() > bytes_max;
    Some(Element { kind: Kind::Syslog, truncated, dedup: None, raw })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(element: &[u8]) -> (Kind, bool, bool, Vec<u8>) {
        let found = arrival(element, 100).unwrap();
        (found.kind, found.truncated, found.dedup.is_some(), found.raw.to_vec())
    }

    #[test]
    fn an_object_that_http_would_take_is_json() {
        let old = br#"{"message": "m", "hostname": "r1", "syslog_severity": 3}"#;
        assert_eq!(of(old), (Kind::Json, false, false, old.to_vec()));
        let known = br#"{"raw":"<13>a","correlation_id":"7"}"#;
        assert_eq!(
            of(&[b" ", &known[..], b"\n"].concat()),
            (Kind::Json, false, true, known.to_vec())
        );
    }

    #[test]
    fn all_else_is_a_line_to_the_byte() {
        let faults: [&[u8]; 8] = [
            b"<189>Nov 23 12:00:00 r1 a: b\n",
            b"\xff\x00",
            b"{not json",
            br#"{"hostname":"no message"}"#,
            br#"{"message":5}"#,
            br#"[{"message":"a"}]"#,
            br#"{"message":"a"}{"message":"b"}"#,
            br#"{"records":[{"value":{"message":"a"}}]}"#,
        ];
        for element in faults {
            assert_eq!(of(element), (Kind::Syslog, false, false, element.to_vec()));
        }
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let object = format!(r#"{{"message":"{}"}}"#, "x".repeat(100));
        for long in [object.as_bytes(), &[b'y'; 101]] {
            assert_eq!(of(long), (Kind::Syslog, true, false, long[..100].to_vec()));
        }
        assert!(arrival(b"", 100).is_none());
    }
}
