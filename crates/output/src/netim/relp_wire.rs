//! RELP frames: `TXNR SP COMMAND SP DATALEN [SP DATA] LF`.
//!
//! From: bytes of a RELP connection. To: frames, and back.

use super::frame::push_decimal;

/// The largest transaction number; after it comes 1. 0 is the server's own.
pub(crate) const TXNR_MAX: u32 = 999_999_999;
/// The longest head that makes sense: 9 digits, a command of 32, 9 digits, 3 blanks.
const HEAD_BYTES_MAX: usize = 64;
/// The longest data that is read.
const DATA_BYTES_MAX: usize = 128 * 1024;

/// One frame, borrowed from the bytes that were read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Frame<'a> {
    pub txnr: u32,
    pub command: &'a [u8],
    pub data: &'a [u8],
}

/// Appends a frame to `out`.
pub(crate) fn render(txnr: u32, command: &str, data: &[u8], out: &mut Vec<u8>) {
    push_decimal(txnr as usize, out);
    out.push(b' ');
    out.extend_from_slice(command.as_bytes());
    out.push(b' ');
    push_decimal(data.len(), out);
    if !data.is_empty() {
        out.push(b' ');
        out.extend_from_slice(data);
    }
    out.push(b'\n');
}

/// The first frame in `bytes` and its length, if it is whole.
///
/// # Errors
/// What is wrong with it; the connection is of no more use.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>, String> {
    let Some((txnr, at)) = word(bytes, 0)? else { return Ok(None) };
    let Some((command, at)) = word(bytes, at)? else { return Ok(None) };
    let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let Some(after) = bytes.get(at + digits) else {
        return if digits > 9 { Err("length too large".to_owned()) } else { Ok(None) };
    };
    let len = number(&bytes[at..at + digits]).ok_or("length is no number")? as usize;
    if len > DATA_BYTES_MAX {
        return Err(format!("{len} bytes of data; at most {DATA_BYTES_MAX}"));
    }
    let txnr = number(txnr).ok_or("transaction number is no number")?;
    // Some senders write the blank even before no data.
    let start = at + digits + usize::from(*after == b' ');
    if *after != b' ' && len > 0 {
        return Err("no blank before the data".to_owned());
    }
    match bytes.get(start + len) {
        None => Ok(None),
        Some(b'\n') => {
            let data = &bytes[start..start + len];
            Ok(Some((Frame { txnr, command, data }, start + len + 1)))
        }
        Some(_) => Err("no LF at the frame's end".to_owned()),
    }
}

fn word(bytes: &[u8], from: usize) -> Result<Option<(&[u8], usize)>, String> {
    let head = &bytes[from..bytes.len().min(from + HEAD_BYTES_MAX)];
    match head.iter().position(|byte| *byte == b' ') {
        Some(0) => Err("a blank too many in the frame's head".to_owned()),
        Some(len) => Ok(Some((&head[..len], from + len + 1))),
        None if head.len() == HEAD_BYTES_MAX => Err("no frame's head".to_owned()),
        None => Ok(None),
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0u32, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_librelp_writes() {
        let bytes = b"2 rsp 6 200 OK\n0 serverclose 0\n";
        let (frame, len) = parse(bytes).unwrap().unwrap();
        assert_eq!(frame, Frame { txnr: 2, command: b"rsp", data: b"200 OK" });
        let (frame, rest) = parse(&bytes[len..]).unwrap().unwrap();
        assert_eq!(frame, Frame { txnr: 0, command: b"serverclose", data: b"" });
        assert_eq!(len + rest, bytes.len());
    }

    #[test]
    fn writes_as_librelp_does() {
        let mut out = Vec::new();
        render(2, "syslog", b"<189>x", &mut out);
        render(6, "close", b"", &mut out);
        assert_eq!(out, b"2 syslog 6 <189>x\n6 close 0\n");
    }

    #[test]
    fn says_what_is_wrong() {
        for bad in
            [&b" rsp 0\n"[..], b"x rsp 0\n", b"1 rsp x\n", b"1 rsp 2 abc\n", b"1 rsp 999999999 "]
        {
            assert!(parse(bad).is_err(), "{}", String::from_utf8_lossy(bad));
        }
    }

    proptest! {
        #[test]
        fn survives_the_wire_in_pieces(txnr in 0..=TXNR_MAX, data: Vec<u8>, cut in 0usize..400) {
            let mut out = Vec::new();
            render(txnr, "syslog", &data, &mut out);
            let cut = cut.min(out.len() - 1);
            prop_assert_eq!(parse(&out[..cut]).unwrap(), None);
            let (frame, len) = parse(&out).unwrap().unwrap();
            prop_assert_eq!(frame, Frame { txnr, command: b"syslog", data: &data });
            prop_assert_eq!(len, out.len());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }
}
