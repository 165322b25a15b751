//! What the journal stores for a message: its raw bytes, and how and when they came.
//!
//! From: an input that framed a message. To: the journal, and from it to the judge and the archive.
//!
//! Layout, version 1, integers little-endian:
//! `version u8 | input u8 | kind u8 | flags u8 | received i64 | session u64 | peer | host | [dedup] | raw`
//! where peer is `tag u8 (0, 4, 6) | address | port u16`, host is `len u16 | UTF-8`, dedup is
//! 16 bytes that are there when the flag says so, and raw is all that remains. Version 2 is the same
//! with the findings of SNMP version 3 ([`Usm`]) before raw; only messages with them are written so.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use thiserror::Error;

use crate::Timestamp;
use crate::usm::{SecurityLevel, Usm, UsmVerdict};

const VERSION: u8 = 1;
/// With the findings of SNMP version 3.
const VERSION_USM: u8 = 2;

/// The door that a message came through.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)] // the names say it
pub enum Input {
    SyslogUdp = 1,
    SyslogTcp = 2,
    SyslogTls = 3,
    Relp = 4,
    Http = 5,
    Snmp = 6,
    RedisList = 7,
}

impl Input {
    /// All, in the order of their numbers.
    pub const ALL: [Input; 7] = [
        Input::SyslogUdp,
        Input::SyslogTcp,
        Input::SyslogTls,
        Input::Relp,
        Input::Http,
        Input::Snmp,
        Input::RedisList,
    ];

    /// The name in metrics, rules and logs.
    pub fn name(self) -> &'static str {
        match self {
            Input::SyslogUdp => "syslog_udp",
            Input::SyslogTcp => "syslog_tcp",
            Input::SyslogTls => "syslog_tls",
            Input::Relp => "relp",
            Input::Http => "http",
            Input::Snmp => "snmp",
            Input::RedisList => "redis_list",
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|input| *input as u8 == number)
    }
}

/// What the raw bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Kind {
    /// A syslog message, without the transport's framing.
    Syslog = 1,
    /// A whole SNMP datagram.
    Trap = 2,
    /// One JSON object of the HTTP input.
    Json = 3,
}

impl Kind {
    fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Kind::Syslog),
            2 => Some(Kind::Trap),
            3 => Some(Kind::Json),
            _ => None,
        }
    }
}

/// What is remarkable about a stored message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Flags {
    /// The message was longer than the limit; raw holds its beginning.
    pub truncated: bool,
    /// An SNMP INFORM: MUTT answers it, and passes it on as a trap.
    pub inform: bool,
    /// Its input read it again, and cannot know whether it was stored before.
    pub again: bool,
}

/// A message as it is stored: borrowed from the input's buffer or from the journal's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope<'a> {
    /// The door it came through.
    pub input: Input,
    /// What `raw` is.
    pub kind: Kind,
    /// What is remarkable about it.
    pub flags: Flags,
    /// When MUTT received it.
    pub received: Timestamp,
    /// Which connection of its sender brought it; unique in a journal's life. 0: none.
    pub session: u64,
    /// The address that it came from.
    pub peer: Option<SocketAddr>,
    /// The device's one name.
    pub host: &'a str,
    /// The sender's own identity for it, hashed: a repeat has the same.
    pub dedup: Option<[u8; 16]>,
    /// What the checks of SNMP version 3 found; none for all other messages.
    pub usm: Option<Usm<'a>>,
    /// The bytes, as received.
    pub raw: &'a [u8],
}

