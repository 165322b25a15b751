//! Cisco's own line, which IOS, IOS XR, NX-OS, ASA and Arista EOS write in variants:
//! `[SEQ: ][ORIGIN: ][NODE:][*|.][TIME[ ZONE]: ][PROCESS[PID]: ]%FAC[-SUBFAC]-SEV-MNEMONIC: text`.
//!
//! From: what stands behind the PRI, or behind the header that a relay put before it.

use super::text::{number, run, trim_start};
use super::time::{self, CivilTime};
use crate::ClockMark;

/// How far from its start a line's `%` may be; before it stand only short parts.
const PREFIX_BYTES_MAX: usize = 256;
/// How many parts may stand before the `%`.
const PARTS_MAX: usize = 8;

/// What such a line says.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Cisco<'a> {
    pub sequence: Option<u64>,
    /// `logging origin-id`, or ASA's `logging device-id`: the device's own name.
    pub origin: Option<&'a [u8]>,
    pub clock: ClockMark,
    pub time: Option<CivilTime>,
    pub app: Option<&'a [u8]>,
    pub procid: Option<&'a [u8]>,
    pub mnemonic: Option<&'a [u8]>,
    /// The digit in the mnemonic.
    pub severity: Option<u8>,
    /// From the `%` on; without a mnemonic what stands behind the time.
    pub message: &'a [u8],
}

/// Reads a line. `named` says that a header has named the host, so that a name right before the
/// `%` is a process, as Arista writes it. `None`: the text is no such line.
pub(crate) fn scan(text: &[u8], named: bool) -> Option<Cisco<'_>> {
    let mut found = Cisco::default();
    // What is certain once the time is read, should no mnemonic follow.
    let mut dated = None;
    let mut rest = text;
    for _ in 0..PARTS_MAX {
        rest = skip_blank(rest);
        if rest.first() == Some(&b'%') {
            return found.finish(rest).or(dated);
        }
        let had_time = found.time.is_some();
        match found.part(rest, named) {
            Some(after) => rest = after,
            None => break,
        }
        if found.time.is_some() && !had_time {
            dated = Some(found.without_mnemonic(rest));
        }
    }
    dated
}

