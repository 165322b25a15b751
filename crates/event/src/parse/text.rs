//! Small steps over bytes that the formats share.

/// Without leading blanks.
pub(crate) fn trim_start(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| byte == b' ').count();
    &text[blanks..]
}

/// What stands before the next blank, and what stands behind that blank. `None` without a blank.
pub(crate) fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&byte| byte == b' ')?;
    Some((&text[..at], &text[at + 1..]))
}

/// How many bytes at the start satisfy `test`.
pub(crate) fn run(text: &[u8], test: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|&&byte| test(byte)).count()
}

/// The number that all of `digits` makes; `None` if it is empty, over 19 digits, or no number.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, &byte| {
        byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0'))
    })
}

/// Two digits at `at`.
pub(crate) fn two_digits(text: &[u8], at: usize) -> Option<u8> {
    match text.get(at..at + 2)? {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some((a - b'0') * 10 + (b - b'0')),
        _ => None,
    }
}

/// May a host name or an address consist of these bytes? Letters, digits and `. _ - :`, at least
/// one of them a letter or a digit at the start, 1 to 255 in all, no `:` at the end, and not
/// digits alone.
pub(crate) fn host_like(text: &[u8]) -> bool {
    if text.is_empty() || text.len() > 255 {
        return false;
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':');
    let starts = text[0].is_ascii_alphanumeric() || text.starts_with(b"::");
    starts
        && text[text.len() - 1] != b':'
        && text.iter().all(|&byte| fits(byte))
        && !text.iter().all(u8::is_ascii_digit)
        && (!text.contains(&b':') || address_like(text))
}

/// With a `:` only an IPv6 address is a host: `disk:full` is not.
fn address_like(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_looks_like_one() {
        for host in ["r1", "R1.example.com", "10.0.0.1", "2001:db8::1", "::1", "a_b-c", "1a"] {
            assert!(host_like(host.as_bytes()), "{host}");
        }
        for other in
            ["", "-", "45:", "45", "sshd[1]", "a b", "é", "1,2026/11/23", "a:", "disk:full"]
        {
            assert!(!host_like(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(number(b"0045"), Some(45));
        assert_eq!(number(b""), None);
        assert_eq!(number(b"4a"), None);
        assert_eq!(number(b"99999999999999999999"), None);
        assert_eq!(two_digits(b"a12", 1), Some(12));
        assert_eq!(two_digits(b"a1", 1), None);
    }
}
