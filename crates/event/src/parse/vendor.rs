//! The name of the event, where a vendor writes one at the start of the text: Junos's event tag,
//! F5's message number, PAN-OS's log type.

use super::text::run;

/// `SNMP_TRAP_LINK_DOWN: …`, `01070638:3: …` or `1,2026/11/23 12:00:01,0123,TRAFFIC,…`.
pub(crate) fn msgid(message: &[u8]) -> Option<&[u8]> {
    match message.first()? {
        b'A'..=b'Z' => junos(message),
        b'0'..=b'9' => f5(message).or_else(|| pan_os(message)),
        _ => None,
    }
}

/// Capitals, digits and at least one `_`, then a colon and a blank.
fn junos(message: &[u8]) -> Option<&[u8]> {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let (tag, rest) = message.split_at(run(message, fits));
    (tag.contains(&b'_') && rest.starts_with(b": ")).then_some(tag)
}

/// Eight hex digits, a severity digit, each with a colon.
fn f5(message: &[u8]) -> Option<&[u8]> {
    let (number, rest) = message.split_at_checked(8)?;
    let is_one =
        number.iter().all(u8::is_ascii_hexdigit) && matches!(rest, [b':', b'0'..=b'7', b':', ..]);
    is_one.then_some(number)
}

/// The fourth of the comma-separated fields; the second is a time like `2026/11/23 12:00:01`.
fn pan_os(message: &[u8]) -> Option<&[u8]> {
    let mut fields = message.splitn(5, |&byte| byte == b',');
    let (_, time, _, kind) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    fields.next()?;
    let is_time = time.len() == 19
        && time.iter().zip(b"dddd/dd/dd dd:dd:dd").all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            form => byte == form,
        });
    let is_kind =
        !kind.is_empty() && kind.iter().all(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'_'));
    (is_time && is_kind).then_some(kind)
}
