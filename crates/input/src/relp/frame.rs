//! RELP frames: `TXNR SP COMMAND SP DATALEN [SP DATA] LF`. Pure.
//!
//! From: the bytes of a connection, in any pieces. To: frames, for the server's side in relp.

use std::io::Write;

use thiserror::Error;

/// Transaction numbers and lengths have at most so many digits.
const DIGITS_MAX: usize = 9;
/// Commands have at most so many letters.
const COMMAND_MAX: usize = 32;

/// What the bytes at the start of the buffer are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decoded<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// More bytes are needed; what was not consumed must be given again.
    More,
    /// The stream cannot be followed any further.
    Bad(FrameError),
}

/// A frame without its syntax.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame<'a> {
    /// The transaction that an answer names.
    pub txnr: u32,
    /// What is wanted.
    pub command: &'a [u8],
    /// Its data, at most the limit.
    pub data: &'a [u8],
    /// Whether the data were longer.
    pub truncated: bool,
}

/// Why a stream cannot be followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum FrameError {
    /// The transaction number is no number of 1 to 9 digits and a space.
    #[error("transaction number is not 1 to {DIGITS_MAX} digits and a space")]
    Txnr,
    /// The command is no word of 1 to 32 letters and a space.
    #[error("command is not 1 to {COMMAND_MAX} letters and a space")]
    Command,
    /// The length is no number of 1 to 9 digits, or what follows it is wrong.
    #[error("data length is not 1 to {DIGITS_MAX} digits and a space, or 0 and LF")]
    Length,
    /// The length is more than a message may ever have.
    #[error("data length is absurd")]
    AbsurdLength,
    /// The frame does not end with LF.
    #[error("no LF where the frame must end")]
    NoEnd,
}

impl FrameError {
    /// The name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            FrameError::Txnr => "txnr",
            FrameError::Command => "command",
            FrameError::Length => "data_length",
            FrameError::AbsurdLength => "data_length_absurd",
            FrameError::NoEnd => "no_end",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Start,
    /// Within data whose beginning was given out: this many bytes are left of it.
    Skip(usize),
    /// Where the LF must be.
    End,
}

/// Takes a stream apart. The same bytes give the same frames, in whatever pieces they come.
#[derive(Clone, Debug)]
pub struct Decoder {
    limit: usize,
    length_max: usize,
    state: State,
}

impl Decoder {
    /// A decoder of frames whose data are cut at `limit` bytes; a length of more than 1,000
    /// times that (or 64 MiB) is absurd.
    pub fn new(limit: usize) -> Self {
        let length_max = limit.saturating_mul(1000).max(64 << 20);
        Self { limit, length_max, state: State::Start }
    }

    /// The room that a buffer must have, so that a whole frame fits: in bytes.
    pub fn buffer_bytes(&self) -> usize {
        self.limit + 2 * (DIGITS_MAX + 1) + COMMAND_MAX + 3
    }

    /// Reads the next frame at the start of `buffer`. Returns how many bytes are done with.
    pub fn next<'a>(&mut self, buffer: &'a [u8]) -> (usize, Decoded<'a>) {
        let mut done = 0;
        loop {
            let rest = &buffer[done..];
            match (self.state, rest.first()) {
                (_, None) => return (done, Decoded::More),
                (State::Skip(left), _) => {
                    let used = left.min(rest.len());
                    done += used;
                    self.state = if used == left { State::End } else { State::Skip(left - used) };
                }
                (State::End, Some(b'\n')) => {
                    done += 1;
                    self.state = State::Start;
                }
                (State::End, _) => return (done, Decoded::Bad(FrameError::NoEnd)),
                (State::Start, _) => {
                    let (used, decoded) = self.frame(rest);
                    return (done + used, decoded);
                }
            }
        }
    }

    fn frame<'a>(&mut self, rest: &'a [u8]) -> (usize, Decoded<'a>) {
        let head = match head(rest) {
            Ok(Some(head)) => head,
            Ok(None) => return (0, Decoded::More),
            Err(error) => return (0, Decoded::Bad(error)),
        };
        let Head { bytes, txnr, command, length } = head;
        if length > self.length_max {
            return (0, Decoded::Bad(FrameError::AbsurdLength));
        }
        let kept = length.min(self.limit);
        let Some(data) = rest[bytes..].get(..kept) else { return (0, Decoded::More) };
        let truncated = length > kept;
        self.state = if truncated { State::Skip(length - kept) } else { State::End };
        (bytes + kept, Decoded::Frame(Frame { txnr, command, data, truncated }))
    }
}