/// The stored bytes are no envelope of this version.
#[derive(Debug, Error, PartialEq, Eq)]
#[allow(missing_docs)] // the messages say it
pub enum EnvelopeError {
    #[error("envelope of version {0}; this MUTT reads versions {VERSION} and {VERSION_USM}")]
    Version(u8),
    #[error("envelope cut short at its {0}")]
    Short(&'static str),
    #[error("envelope with an unknown {0}: {1}")]
    Unknown(&'static str, u8),
    #[error("envelope's host is not UTF-8")]
    Host,
}

impl<'a> Envelope<'a> {
    /// The longest host name stored, in bytes; RFC 5424 allows 255.
    pub const HOST_BYTES_MAX: usize = 255;

    /// Appends the stored form to `out`. A host over the limit is cut at a character's edge.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        let flags = u8::from(self.flags.truncated)
            | u8::from(self.dedup.is_some()) << 1
            | u8::from(self.flags.inform) << 2
            | u8::from(self.flags.again) << 3;
        let version = if self.usm.is_some() { VERSION_USM } else { VERSION };
        out.extend_from_slice(&[version, self.input as u8, self.kind as u8, flags]);
        out.extend_from_slice(&self.received.as_micros().to_le_bytes());
        out.extend_from_slice(&self.session.to_le_bytes());
        match self.peer {
            None => out.push(0),
            Some(peer) => {
                match peer.ip() {
                    IpAddr::V4(ip) => {
                        out.push(4);
                        out.extend_from_slice(&ip.octets());
                    }
                    IpAddr::V6(ip) => {
                        out.push(6);
                        out.extend_from_slice(&ip.octets());
                    }
                }
                out.extend_from_slice(&peer.port().to_le_bytes());
            }
        }
        let host = &self.host[..self.host.floor_char_boundary(Self::HOST_BYTES_MAX)];
        out.extend_from_slice(&(host.len() as u16).to_le_bytes());
        out.extend_from_slice(host.as_bytes());
        if let Some(dedup) = &self.dedup {
            out.extend_from_slice(dedup);
        }
        if let Some(usm) = &self.usm {
            usm.encode_into(out);
        }
        out.extend_from_slice(self.raw);
    }

    /// Reads the stored form.
    pub fn decode(stored: &'a [u8]) -> Result<Self, EnvelopeError> {
        let mut rest = Cursor(stored);
        let [version, input, kind, flags] = rest.array("head")?;
        if version != VERSION && version != VERSION_USM {
            return Err(EnvelopeError::Version(version));
        }
        let input = Input::from_number(input).ok_or(EnvelopeError::Unknown("input", input))?;
        let kind = Kind::from_number(kind).ok_or(EnvelopeError::Unknown("kind", kind))?;
        let received = Timestamp::from_micros(i64::from_le_bytes(rest.array("time")?));
        let session = u64::from_le_bytes(rest.array("session")?);
        let ip = match rest.array::<1>("peer")? {
            [0] => None,
            [4] => Some(IpAddr::V4(Ipv4Addr::from(rest.array::<4>("peer")?))),
            [6] => Some(IpAddr::V6(Ipv6Addr::from(rest.array::<16>("peer")?))),
            [tag] => return Err(EnvelopeError::Unknown("peer", tag)),
        };
        let peer = match ip {
            None => None,
            Some(ip) => Some(SocketAddr::new(ip, u16::from_le_bytes(rest.array("peer")?))),
        };
        let host_len = u16::from_le_bytes(rest.array("host")?);
        let host = std::str::from_utf8(rest.take(usize::from(host_len), "host")?)
            .map_err(|_| EnvelopeError::Host)?;
        let dedup = if flags & 2 != 0 { Some(rest.array("dedup")?) } else { None };
        let usm = if version == VERSION_USM { Some(rest.usm()?) } else { None };
        let flags =
            Flags { truncated: flags & 1 != 0, inform: flags & 4 != 0, again: flags & 8 != 0 };
        Ok(Self { input, kind, flags, received, session, peer, host, dedup, usm, raw: rest.0 })
    }
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], EnvelopeError> {
        let (head, tail) = self.0.split_at_checked(len).ok_or(EnvelopeError::Short(what))?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], EnvelopeError> {
        let (head, tail) = self.0.split_first_chunk().ok_or(EnvelopeError::Short(what))?;
        self.0 = tail;
        Ok(*head)
    }

    fn usm(&mut self) -> Result<Usm<'a>, EnvelopeError> {
        let [verdict, level, user_len] = self.array("SNMP verdict")?;
        let unknown = EnvelopeError::Unknown;
        let verdict = UsmVerdict::from_number(verdict).ok_or(unknown("SNMP verdict", verdict))?;
        let level = SecurityLevel::from_flags(level).ok_or(unknown("SNMP level", level))?;
        let user = self.take(usize::from(user_len), "SNMP user")?;
        let scoped_len = u32::from_le_bytes(self.array("SNMP PDU")?);
        let scoped = self.take(scoped_len as usize, "SNMP PDU")?;
        Ok(Usm { verdict, level, user, scoped })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_findings_of_version_3_make_a_record_that_an_older_mutt_does_not_read() {
        let mut envelope = Envelope {
            input: Input::Snmp,
            kind: Kind::Trap,
            flags: Flags::default(),
            received: Timestamp::ZERO,
            session: 0,
            peer: None,
            host: "r1",
            dedup: None,
            usm: None,
            raw: b"raw",
        };
        let version = |envelope: &Envelope<'_>| {
            let mut stored = Vec::new();
            envelope.encode_into(&mut stored);
            stored[0]
        };
        assert_eq!(version(&envelope), 1);
        envelope.usm =
            Some(Usm::refused(UsmVerdict::UnknownUser, SecurityLevel::NoAuthNoPriv, b"u"));
        assert_eq!(version(&envelope), 2);
        assert_eq!(Envelope::decode(&[3; 40]), Err(EnvelopeError::Version(3)));
    }

    proptest! {
        #[test]
        fn survives_its_stored_form(
            input in 0usize..7, kind in 1u8..4, truncated: bool, inform: bool, again: bool,
            received: i64, session: u64, peer: Option<(IpAddr, u16)>, host in ".{0,60}", dedup: Option<[u8; 16]>,
            usm: Option<(usize, usize, [u8; 3], Vec<u8>)>, raw: Vec<u8>,
        ) {
            let envelope = Envelope {
                input: Input::ALL[input],
                kind: Kind::from_number(kind).unwrap(),
                flags: Flags { truncated, inform, again },
                received: Timestamp::from_micros(received),
                session,
                peer: peer.map(SocketAddr::from),
                host: &host,
                dedup,
                usm: usm.as_ref().map(|(verdict, level, user, scoped)| Usm {
                    verdict: UsmVerdict::ALL[verdict % 8],
                    level: SecurityLevel::ALL[level % 3],
                    user,
                    scoped,
                }),
                raw: &raw,
            };
            let mut stored = Vec::new();
            envelope.encode_into(&mut stored);
            prop_assert_eq!(Envelope::decode(&stored).unwrap(), envelope);
        }

        #[test]
        fn no_bytes_make_it_panic(stored: Vec<u8>) {
            let _ = Envelope::decode(&stored);
        }
    }
}
