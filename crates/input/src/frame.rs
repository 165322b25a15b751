//! RFC 6587: where one syslog message ends in a stream. Pure.
//!
//! From: the bytes of a connection, in any pieces. To: messages without their framing, for tcp.
//!
//! Each message tells its own framing: a first byte 1-9 begins an octet count, any other a line.
//! A line ends with LF, CR LF or NUL; an empty one is no message.

use thiserror::Error;

/// A count of more digits than this is no length of a syslog message.
const DIGITS_MAX: usize = 7;

/// What the bytes at the start of the buffer are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decoded<'a> {
    /// A message.
    Message(Message<'a>),
    /// More bytes are needed; what was not consumed must be given again.
    More,
    /// The stream cannot be followed any further.
    Bad(FrameError),
}

/// A message without its framing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message<'a> {
    /// Its bytes, at most the limit.
    pub raw: &'a [u8],
    /// Whether it was longer.
    pub truncated: bool,
}

/// Why a stream cannot be followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum FrameError {
    /// Digits that no space follows.
    #[error("octet count is not followed by a space (RFC 6587 section 3.4.1)")]
    NoSpace,
    /// A count of too many digits.
    #[error("octet count of more than {DIGITS_MAX} digits")]
    AbsurdLength,
    /// The stream ended within an octet count.
    #[error("stream ended within an octet count")]
    CutShort,
}

impl FrameError {
    /// The name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            FrameError::NoSpace => "octet_count_without_space",
            FrameError::AbsurdLength => "octet_count_absurd",
            FrameError::CutShort => "octet_count_cut_short",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// At the start of a frame, of which this many bytes hold no end of line.
    Start { searched: usize },
    /// Within a message whose beginning was given out: this many octets are left of it.
    SkipOctets(usize),
    /// Likewise, up to the end of its line.
    SkipLine,
}

/// Takes a stream apart. The same bytes give the same messages, in whatever pieces they come.
#[derive(Clone, Debug)]
pub struct Decoder {
    limit: usize,
    state: State,
}

