//! The messages of the story. From: chance. To: the senders, and back from what is stored.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use mutt_event::{Envelope, Flags, Input, Kind, Timestamp};

use crate::dice::Dice;

/// What a message says: its word, its key and its severity; nothing else matters of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Word {
    LinkDown,
    LinkUp,
    AuthFail,
    FanFail,
    Noise,
    LoginFail,
    CrcError,
    CrcFine,
    BgpDown,
    BgpUp,
    Heartbeat,
    Config,
    Saved,
    Reload,
    PortDown,
    PortOk,
    PowerLost,
    PowerBack,
    HostDown,
    HostOk,
    Duplex,
    Nothing,
}

impl Word {
    const ALL: [(Word, &'static str); 22] = [
        (Word::LinkDown, "LINKDOWN"),
        (Word::LinkUp, "LINKUP"),
        (Word::AuthFail, "AUTHFAIL"),
        (Word::FanFail, "FANFAIL"),
        (Word::Noise, "NOISE"),
        (Word::LoginFail, "LOGINFAIL"),
        (Word::CrcError, "CRCERROR"),
        (Word::CrcFine, "CRCFINE"),
        (Word::BgpDown, "BGPDOWN"),
        (Word::BgpUp, "BGPUP"),
        (Word::Heartbeat, "HEARTBEAT"),
        (Word::Config, "CONFIG"),
        (Word::Saved, "SAVED"),
        (Word::Reload, "RELOAD"),
        (Word::PortDown, "PORTDOWN"),
        (Word::PortOk, "PORTOK"),
        (Word::PowerLost, "POWERLOST"),
        (Word::PowerBack, "POWERBACK"),
        (Word::HostDown, "HOSTDOWN"),
        (Word::HostOk, "HOSTOK"),
        (Word::Duplex, "DUPLEX"),
        (Word::Nothing, "hello"),
    ];
}

/// Hosts: a development one, and one whose notices the destination refuses.
const HOSTS: [&str; 5] = ["core1", "core2", "edge1", "lab-1", "poison"];

/// How a message reached MUTT.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Door {
    /// No acknowledgement: what a crash loses is gone.
    Tcp,
    /// Sent again under the same identity until it is acknowledged.
    Http,
    /// Sent again over a new session until it is acknowledged.
    Relp { peer: u8, session: u64 },
    /// A datagram.
    Trap,
}

/// A message as its sender has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    pub number: u64,
    pub host: &'static str,
    pub raw: String,
}

/// What a stored message says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said {
    pub number: u64,
    pub word: Word,
    pub key: char,
    /// As syslog counts: the lower the worse.
    pub severity: u8,
}

impl Message {
    /// The next message of some device.
    pub fn any(dice: &Dice, number: u64, trap: bool) -> Self {
        let host = *dice.pick(&HOSTS);
        let (_, word) = *dice.pick(&Word::ALL);
        let (severity, key) = (2 + dice.below(3), 1 + dice.below(3));
        let raw = match trap {
            true => format!("trap {number} {host}"),
            false => {
                let pri = 184 + severity;
                format!("<{pri}>Nov 23 12:00:00 {host} app: {word} k={key} n={number}")
            }
        };
        Self { number, host, raw }
    }

    /// Whether it is a trap.
    pub fn is_trap(&self) -> bool {
        self.raw.starts_with("trap ")
    }

    /// What the journal stores.
    pub fn envelope(&self, door: Door, received: Timestamp) -> Envelope<'_> {
        let address = |last| Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)), 514));
        let (input, kind, session, peer, dedup) = match door {
            Door::Tcp => (Input::SyslogTcp, Kind::Syslog, 0, address(1), None),
            Door::Trap => (Input::Snmp, Kind::Trap, 0, address(1), None),
            Door::Relp { peer, session } => {
                (Input::Relp, Kind::Syslog, session, address(100 + peer), None)
            }
            Door::Http => {
                let identity = u128::from(self.number).to_le_bytes();
                (Input::Http, Kind::Syslog, 0, address(2), Some(identity))
            }
        };
        Envelope {
            input,
            kind,
            flags: Flags::default(),
            received,
            session,
            peer,
            host: self.host,
            dedup,
            usm: None,
            raw: self.raw.as_bytes(),
        }
    }
}

/// Reads a stored message; none: it is not of this story.
pub fn read(raw: &str) -> Option<Said> {
    if let Some(trap) = raw.strip_prefix("trap ") {
        let number = trap.split(' ').next()?.parse().ok()?;
        return Some(Said { number, word: Word::Nothing, key: '1', severity: 7 });
    }
    let number = raw.rsplit_once("n=")?.1.parse().ok()?;
    let key = raw.rsplit_once("k=")?.1.chars().next()?;
    let (word, _) = *Word::ALL.iter().find(|(_, text)| raw.contains(&format!(" {text} ")))?;
    let pri: u8 = raw.strip_prefix('<')?.split('>').next()?.parse().ok()?;
    Some(Said { number, word, key, severity: pri % 8 })
}