impl<'a> Cisco<'a> {
    /// Takes one part off the start.
    fn part(&mut self, rest: &'a [u8], named: bool) -> Option<&'a [u8]> {
        match rest.first()? {
            b'*' | b'.' if self.time.is_none() => {
                let mark = if rest[0] == b'*' { ClockMark::NotSet } else { ClockMark::LostSync };
                self.time(&rest[1..], mark)
            }
            b'0'..=b'9' => self
                .sequence(rest)
                .or_else(|| self.time(rest, ClockMark::Unknown))
                .or_else(|| uptime(rest))
                .or_else(|| self.name(rest, named)),
            b'A'..=b'Z' => self.time(rest, ClockMark::Synced).or_else(|| self.name(rest, named)),
            b'a'..=b'z' | b'_' => self.name(rest, named),
            _ => None,
        }
    }

    /// `45: `. IOS may count twice, messages and then lines (`45: 000031: `): the first counts.
    fn sequence(&mut self, rest: &'a [u8]) -> Option<&'a [u8]> {
        let digits = run(rest, |byte| byte.is_ascii_digit());
        if self.time.is_some() || rest.get(digits) != Some(&b':') {
            return None;
        }
        matches!(rest.get(digits + 1), Some(b' ' | b'%' | b'*' | b'.')).then_some(())?;
        let number = number(&rest[..digits])?;
        self.sequence.get_or_insert(number);
        Some(&rest[digits + 1..])
    }

    /// A time, perhaps a zone's name, and a colon.
    fn time(&mut self, rest: &'a [u8], clock: ClockMark) -> Option<&'a [u8]> {
        if self.time.is_some() {
            return None;
        }
        let (mut civil, behind) = time::scan(rest)?;
        let (zone_s, after) = time::scan_zone_colon(behind)?;
        let zone_named = !trim_start(behind).starts_with(b":");
        let certain = self.sequence.is_some() || clock != ClockMark::Synced;
        // `Nov 23 12:00:01 CRON: text`: no zone, but a process without a host.
        if zone_named && zone_s.is_none() && !certain && !trim_start(after).starts_with(b"%") {
            return None;
        }
        civil.offset_s = civil.offset_s.or(zone_s);
        self.time = Some(civil);
        self.clock = clock;
        Some(after)
    }

    /// A name and a colon: the origin, XR's node, or a process.
    fn name(&mut self, rest: &'a [u8], named: bool) -> Option<&'a [u8]> {
        let horizon = &rest[..rest.len().min(PREFIX_BYTES_MAX)];
        if self.sequence.is_none() && !horizon.contains(&b'%') {
            return None;
        }
        let len = run(rest, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/')
        });
        let (name, behind) = rest.split_at(len);
        if name.is_empty() {
            return None;
        }
        match behind {
            [b'[', inner @ ..] if self.app.is_none() => {
                let len = run(inner, |byte| !matches!(byte, b']' | b' '));
                let after = inner[len..].strip_prefix(b"]:")?;
                (self.app, self.procid) = (Some(name), Some(&inner[..len]));
                Some(after)
            }
            [b':', after @ ..] | [b' ', b':', after @ ..] => {
                self.place(name, after, named)?;
                Some(after)
            }
            // XR: `r1 RP/0/RSP0/CPU0:Nov 23 …`
            [b' ', after @ ..] if after.starts_with(b"RP/") || after.starts_with(b"LC/") => {
                self.origin = Some(name);
                Some(after)
            }
            _ => None,
        }
    }

    fn place(&mut self, name: &'a [u8], after: &'a [u8], named: bool) -> Option<()> {
        let next = skip_blank(after);
        if name.contains(&b'/') {
            return Some(()); // XR's node says nothing about the device
        }
        let process = next.starts_with(b"%") && (named || self.time.is_some()) && !is_asa(next);
        let place = if process { &mut self.app } else { &mut self.origin };
        if place.is_some() {
            return None;
        }
        *place = Some(name);
        Some(())
    }

    fn finish(&self, rest: &'a [u8]) -> Option<Self> {
        let (mnemonic, severity, message) = mnemonic(rest)?;
        let clock = if is_asa(message) { ClockMark::Unknown } else { self.clock };
        Some(Self {
            mnemonic: Some(mnemonic),
            severity: Some(severity),
            message,
            clock,
            ..self.clone()
        })
    }

    /// A debug line has a time but no mnemonic.
    fn without_mnemonic(&self, rest: &'a [u8]) -> Self {
        let marked = self.sequence.is_some() || self.clock != ClockMark::Synced;
        let clock = if marked { self.clock } else { ClockMark::Unknown };
        Self { clock, message: trim_start(rest), ..self.clone() }
    }
}

/// `FAC[-SUBFAC]-SEV-MNEMONIC` without the `%`, its severity, and the text from that `%` on.
/// A colon must follow: a line cut short within the mnemonic has none.
fn mnemonic(text: &[u8]) -> Option<(&[u8], u8, &[u8])> {
    let text = skip_context(text);
    let inner = text.strip_prefix(b"%")?;
    let len = run(inner, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/'));
    match &inner[len..] {
        [b':', ..] | [b' ', b':', ..] => {}
        _ => return None,
    }
    Some((&inner[..len], severity_in(&inner[..len])?, text))
}

/// The digit between the last two parts of `FAC[-SUBFAC]-SEV-MNEMONIC`; `None` if it is none.
pub(crate) fn severity_in(mnemonic: &[u8]) -> Option<u8> {
    let at = mnemonic.windows(3).position(|w| matches!(w, [b'-', b'0'..=b'7', b'-']))?;
    let whole = mnemonic[0].is_ascii_uppercase() && at + 3 < mnemonic.len();
    whole.then_some(mnemonic[at + 1] - b'0')
}

/// NX-OS names its virtual device first: `%$VDC-1%$ %ETHPORT-…`.
fn skip_context(text: &[u8]) -> &[u8] {
    let Some(inner) = text.strip_prefix(b"%$") else { return text };
    let len = run(inner, |byte| byte != b'%' && byte != b' ');
    inner[len..].strip_prefix(b"%$").map_or(text, trim_start)
}

/// ASA, its predecessor and its successor write no clock mark, and their name before the `%`.
fn is_asa(text: &[u8]) -> bool {
    [b"%ASA-".as_slice(), b"%FTD-", b"%PIX-"].iter().any(|start| text.starts_with(start))
}

/// Time since the device's start: `00:01:02: `, `1d02h: `, `3w4d: `, `1y2w: `. No date, so no time.
fn uptime(rest: &[u8]) -> Option<&[u8]> {
    let len =
        run(rest, |byte| byte.is_ascii_digit() || matches!(byte, b':' | b'd' | b'h' | b'w' | b'y'));
    let (text, behind) = rest.split_at(len);
    let text = text.strip_suffix(b":")?;
    let is_one = text.iter().any(|byte| !byte.is_ascii_digit()) && behind.starts_with(b" ");
    (is_one && trim_start(behind).starts_with(b"%")).then_some(behind)
}

/// Without leading blanks and colons: NX-OS puts `: ` first, ASA ` : ` behind its name.
fn skip_blank(text: &[u8]) -> &[u8] {
    &text[run(text, |byte| matches!(byte, b' ' | b':'))..]
}
