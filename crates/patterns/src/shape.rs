//! What bytes are by their shape: marks, addresses, paths, numbers. To: [`crate::mask`].

use crate::words;

const BLANK: u8 = 1;
const MARK: u8 = 2;
const FILLER: u8 = 4;

static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte <= b' ' as usize {
        class[byte] = BLANK;
        byte += 1;
    }
    class[0x7f] = BLANK;
    let (marks, fillers) = (b"=,;()[]{}<>\"'|", b".-*#~+!");
    byte = 0;
    while byte < marks.len() {
        class[marks[byte] as usize] = MARK;
        byte += 1;
    }
    byte = 0;
    while byte < fillers.len() {
        class[fillers[byte] as usize] = FILLER;
        byte += 1;
    }
    class
}

/// Whether the byte parts words and is none: blanks and control characters.
pub(crate) fn is_blank(byte: u8) -> bool {
    CLASS[usize::from(byte)] == BLANK
}

/// Whether the byte is a token of its own.
pub(crate) fn is_mark(byte: u8) -> bool {
    CLASS[usize::from(byte)] == MARK
}

/// Whether rows of the byte fill space, as in `enable......0`.
pub(crate) fn is_filler(byte: u8) -> bool {
    CLASS[usize::from(byte)] == FILLER
}

/// What ends what the byte begins.
pub(crate) fn closing(byte: u8) -> Option<u8> {
    Some(match byte {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'"' | b'\'' => byte,
        _ => return None,
    })
}

/// Whether two wildcards with the byte between them are one: `10.1.2.3:514`, `1, 2`.
pub(crate) fn joins(byte: u8, spaced: bool) -> bool {
    byte == b',' || !spaced && matches!(byte, b':' | b'.' | b'-' | b'#' | b'*' | b'+' | b'|' | b'~')
}

/// How long the URL is that `text` begins with.
pub(crate) fn url_length(text: &[u8]) -> Option<usize> {
    let scheme = text.iter().take(12).position(|byte| !byte.is_ascii_alphabetic())?;
    if scheme == 0 || !text[scheme..].starts_with(b"://") {
        return None;
    }
    Some(length_to_end(text))
}

/// How long the path with a query is that `text` begins with: `/v2/servers?all=true&since=3`.
pub(crate) fn path_length(text: &[u8]) -> Option<usize> {
    if !text.starts_with(b"/") {
        return None;
    }
    let length = length_to_end(text);
    text[..length].contains(&b'?').then_some(length)
}

fn length_to_end(text: &[u8]) -> usize {
    let ends = |byte: &u8| is_blank(*byte) || is_mark(*byte) && *byte != b'=';
    text.iter().position(ends).unwrap_or(text.len())
}

/// Whether the text, which has a colon, is a MAC or an IPv6 address or a time.
pub(crate) fn is_address(text: &[u8]) -> bool {
    let (mut colons, mut digits) = (0, 0);
    for byte in text {
        match byte {
            b':' => colons += 1,
            b'0'..=b'9' => digits += 1,
            b'a'..=b'f' | b'A'..=b'F' | b'.' | b'/' => (),
            b'%' => break,
            _ => return false,
        }
    }
    colons > 4 || colons > 1 && digits > 0
}

/// The first row of one filler twice or more between `from` and `stop`: where it begins, what is
/// behind it, and the filler.
pub(crate) fn row(text: &[u8], from: usize, stop: usize) -> Option<(usize, usize, u8)> {
    let begin = (from + 1..stop).find(|at| text[*at] == text[at - 1] && is_filler(text[*at]))? - 1;
    let byte = text[begin];
    let length = text[begin..stop].iter().take_while(|next| **next == byte).count();
    Some((begin, begin + length, byte))
}

/// Whether the text, without blanks and marks, is a value: a number or a name with one, a path,
/// hexadecimal, or no UTF-8.
pub(crate) fn varies(text: &[u8]) -> bool {
    let (mut digit, mut letter, mut hex, mut ascii, mut slashes) = (false, false, true, true, 0);
    for byte in text {
        match byte {
            b'0'..=b'9' => digit = true,
            b'a'..=b'f' | b'A'..=b'F' => letter = true,
            b'g'..=b'z' | b'G'..=b'Z' => (letter, hex) = (true, false),
            b'/' | b'\\' => {
                slashes += 1;
                hex = false;
            }
            0x80.. => (ascii, hex) = (false, false),
            _ => hex = false,
        }
    }
    digit && !(letter && (words::is_name(text) || is_mnemonic(text)))
        || slashes > 1
        || text.len() > 1 && text[0] == b'/'
        || hex && text.len() >= 8
        || !ascii && std::str::from_utf8(text).is_err()
}

/// Whether the text is a mnemonic as Cisco and Arista write it: `%LINK-3-UPDOWN`.
fn is_mnemonic(text: &[u8]) -> bool {
    let is_part = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-');
    text.strip_prefix(b"%").is_some_and(|name| {
        name.first().is_some_and(u8::is_ascii_uppercase)
            && name.contains(&b'-')
            && name.iter().all(is_part)
    })
}
