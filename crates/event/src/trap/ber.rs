//! The little of BER that SNMP needs (ITU-T X.690, RFC 3417 section 8), over borrowed bytes.
//!
//! Our own, since the SNMP crates refuse a datagram whole for one odd value, keep no place of the
//! PDU's tag, and bring 25 to 43 packages.

use crate::Oid;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// Reads elements one after another. Its place is known as an offset from the datagram's start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Tag, and where it stood; and the content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub tag: u8,
    pub at: usize,
    pub content: &'a [u8],
    content_at: usize,
    /// The datagram ends before the element does.
    pub cut: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next element; its content may be cut short by the end of the bytes. `None` at the end,
    /// and for what SNMP forbids: tags of several bytes, indefinite lengths.
    pub(super) fn next(&mut self) -> Option<Element<'a>> {
        let &tag = self.bytes.first()?;
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (len, head) = match *self.bytes.get(1)? {
            len @ 0..0x80 => (usize::from(len), 2),
            // Long form; Net-SNMP writes it with leading zeros.
            form => {
                let count = usize::from(form & 0x7f);
                if count == 0 || count > 8 {
                    return None;
                }
                let digits = self.bytes.get(2..2 + count)?;
                let len = digits.iter().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
                (usize::try_from(len).ok()?, 2 + count)
            }
        };
        let rest = &self.bytes[head..];
        let cut = len > rest.len();
        let (content, behind) = rest.split_at(len.min(rest.len()));
        let element = Element { tag, at: self.at, content, content_at: self.at + head, cut };
        self.bytes = behind;
        self.at += head + content.len();
        Some(element)
    }

    /// The next element, if it is whole and has this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag && !element.cut)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl<'a> Element<'a> {
    /// Where the content stands.
    pub(super) fn content_at(&self) -> usize {
        self.content_at
    }

    /// Reads what is inside.
    pub(super) fn inside(&self) -> Reader<'a> {
        Reader { bytes: self.content, at: self.content_at }
    }
}

/// A signed integer of one to eight bytes.
pub(super) fn integer(content: &[u8]) -> Option<i64> {
    let first = *content.first()?;
    if content.len() > 8 {
        return None;
    }
    let start = if first & 0x80 != 0 { -1 } else { 0 };
    Some(content.iter().fold(start, |sum, &byte| sum << 8 | i64::from(byte)))
}

/// A number that is never negative: leading zeros are allowed, and so is a first bit of 1, which
/// agents write that know no signs.
pub(super) fn unsigned(content: &[u8]) -> Option<u64> {
    let zeros = content.iter().take_while(|&&byte| byte == 0).count();
    let digits = &content[zeros..];
    if content.is_empty() || digits.len() > 8 {
        return None;
    }
    Some(digits.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
}

/// An object identifier's content.
pub(super) fn oid(content: &[u8]) -> Option<Oid> {
    let mut arcs = Vec::with_capacity(content.len() + 1);
    let mut arc: u64 = 0;
    for &byte in content {
        arc = arc << 7 | u64::from(byte & 0x7f);
        if arc > u64::from(u32::MAX) + 80 {
            return None;
        }
        if byte & 0x80 == 0 {
            if arcs.is_empty() {
                let first = (arc / 40).min(2);
                arcs.push(first as u32);
                arc -= first * 40;
            }
            arcs.push(u32::try_from(arc).ok()?);
            arc = 0;
        }
    }
    let ends_well = content.last().is_none_or(|last| last & 0x80 == 0);
    (ends_well && arcs.len() <= Oid::ARCS_MAX).then(|| Oid::new(arcs))
}

/// Appends an element.
pub(super) fn write(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    match content.len() {
        short @ 0..0x80 => out.push(short as u8),
        long => {
            let digits = (long as u64).to_be_bytes();
            let zeros = digits.iter().take_while(|digit| **digit == 0).count();
            out.push(0x80 | (digits.len() - zeros) as u8);
            out.extend_from_slice(&digits[zeros..]);
        }
    }
    out.extend_from_slice(content);
}

/// Appends an object identifier's content.
pub(super) fn write_oid(out: &mut Vec<u8>, arcs: &[u32]) {
    let (first, rest) = match arcs {
        [first, second, rest @ ..] => (u64::from(*first) * 40 + u64::from(*second), rest),
        [first] => (u64::from(*first) * 40, [].as_slice()),
        [] => return,
    };
    for arc in std::iter::once(first).chain(rest.iter().map(|arc| u64::from(*arc))) {
        let groups = (1..10).rev().filter(|group| arc >> (7 * group) != 0);
        out.extend(groups.map(|group| 0x80 | (arc >> (7 * group)) as u8 & 0x7f));
        out.push((arc & 0x7f) as u8);
    }
}