impl Decoder {
    /// A decoder of messages that are cut at `limit` bytes (at least 1).
    pub fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), state: State::Start { searched: 0 } }
    }

    /// The room that a buffer must have, so that a whole message fits: in bytes.
    pub fn buffer_bytes(&self) -> usize {
        self.limit + DIGITS_MAX + 2
    }

    /// Reads the next message at the start of `buffer`. Returns how many bytes are done with.
    pub fn next<'a>(&mut self, buffer: &'a [u8]) -> (usize, Decoded<'a>) {
        let mut done = 0;
        loop {
            let rest = &buffer[done..];
            let (used, decoded) = match self.state {
                State::SkipOctets(left) => (self.skip_octets(left, rest), None),
                State::SkipLine => (self.skip_line(rest), None),
                State::Start { searched } => match rest.first() {
                    None => (0, None),
                    Some(b'1'..=b'9') => self.counted(rest),
                    Some(b'\n' | b'\0') => (1, None),
                    Some(_) => self.line(rest, searched),
                },
            };
            done += used;
            match decoded {
                Some(decoded) => return (done, decoded),
                None if done == buffer.len() || used == 0 => return (done, Decoded::More),
                None => {}
            }
        }
    }

    /// The stream has ended with `rest` not consumed: what is it?
    ///
    /// A line that lacks its end is a message; an octet-counted one that lacks octets is a
    /// truncated message; digits alone are neither.
    pub fn finish<'a>(&self, rest: &'a [u8]) -> Decoded<'a> {
        let State::Start { .. } = self.state else { return Decoded::More };
        match rest.first() {
            None => Decoded::More,
            Some(b'1'..=b'9') => match count(rest) {
                Ok(Some((head, _))) if head < rest.len() => {
                    Decoded::Message(Message { raw: &rest[head..], truncated: true })
                }
                Ok(_) => Decoded::Bad(FrameError::CutShort),
                Err(error) => Decoded::Bad(error),
            },
            Some(_) => self.cut_line(rest).map_or(Decoded::More, Decoded::Message),
        }
    }

    fn skip_octets(&mut self, left: usize, rest: &[u8]) -> usize {
        let used = left.min(rest.len());
        self.state = match left - used {
            0 => State::Start { searched: 0 },
            left => State::SkipOctets(left),
        };
        used
    }

    fn skip_line(&mut self, rest: &[u8]) -> usize {
        match memchr::memchr2(b'\n', b'\0', rest) {
            None => rest.len(),
            Some(end) => {
                self.state = State::Start { searched: 0 };
                end + 1
            }
        }
    }

    fn counted<'a>(&mut self, rest: &'a [u8]) -> (usize, Option<Decoded<'a>>) {
        let (head, length) = match count(rest) {
            Ok(Some(found)) => found,
            Ok(None) => return (0, None),
            Err(error) => return (0, Some(Decoded::Bad(error))),
        };
        let body = &rest[head..];
        let kept = length.min(self.limit);
        if body.len() < kept {
            return (0, None);
        }
        let truncated = length > kept;
        if truncated {
            self.state = State::SkipOctets(length - kept);
        }
        let message = Message { raw: &body[..kept], truncated };
        (head + kept, Some(Decoded::Message(message)))
    }

    fn line<'a>(&mut self, rest: &'a [u8], searched: usize) -> (usize, Option<Decoded<'a>>) {
        // A message at the limit may be followed by CR LF; what is longer is cut.
        let window = rest.len().min(self.limit + 2);
        match memchr::memchr2(b'\n', b'\0', &rest[searched..window]) {
            Some(end) => {
                self.state = State::Start { searched: 0 };
                let end = searched + end;
                (end + 1, self.cut_line(&rest[..end]).map(Decoded::Message))
            }
            None if window == self.limit + 2 => {
                self.state = State::SkipLine;
                let message = Message { raw: &rest[..self.limit], truncated: true };
                (self.limit, Some(Decoded::Message(message)))
            }
            None => {
                self.state = State::Start { searched: window };
                (0, None)
            }
        }
    }

    /// A line without its end, and without CR before that end.
    fn cut_line<'a>(&self, line: &'a [u8]) -> Option<Message<'a>> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let truncated = line.len() > self.limit;
        let raw = if truncated { &line[..self.limit] } else { line };
        (!raw.is_empty()).then_some(Message { raw, truncated })
    }
}