struct Head<'a> {
    bytes: usize,
    txnr: u32,
    command: &'a [u8],
    length: usize,
}

/// What stands before the data. None: it is not all here.
fn head(rest: &[u8]) -> Result<Option<Head<'_>>, FrameError> {
    let Some((txnr, at)) = number(rest, FrameError::Txnr)? else { return Ok(None) };
    if rest.get(at).is_some_and(|next| *next != b' ') {
        return Err(FrameError::Txnr);
    }
    let command = rest.get(at + 1..).unwrap_or_default();
    let letters = command.iter().take(COMMAND_MAX + 1).take_while(|b| b.is_ascii_alphabetic());
    let command = &command[..letters.count()];
    let Some(next) = rest.get(at + 1 + command.len()) else {
        return if command.len() > COMMAND_MAX { Err(FrameError::Command) } else { Ok(None) };
    };
    if command.is_empty() || command.len() > COMMAND_MAX || *next != b' ' {
        return Err(FrameError::Command);
    }
    let start = at + 1 + command.len() + 1;
    let Some((length, digits)) = number(&rest[start..], FrameError::Length)? else {
        return Ok(None);
    };
    let end = start + digits;
    let bytes = match (rest.get(end), length) {
        (None, _) => return Ok(None),
        (Some(b' '), _) => end + 1,
        (Some(b'\n'), 0) => end,
        _ => return Err(FrameError::Length),
    };
    Ok(Some(Head { bytes, txnr, command, length: length as usize }))
}

/// A number and how many digits it has. None: it may have more.
fn number(bytes: &[u8], error: FrameError) -> Result<Option<(u32, usize)>, FrameError> {
    let mut value = 0;
    for (at, byte) in bytes.iter().take(DIGITS_MAX + 1).enumerate() {
        match byte {
            b'0'..=b'9' if at == DIGITS_MAX => return Err(error),
            b'0'..=b'9' => value = value * 10 + u32::from(byte - b'0'),
            _ if at == 0 => return Err(error),
            _ => return Ok(Some((value, at))),
        }
    }
    Ok(None)
}

