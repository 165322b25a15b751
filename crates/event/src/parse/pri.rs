//! `<PRI>` at the start of a syslog message: facility × 8 + severity (RFC 5424 section 6.2.1).

/// The highest PRI: facility 23, severity 7.
const MAX: u16 = 191;

/// The PRI and what follows it. Without a PRI of one to three digits, at most 191, it is `None`
/// and all of the message.
pub(crate) fn scan(raw: &[u8]) -> (Option<u8>, &[u8]) {
    let (value, len) = match raw {
        [b'<', a @ b'0'..=b'9', b'>', ..] => (digit(*a), 3),
        [b'<', a @ b'0'..=b'9', b @ b'0'..=b'9', b'>', ..] => (digit(*a) * 10 + digit(*b), 4),
        [b'<', a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b'>', ..] => {
            (digit(*a) * 100 + digit(*b) * 10 + digit(*c), 5)
        }
        _ => return (None, raw),
    };
    if value > MAX { (None, raw) } else { (Some(value as u8), &raw[len..]) }
}

fn digit(byte: u8) -> u16 {
    u16::from(byte - b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_pri() {
        for value in 0..=191u8 {
            let raw = format!("<{value}>x");
            assert_eq!(scan(raw.as_bytes()), (Some(value), b"x".as_slice()));
        }
    }

    #[test]
    fn leaves_what_is_no_pri() {
        for raw in ["", "<", "<1", "<>", "<192>x", "<999>x", "<1234>x", "<-1>x", "13>x", " <13>x"] {
            assert_eq!(scan(raw.as_bytes()), (None, raw.as_bytes()), "{raw}");
        }
    }
}