/// The octet count: how long its text is, with the space, and its value. None: it is not all here.
fn count(rest: &[u8]) -> Result<Option<(usize, usize)>, FrameError> {
    let mut value = 0;
    for (at, byte) in rest.iter().take(DIGITS_MAX + 1).enumerate() {
        match byte {
            b' ' => return Ok(Some((at + 1, value))),
            b'0'..=b'9' if at == DIGITS_MAX => return Err(FrameError::AbsurdLength),
            b'0'..=b'9' => value = value * 10 + usize::from(byte - b'0'),
            _ => return Err(FrameError::NoSpace),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Owned = (Vec<u8>, bool);

    /// Feeds the pieces one by one, as a connection does.
    fn decode(limit: usize, pieces: &[&[u8]]) -> (Vec<Owned>, Option<FrameError>) {
        let mut decoder = Decoder::new(limit);
        let (mut found, mut buffer) = (Vec::new(), Vec::new());
        let own = |message: Message<'_>| (message.raw.to_vec(), message.truncated);
        for piece in pieces {
            buffer.extend_from_slice(piece);
            loop {
                let (done, decoded) = decoder.next(&buffer);
                let more = match decoded {
                    Decoded::Message(message) => {
                        found.push(own(message));
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
        match decoder.finish(&buffer) {
            Decoded::Message(message) => found.push(own(message)),
            Decoded::More => {}
            Decoded::Bad(error) => return (found, Some(error)),
        }
        (found, None)
    }

    fn whole(text: &str) -> Vec<Owned> {
        vec![(text.as_bytes().to_vec(), false)]
    }

    #[test]
    fn tells_both_framings_apart_in_one_stream() {
        let stream = b"<1>a\n5 <2>bc<3>d\r\n\n\0<4>e\x006 <5>f\n\n<6>end";
        let texts: Vec<_> = decode(100, &[stream]).0.into_iter().map(|found| found.0).collect();
        let want: [&[u8]; 6] = [b"<1>a", b"<2>bc", b"<3>d", b"<4>e", b"<5>f\n\n", b"<6>end"];
        assert_eq!(texts, want);
    }

    #[test]
    fn cuts_and_goes_on_at_the_next_frame() {
        let stream = b"<1>long line\n<2>b\n12 <3>long text<4>d\n";
        let cut = |text: &str| (text.as_bytes().to_vec(), true);
        let want = [vec![cut("<1>lo")], whole("<2>b"), vec![cut("<3>lo")], whole("<4>d")].concat();
        assert_eq!(decode(5, &[stream]), (want, None));
    }

    #[test]
    fn a_message_at_the_limit_is_whole_with_any_end() {
        for end in ["\n", "\r\n", "\0", ""] {
            assert_eq!(decode(4, &[format!("<1>a{end}").as_bytes()]), (whole("<1>a"), None));
        }
    }

    #[test]
    fn what_was_half_sent_at_the_end() {
        assert_eq!(decode(9, &[b"<1>a"]), (whole("<1>a"), None));
        assert_eq!(decode(9, &[b"8 <1>a"]), (vec![(b"<1>a".to_vec(), true)], None));
        assert_eq!(decode(9, &[b"12"]), (vec![], Some(FrameError::CutShort)));
        assert_eq!(decode(9, &[b"12 "]), (vec![], Some(FrameError::CutShort)));
    }

    #[test]
    fn bad_counts_end_the_stream() {
        assert_eq!(decode(9, &[b"12<1>a"]), (vec![], Some(FrameError::NoSpace)));
        assert_eq!(decode(9, &[b"12345678 <1>a"]), (vec![], Some(FrameError::AbsurdLength)));
        assert_eq!(decode(9, &[b"<1>a\n1x"]), (whole("<1>a"), Some(FrameError::NoSpace)));
    }

    #[test]
    fn split_at_every_byte() {
        let stream = b"<1>a\r\n7 <2>b\r\nc<3>dddddddddddd\n15 <4>eeeeeeeeeeee<5>f\0<6>g";
        let all = decode(9, &[stream]);
        assert_eq!(all.0.len(), 6);
        for at in 0..=stream.len() {
            let (head, tail) = stream.split_at(at);
            assert_eq!(decode(9, &[head, tail]), all, "split at {at}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(decode(9, &bytes), all);
    }

    proptest! {
        #[test]
        fn pieces_never_change_the_result(
            stream in prop::collection::vec(prop_oneof![
                prop::sample::select(&b"0123 9<\r\n\0a"[..]), any::<u8>(),
            ], 0..200),
            sizes in prop::collection::vec(1usize..9, 1..200),
            limit in 1usize..12,
        ) {
            let mut pieces: Vec<&[u8]> = Vec::new();
            let mut rest = stream.as_slice();
            for size in sizes.iter().cycle() {
                if rest.is_empty() { break; }
                let (piece, tail) = rest.split_at(rest.len().min(*size));
                pieces.push(piece);
                rest = tail;
            }
            let found = decode(limit, &pieces);
            prop_assert!(found.0.iter().all(|(raw, _)| !raw.is_empty() && raw.len() <= limit));
            prop_assert_eq!(decode(limit, &[&stream]), found);
        }

        #[test]
        fn what_is_framed_comes_out(
            messages in prop::collection::vec(("[a-z<][ -~]{0,20}", any::<bool>()), 0..20),
        ) {
            let mut stream = Vec::new();
            for (text, counted) in &messages {
                stream.extend(if *counted {
                    format!("{} {text}", text.len()).into_bytes()
                } else {
                    format!("{text}\n").into_bytes()
                });
            }
            let want: Vec<_> = messages.iter().map(|(m, _)| (m.clone().into_bytes(), false)).collect();
            prop_assert_eq!(decode(64, &[&stream]), (want, None));
        }
    }
}
