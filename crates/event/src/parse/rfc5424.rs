//! RFC 5424: `1 TIME HOST APP PROCID MSGID SD [BOM]MSG` behind the PRI, and structured data.

use std::borrow::Cow;

use super::Header;
use super::text::{host_like, run, word};
use super::time;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads a header; `None` if the text does not begin as one. A header that is cut short or bad
/// gives what stands before the fault, and all from there on is the body.
pub(crate) fn scan(text: &[u8]) -> Option<Header<'_>> {
    let rest = text.strip_prefix(b"1 ")?;
    match rest {
        [b'-', b' ', ..] => {}
        [y, _, _, _, b'-', ..] if y.is_ascii_digit() => {}
        _ => return None,
    }
    let mut header = Header { body: rest, is_5424: true, ..Header::default() };
    header.fields();
    Some(header)
}

impl<'a> Header<'a> {
    /// Takes fields off the body until one is missing.
    fn fields(&mut self) -> Option<()> {
        let time = self.field()?;
        self.time = time.and_then(time::scan_rfc3339).map(|(civil, _)| civil);
        self.host = self.field()?.filter(|host| host_like(host));
        self.app = self.field()?;
        self.procid = self.field()?;
        self.msgid = self.field()?;
        let len = structured_len(self.body)?;
        let (structured, rest) = self.body.split_at(len);
        self.structured = (structured != b"-").then_some(structured);
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        self.body = rest.strip_prefix(BOM).unwrap_or(rest);
        Some(())
    }

    /// The next word; inside it `None` for NILVALUE.
    fn field(&mut self) -> Option<Option<&'a [u8]>> {
        let (field, rest) = word(self.body)?;
        self.body = rest;
        Some((field != b"-" && !field.is_empty()).then_some(field))
    }
}

/// The bytes of STRUCTURED-DATA at the start: `-`, or elements side by side.
fn structured_len(text: &[u8]) -> Option<usize> {
    let ends = |at: usize| matches!(text.get(at), None | Some(b' '));
    if text.first() == Some(&b'-') {
        return ends(1).then_some(1);
    }
    let mut at = 0;
    while text.get(at) == Some(&b'[') {
        at += element_len(&text[at..])?;
    }
    (at > 0 && ends(at)).then_some(at)
}

/// The bytes of one element, brackets included. Brackets within a value do not end it.
fn element_len(text: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// RFC 5424 structured data as it stands in the message; read when it is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StructuredData<'a>(Cow<'a, [u8]>);

impl<'a> StructuredData<'a> {
    pub(crate) fn new(text: Cow<'a, [u8]>) -> Self {
        Self(text)
    }

    /// The value of the first parameter of that name in the first element of that SD-ID, its
    /// escapes (`\"`, `\\`, `\]`) undone.
    pub fn get(&self, sd_id: &[u8], param: &[u8]) -> Option<Cow<'_, [u8]>> {
        let params = self.elements().find(|(id, _)| *id == sd_id)?.1;
        Params(params).find(|(name, _)| *name == param).map(|(_, value)| unescape(value))
    }

    /// The value of the first parameter of that name in any element. Junos's SD-ID names the
    /// platform (`junos@2636.1.1.1.2.18`), which a rule need not know.
    pub fn find(&self, param: &[u8]) -> Option<Cow<'_, [u8]>> {
        self.iter().find(|(_, name, _)| *name == param).map(|(_, _, value)| value)
    }

    /// All parameters: SD-ID, name, value.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8], Cow<'_, [u8]>)> {
        self.elements().flat_map(|(id, params)| {
            Params(params).map(move |(name, value)| (id, name, unescape(value)))
        })
    }

    /// The text, brackets and all.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Each element's SD-ID, and its parameters.
    fn elements(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = self.as_bytes();
        std::iter::from_fn(move || {
            let len = element_len(rest.strip_prefix(b"[").map(|_| rest)?)?;
            let inner = &rest[1..len - 1];
            rest = &rest[len..];
            Some(inner.split_at(run(inner, |byte| byte != b' ')))
        })
    }
}

/// ` name="value" name="value"`
struct Params<'a>(&'a [u8]);

impl<'a> Iterator for Params<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let text = super::text::trim_start(self.0);
        let (name, rest) = text.split_at(run(text, |byte| byte != b'='));
        let rest = rest.strip_prefix(b"=\"")?;
        let mut escaped = false;
        let len = rest
            .iter()
            .take_while(|&&byte| {
                let ends = byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                !ends
            })
            .count();
        self.0 = rest.get(len + 1..)?;
        Some((name, &rest[..len]))
    }
}

fn unescape(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.contains(&b'\\') {
        return Cow::Borrowed(value);
    }
    let mut plain = Vec::with_capacity(value.len());
    let mut bytes = value.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, bytes.peek()) {
            (b'\\', Some(&next @ (b'"' | b'\\' | b']'))) => {
                plain.push(next);
                bytes.next();
            }
            _ => plain.push(byte),
        }
    }
    Cow::Owned(plain)
}