/// Appends the answer to transaction `txnr`; without data its length stands alone.
pub fn write_rsp(out: &mut Vec<u8>, txnr: u32, data: &str) {
    let space = if data.is_empty() { "" } else { " " };
    // Writing to memory does not fail.
    let _ = writeln!(out, "{txnr} rsp {}{space}{data}", data.len());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Owned = (u32, String, Vec<u8>, bool);

    fn decode(limit: usize, pieces: &[&[u8]]) -> (Vec<Owned>, Option<FrameError>) {
        let mut decoder = Decoder::new(limit);
        let (mut found, mut buffer) = (Vec::new(), Vec::new());
        for piece in pieces {
            buffer.extend_from_slice(piece);
            loop {
                let (done, decoded) = decoder.next(&buffer);
                let more = match decoded {
                    Decoded::Frame(Frame { txnr, command, data, truncated }) => {
                        let command = String::from_utf8(command.to_vec()).unwrap();
                        found.push((txnr, command, data.to_vec(), truncated));
                        true
                    }
                    Decoded::More => false,
                    Decoded::Bad(error) => return (found, Some(error)),
                };
                buffer.drain(..done);
                if !more {
                    break;
                }
            }
            assert!(buffer.len() < decoder.buffer_bytes(), "a full buffer would stand still");
        }
        (found, None)
    }

    fn frame(txnr: u32, command: &str, data: &str) -> Owned {
        (txnr, command.to_owned(), data.as_bytes().to_vec(), false)
    }

    /// As librelp 1.11 sends it.
    const OPEN: &str = "1 open 86 relp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog\n";

    #[test]
    fn reads_a_conversation_split_at_every_byte() {
        let stream = format!("{OPEN}2 syslog 8 <189>a\nb\n999999999 syslog 0 \n6 close 0\n");
        let offers = "relp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog";
        let want = vec![
            frame(1, "open", offers),
            frame(2, "syslog", "<189>a\nb"),
            frame(999_999_999, "syslog", ""),
            frame(6, "close", ""),
        ];
        let stream = stream.as_bytes();
        for at in 0..=stream.len() {
            let (head, tail) = stream.split_at(at);
            assert_eq!(decode(1000, &[head, tail]), (want.clone(), None), "split at {at}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(decode(1000, &bytes), (want, None));
    }

    #[test]
    fn cuts_data_and_goes_on() {
        let cut = (2, "syslog".to_owned(), b"<1>l".to_vec(), true);
        let found = decode(4, &[b"2 syslog 11 <1>long\ntext\n3 syslog 4 <2>b\n"]);
        assert_eq!(found, (vec![cut], Some(FrameError::NoEnd)));
        let cut = (2, "syslog".to_owned(), b"<1>l".to_vec(), true);
        let found = decode(4, &[b"2 syslog 12 <1>long\ntext\n3 syslog 4 <2>b\n"]);
        assert_eq!(found, (vec![cut, frame(3, "syslog", "<2>b")], None));
    }

    #[test]
    fn bad_frames_have_names() {
        for (stream, error) in [
            ("x syslog 1 a\n", FrameError::Txnr),
            ("1234567890 syslog 1 a\n", FrameError::Txnr),
            ("1\nsyslog 1 a\n", FrameError::Txnr),
            ("1  1 a\n", FrameError::Command),
            ("1 sys4log 1 a\n", FrameError::Command),
            (&format!("1 {}", "a".repeat(40)), FrameError::Command),
            ("1 syslog x\n", FrameError::Length),
            ("1 syslog 1\na\n", FrameError::Length),
            ("1 syslog 999999999 a", FrameError::AbsurdLength),
            ("<189>not relp\n", FrameError::Txnr),
        ] {
            assert_eq!(decode(100, &[stream.as_bytes()]), (vec![], Some(error)), "{stream}");
        }
        let found = decode(100, &[b"1 syslog 1 ab\n"]);
        assert_eq!(found, (vec![frame(1, "syslog", "a")], Some(FrameError::NoEnd)));
    }

    #[test]
    fn writes_answers() {
        let mut out = Vec::new();
        write_rsp(&mut out, 2, "200 OK");
        write_rsp(&mut out, 6, "");
        assert_eq!(out, b"2 rsp 6 200 OK\n6 rsp 0\n");
    }

    proptest! {
        #[test]
        fn pieces_never_change_the_result(
            parts in prop::collection::vec(prop_oneof![
                "[0-9]{0,3} ?[a-z]{0,3} ?[0-2]? ?[a\n]{0,2}\n?", "1 syslog 3 abc\n", "2 close 0\n",
                "9 syslog 9 123456789\n",
            ], 0..8),
            sizes in prop::collection::vec(1usize..9, 1..100),
            limit in 0usize..12,
        ) {
            let stream = parts.concat().into_bytes();
            let mut pieces: Vec<&[u8]> = Vec::new();
            let mut rest = stream.as_slice();
            for size in sizes.iter().cycle() {
                if rest.is_empty() { break; }
                let (piece, tail) = rest.split_at(rest.len().min(*size));
                pieces.push(piece);
                rest = tail;
            }
            prop_assert_eq!(decode(limit, &[&stream]), decode(limit, &pieces));
        }

        #[test]
        fn no_bytes_make_it_panic(stream: Vec<u8>) {
            let _ = decode(5, &[&stream]);
        }
    }
}
