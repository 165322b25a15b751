//! RFC 3164: `Mmm dd hh:mm:ss HOST TAG[PID]: text` behind the PRI, any part of it missing, and
//! with an RFC 3339 time as rsyslog relays it.

use super::Header;
use super::text::{host_like, run, trim_start, word};
use super::time;

/// The longest TAG taken as such; RFC 3164 says 32, daemons with paths write more.
const TAG_BYTES_MAX: usize = 64;

/// Reads a header. A time with a colon behind it is not a header's, but Cisco's own: it stays
/// in the body.
pub(crate) fn scan(text: &[u8]) -> Header<'_> {
    let text = &text[run(text, |byte| byte == b' ')..];
    let bare = Header { body: text, ..Header::default() };
    let Some((mut civil, rest)) = time::scan(text) else { return bare };
    if let Some((_, after)) = time::scan_zone_colon(rest)
        && (trim_start(rest).starts_with(b":") || trim_start(after).starts_with(b"%"))
    {
        return bare;
    }
    let mut rest = trim_start(rest);
    if let Some((b"UTC" | b"GMT", after)) = word(rest) {
        civil.offset_s = civil.offset_s.or(Some(0));
        rest = trim_start(after);
    }
    let header = Header { time: Some(civil), body: rest, ..Header::default() };
    match word(rest) {
        Some((host, after)) if host_like(host) && !is_repeat(rest) => {
            Header { host: Some(host), body: after, ..header }
        }
        _ => header,
    }
}

/// BSD's syslogd writes it without a host.
fn is_repeat(text: &[u8]) -> bool {
    text.starts_with(b"last message repeated ")
}

/// A TAG and what follows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tag<'a> {
    pub app: &'a [u8],
    pub procid: Option<&'a [u8]>,
    /// F5 writes the severity's name before the process.
    pub severity: Option<u8>,
    pub message: &'a [u8],
}

/// Reads `[LEVEL ]APP[PID]: text` or `[LEVEL ]APP: text`; `None` if there is no tag.
pub(crate) fn tag(text: &[u8]) -> Option<Tag<'_>> {
    let text = trim_start(text);
    if let Some((first, rest)) = word(text)
        && let Some(severity) = level(first)
        && let Some(tag) = plain_tag(trim_start(rest))
    {
        return Some(Tag { severity: Some(severity), ..tag });
    }
    plain_tag(text)
}

fn plain_tag(text: &[u8]) -> Option<Tag<'_>> {
    let len = run(text, |byte| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'.' | b'_' | b'-' | b'/' | b'+' | b'@' | b'(' | b')')
    });
    if len == 0 || len > TAG_BYTES_MAX {
        return None;
    }
    let (app, rest) = text.split_at(len);
    let (procid, message) = match rest {
        [b'[', inner @ ..] => {
            let len = run(inner, |byte| !matches!(byte, b']' | b' '));
            let rest = inner[len..].strip_prefix(b"]")?;
            (Some(&inner[..len]), rest.strip_prefix(b":").unwrap_or(rest))
        }
        [b':'] => (None, &rest[1..]),
        [b':', b' ', ..] => (None, &rest[1..]),
        _ => return None,
    };
    Some(Tag { app, procid, severity: None, message: trim_start(message) })
}

fn level(word: &[u8]) -> Option<u8> {
    Some(match word {
        b"emerg" | b"panic" => 0,
        b"alert" => 1,
        b"crit" => 2,
        b"err" | b"error" => 3,
        b"warning" | b"warn" => 4,
        b"notice" => 5,
        b"info" => 6,
        b"debug" => 7,
        _ => return None,
    })
}
