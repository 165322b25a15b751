//! Lines of text as messages. From: a person's file or paste. To: the two sets.

use std::sync::Arc;

use memchr::memchr2;
use mutt_event::{Envelope, Flags, Hosts, Input, Kind, MessageId, Timestamp};
use mutt_journal::ReadError;

use super::source::{Message, Progress, Source};

/// Lines, each a syslog message as it comes over TCP: up to LF, CR LF or NUL; empty ones are none.
#[derive(Clone, Debug)]
pub struct Lines {
    /// The lines.
    pub text: Vec<u8>,
    /// Finds the host of each, as an input does; without a peer, since there is none.
    pub hosts: Arc<Hosts>,
    /// When they were received, all of them: correlation and hours go by it. So no alert closes
    /// for want of a repeat.
    pub received: Timestamp,
}

pub(super) struct FromLines {
    lines: Lines,
    bytes_max: usize,
    /// Where the next line begins.
    at: usize,
    /// How many lines are done.
    number: u64,
}

impl FromLines {
    pub fn new(lines: Lines, bytes_max: usize) -> Self {
        Self { lines, bytes_max, at: 0, number: 0 }
    }

    fn message<'a>(&'a self, line: &'a [u8], host: &'a str) -> Message<'a> {
        let (received, raw) = (self.lines.received, &line[..line.len().min(self.bytes_max)]);
        let envelope = Envelope {
            input: Input::SyslogTcp,
            kind: Kind::Syslog,
            flags: Flags { truncated: raw.len() < line.len(), ..Flags::default() },
            received,
            session: 0,
            peer: None,
            host,
            dedup: None,
            usm: None,
            raw,
        };
        let id = MessageId { appended: received, partition: 0, position: self.number };
        Message { id, at: received, envelope, line: Some(self.number), warms_up: false }
    }
}

impl Source for FromLines {
    fn next(&mut self, bytes: usize, judge: &mut dyn FnMut(&Message<'_>)) -> Result<(), ReadError> {
        let stop = self.at.saturating_add(bytes.max(1)).min(self.lines.text.len());
        while self.at < stop {
            let rest = &self.lines.text[self.at..];
            let end = memchr2(b'\n', b'\0', rest);
            let line = &rest[..end.unwrap_or(rest.len())];
            let used = line.len() + 1;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            self.number += 1;
            if !line.is_empty() {
                let raw = &line[..line.len().min(self.bytes_max)];
                let host = self.lines.hosts.find(Kind::Syslog, raw, None);
                judge(&self.message(line, &host));
            }
            self.at = (self.at + used).min(self.lines.text.len());
        }
        Ok(())
    }

    fn progress(&self) -> Progress {
        Progress { done: self.at as u64, total: self.lines.text.len() as u64 }
    }

    fn begins(&self) -> Timestamp {
        self.lines.received
    }

    fn repeated(&self) -> u64 {
        0
    }

    fn unauthenticated(&self) -> u64 {
        0
    }

    fn unreadable(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use mutt_event::HostsConfig;

    use super::*;

    #[test]
    fn lines_are_messages_whatever_ends_them_and_however_they_are_cut() {
        let text = b"<13>Nov 23 12:00:00 r1 a: one\r\n\n<13>Nov 23 12:00:00 r2 a: two\0a long line";
        for bytes in [1, 40, 1_000] {
            let hosts = Arc::new(Hosts::new(HostsConfig::default()));
            let received = Timestamp::from_millis(7);
            let mut source = FromLines::new(Lines { text: text.to_vec(), hosts, received }, 29);
            let mut seen = Vec::new();
            while !source.progress().finished() {
                let take = &mut |message: &Message<'_>| {
                    let envelope = &message.envelope;
                    seen.push((message.line, envelope.host.to_owned(), envelope.raw.len()));
                };
                source.next(bytes, take).unwrap();
            }
            let expected = [(1, "r1", 29), (3, "r2", 29), (4, "unknown", 11)];
            assert_eq!(seen, expected.map(|(n, host, len)| (Some(n), host.to_owned(), len)));
        }
    }
}
