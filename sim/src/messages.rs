//! The messages of the story, and the rules that judge them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use mutt_event::{Envelope, Flags, Input, Kind, Timestamp};
use mutt_pipeline::Rulebook;
use mutt_rules::{Environments, Format, RuleSet, parse_rules};

use crate::dice::Dice;

/// The rules in force. `oracle.rs` knows them too, in its own slow words.
const RULES: &str = r#"
[[rules]]
id = "link"
priority = 10
when.message.contains = "LINKDOWN"
clear.message.contains = "LINKUP"
reopen_within = "0s"
handling = { prod = "page_only", dev = "log_only" }
team = "noc"

[[rules]]
id = "auth"
priority = 20
when.message.contains = "AUTHFAIL"
handling = "log_only"
close_after = "20s"

[[rules]]
id = "fan"
priority = 30
when.message.contains = "FANFAIL"
handling = "ticket_only"
team = "field"
close_after = "30s"

[[rules]]
id = "noise"
priority = 40
when.message.contains = "NOISE"
handling = "suppress"
"#;

/// What a message says; nothing else matters of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Word {
    LinkDown,
    LinkUp,
    AuthFail,
    FanFail,
    Noise,
    Nothing,
}

impl Word {
    const ALL: [(Word, &'static str); 6] = [
        (Word::LinkDown, "LINKDOWN"),
        (Word::LinkUp, "LINKUP"),
        (Word::AuthFail, "AUTHFAIL"),
        (Word::FanFail, "FANFAIL"),
        (Word::Noise, "NOISE"),
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

impl Message {
    /// The next message of some device.
    pub fn any(dice: &Dice, number: u64, trap: bool) -> Self {
        let host = *dice.pick(&HOSTS);
        let (_, word) = *dice.pick(&Word::ALL);
        let severity = 2 + dice.below(3);
        let raw = match trap {
            true => format!("trap {number} {host}"),
            false => format!("<{}>Nov 23 12:00:00 {host} app: {word} n={number}", 184 + severity),
        };
        Self { number, host, raw }
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
            raw: self.raw.as_bytes(),
        }
    }
}

/// What a stored message says: its number, its word, its syslog severity.
pub fn read(raw: &str) -> Option<(u64, Word, u8)> {
    if let Some(trap) = raw.strip_prefix("trap ") {
        return Some((trap.split(' ').next()?.parse().ok()?, Word::Nothing, 7));
    }
    let number = raw.rsplit_once("n=")?.1.parse().ok()?;
    let (word, _) = *Word::ALL.iter().find(|(_, text)| raw.contains(&format!(" {text} ")))?;
    let pri: u8 = raw.strip_prefix('<')?.split('>').next()?.parse().ok()?;
    Some((number, word, pri % 8))
}

/// The rules and the development hosts.
pub fn rulebook() -> Result<Rulebook, String> {
    let faults = |faults: Vec<mutt_rules::Fault>| {
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let rules = parse_rules(RULES, Format::Toml).map_err(faults)?;
    let (rules, _) = RuleSet::compile(rules).map_err(faults)?;
    let environments = Environments::new(&["lab-*".to_owned()]).map_err(faults)?;
    Ok(Rulebook::new(rules, environments.into()))
}
