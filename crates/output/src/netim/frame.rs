//! Syslog framing on a stream, RFC 6587, and the bytes of one message for a syslog receiver.
//!
//! LF framing cannot carry everything: a LF inside a message would end it, and a digit at its
//! start looks like an octet count to receivers that tell the framings apart. [`Newline`] says
//! what happens to such a message; either is counted. A single LF at a message's end is the
//! frame's end. An empty message has no frame in either framing: it is skipped and counted.

use std::borrow::Cow;

use mutt_event::Kind;
use serde::{Deserialize, Serialize};

use crate::{ChannelStats, Outgoing};

/// How a receiver tells messages apart on a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// `LEN SP MSG`, RFC 6587 section 3.4.1: carries every byte.
    OctetCounted,
    /// `MSG LF`, RFC 6587 section 3.4.2: what every receiver understands.
    #[default]
    Lf,
}

/// What happens to a message that LF framing cannot carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Newline {
    /// Each LF becomes `#012`, as rsyslog writes it; a blank goes before a digit at the start.
    #[default]
    Escape,
    /// That message alone is sent octet-counted, unchanged.
    OctetCounted,
}

/// Puts messages into frames.
#[derive(Clone, Copy, Debug)]
pub(super) struct Framer {
    pub framing: Framing,
    pub newline: Newline,
}

impl Framer {
    /// Appends one message's frame to `out`.
    pub(super) fn frame(self, message: &Outgoing<'_>, stats: &ChannelStats, out: &mut Vec<u8>) {
        let text = text(message, stats);
        if self.framing == Framing::OctetCounted {
            return match text.is_empty() {
                true => drop(stats.empty.inc()),
                false => counted(&text, out),
            };
        }
        let line = text.strip_suffix(b"\n").unwrap_or(&text);
        let Some(first) = line.first() else {
            stats.empty.inc();
            return;
        };
        if !first.is_ascii_digit() && !line.contains(&b'\n') {
            out.extend_from_slice(line);
            out.push(b'\n');
        } else if self.newline == Newline::OctetCounted {
            stats.octet_counted.inc();
            counted(&text, out);
        } else {
            stats.escaped.inc();
            escaped(line, out);
        }
    }
}

/// The message as a syslog receiver gets it: its raw bytes, or a JSON object as one line.
pub(super) fn text<'a>(message: &Outgoing<'a>, stats: &ChannelStats) -> Cow<'a, [u8]> {
    if message.kind != Kind::Json {
        return Cow::Borrowed(message.raw);
    }
    stats.rendered.inc();
    Cow::Owned(mutt_event::json::render_syslog(message.raw, message.received, message.host))
}

fn counted(text: &[u8], out: &mut Vec<u8>) {
    push_decimal(text.len(), out);
    out.push(b' ');
    out.extend_from_slice(text);
}

fn escaped(line: &[u8], out: &mut Vec<u8>) {
    if line.first().is_some_and(u8::is_ascii_digit) {
        out.push(b' ');
    }
    for (number, part) in line.split(|byte| *byte == b'\n').enumerate() {
        if number > 0 {
            out.extend_from_slice(b"#012");
        }
        out.extend_from_slice(part);
    }
    out.push(b'\n');
}

/// Appends `number` in decimal; once a message, so without the formatting machinery.
pub(super) fn push_decimal(mut number: usize, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        out.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out[start..].reverse();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::OutputStats;
    use crate::netim::tests::syslog;

    fn framed(framing: Framing, newline: Newline, raw: &[u8]) -> (Vec<u8>, ChannelStats) {
        let stats = OutputStats::default().channel("test");
        let mut out = Vec::new();
        Framer { framing, newline }.frame(&syslog(raw), &stats, &mut out);
        (out, stats)
    }

    #[test]
    fn lf_frames() {
        let lf = |raw: &[u8]| framed(Framing::Lf, Newline::Escape, raw).0;
        assert_eq!(lf(b"<13>a"), b"<13>a\n");
        assert_eq!(lf(b"<13>a\n"), b"<13>a\n");
        assert_eq!(lf(b"<13>a\n\n"), b"<13>a#012\n");
        assert_eq!(lf(b"<13>a\nb"), b"<13>a#012b\n");
        assert_eq!(lf(b"45: text"), b" 45: text\n");
        assert_eq!(lf(b""), b"");
        assert_eq!(lf(b"\n"), b"");
    }

    #[test]
    fn what_lf_cannot_carry_goes_octet_counted_if_wanted() {
        let (out, stats) = framed(Framing::Lf, Newline::OctetCounted, b"<13>a\nb\n");
        assert_eq!(out, b"8 <13>a\nb\n");
        assert_eq!(stats.octet_counted.get(), 1);
        assert_eq!(framed(Framing::Lf, Newline::OctetCounted, b"45: x").0, b"5 45: x");
        assert_eq!(framed(Framing::Lf, Newline::OctetCounted, b"<1>x\n").0, b"<1>x\n");
    }

    #[test]
    fn each_change_is_counted() {
        assert_eq!(framed(Framing::Lf, Newline::Escape, b"a\nb").1.escaped.get(), 1);
        assert_eq!(framed(Framing::Lf, Newline::Escape, b"ab\n").1.escaped.get(), 0);
        assert_eq!(framed(Framing::Lf, Newline::Escape, b"\n").1.empty.get(), 1);
        assert_eq!(framed(Framing::OctetCounted, Newline::Escape, b"").1.empty.get(), 1);
    }

    proptest! {
        #[test]
        fn an_octet_counted_frame_carries_every_byte(raw in prop::collection::vec(any::<u8>(), 1..300)) {
            let (out, _) = framed(Framing::OctetCounted, Newline::Escape, &raw);
            let space = out.iter().position(|byte| *byte == b' ').unwrap();
            let len: usize = std::str::from_utf8(&out[..space]).unwrap().parse().unwrap();
            prop_assert_eq!(len, raw.len());
            prop_assert_eq!(&out[space + 1..], &raw[..]);
        }

        #[test]
        fn an_escaped_line_is_one_line_and_no_count(raw: Vec<u8>) {
            let (out, stats) = framed(Framing::Lf, Newline::Escape, &raw);
            prop_assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), usize::from(!out.is_empty()));
            prop_assert!(!out.first().is_some_and(u8::is_ascii_digit));
            if stats.escaped.get() == 0 && !out.is_empty() {
                prop_assert_eq!(&out[..out.len() - 1], raw.strip_suffix(b"\n").unwrap_or(&raw));
            }
        }
    }
}
