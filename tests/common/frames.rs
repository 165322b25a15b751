//! Takes a recorded stream apart into messages: a second, plain reading of RFC 6587 and of RELP,
//! made to check MUTT's own.

/// The messages of a stream with LF framing.
pub fn lf(stream: &[u8]) -> Vec<Vec<u8>> {
    stream.split(|b| *b == b'\n').filter(|m| !m.is_empty()).map(<[u8]>::to_vec).collect()
}

/// The messages of an octet-counted stream; panics on what is none.
pub fn octet_counted(mut stream: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while !stream.is_empty() {
        let (len, rest) = number(stream, b' ');
        messages.push(rest[..len].to_vec());
        stream = &rest[len..];
    }
    messages
}

/// The data of the `syslog` frames of a RELP stream, in order.
pub fn relp_syslog(mut stream: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while !stream.is_empty() {
        let (_, rest) = number(stream, b' ');
        let space = rest.iter().position(|b| *b == b' ').expect("a command");
        let (command, rest) = (&rest[..space], &rest[space + 1..]);
        let end = rest.iter().position(|b| !b.is_ascii_digit()).expect("an end of DATALEN");
        let len: usize = text(&rest[..end]).parse().expect("DATALEN");
        let rest = if rest[end] == b' ' { &rest[end + 1..] } else { &rest[end..] };
        if command == b"syslog" {
            messages.push(rest[..len].to_vec());
        }
        assert_eq!(rest[len], b'\n', "a RELP frame ends with LF");
        stream = &rest[len + 1..];
    }
    messages
}

fn number(stream: &[u8], end: u8) -> (usize, &[u8]) {
    let at = stream.iter().position(|b| *b == end).expect("an end of the number");
    (text(&stream[..at]).parse().expect("a number"), &stream[at + 1..])
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("ASCII")
}
