//! SNMP traps and informs over UDP, versions 1 and 2c: the whole datagram is stored first, and
//! decoded by whoever reads the journal.
//!
//! From: agents and snmptrapd. To: the journal; an inform is answered after the store, from the
//! socket that it came to. Version 3 is stored as it came: it can be passed on, not judged.

use std::net::SocketAddr;
use std::sync::Arc;

use ipnet::IpNet;
use mutt_event::{Flags, Input, Kind, trap};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::datagram::{self, Datagram, Reply, SocketLimits, Sockets};
use crate::intake::{Arrival, Door, InputError, Intake, Round};
use crate::stats::Refusal;

const INPUT: Input = Input::Snmp;

/// Settings of the SNMP input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SnmpConfig {
    /// Where to listen. Default `0.0.0.0:5162`; `[::]` takes IPv4 too.
    pub bind: SocketAddr,
    /// The sockets.
    pub limits: SocketLimits,
    /// Networks that may send; none given: all.
    pub allowed_sources: Vec<IpNet>,
    /// Communities of versions 1 and 2c that may send; none given: all.
    pub communities: Vec<String>,
}

impl Default for SnmpConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([0, 0, 0, 0], 5162)),
            limits: SocketLimits { sockets: 1, ..SocketLimits::default() },
            allowed_sources: Vec::new(),
            communities: Vec::new(),
        }
    }
}

/// The SNMP input, bound.
#[derive(Debug)]
pub struct Snmp {
    sockets: Sockets,
    config: SnmpConfig,
}

impl Snmp {
    /// Opens the sockets.
    ///
    /// # Errors
    /// [`InputError::Bind`].
    pub fn bind(config: SnmpConfig) -> Result<Self, InputError> {
        Ok(Self { sockets: datagram::bind(INPUT, config.bind, &config.limits)?, config })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.sockets.address
    }

    /// The receive buffers that the kernel granted, all sockets together, in bytes.
    pub fn receive_buffer_bytes(&self) -> usize {
        self.sockets.granted_bytes
    }

    /// Serves until `shutdown` is cancelled; returns when all that was read is answered.
    ///
    /// # Errors
    /// [`InputError::Journal`] when the journal takes nothing more, [`InputError::Socket`].
    pub async fn serve(
        self,
        intake: Arc<Intake>,
        shutdown: CancellationToken,
    ) -> Result<(), InputError> {
        let door = Door::new(INPUT, intake, &self.config.allowed_sources);
        let communities: Arc<[String]> = self.config.communities.into();
        let taking = door.clone();
        let take = move |round: &mut Round, datagram: Datagram<'_>| {
            take(&taking, &communities, round, datagram)
        };
        self.sockets.serve(&door, &shutdown, take).await
    }
}

fn take(
    door: &Door,
    communities: &[String],
    round: &mut Round,
    datagram: Datagram<'_>,
) -> Option<Reply> {
    let Datagram { peer, raw, truncated } = datagram;
    let judged =
        if door.allows(peer.ip()) { classify(raw, communities) } else { Err(Refusal::Source) };
    let inform = match judged {
        Ok(inform) => inform,
        Err(reason) => {
            door.refuse(reason, 1);
            tracing::debug!(input = INPUT.name(), %peer, %reason, "datagram refused");
            return None;
        }
    };
    let flags = Flags { truncated, inform, ..Flags::default() };
    let arrival =
        Arrival { kind: Kind::Trap, flags, session: 0, peer: Some(peer), dedup: None, raw };
    door.push(round, &arrival);
    let reply = if inform && !truncated { trap::inform_response(raw) } else { None };
    Some((peer, reply?))
}

/// Is it a notification that may come in, and is it an inform? Only its head is read: the rest
/// may be odd, and is stored all the same.
fn classify(raw: &[u8], communities: &[String]) -> Result<bool, Refusal> {
    if raw.is_empty() {
        return Err(Refusal::Empty);
    }
    let (message, _) = element(raw, 0x30).ok_or(Refusal::NotBer)?;
    let (version, rest) = element(message, 0x02).ok_or(Refusal::NotBer)?;
    let [version] = version else { return Err(Refusal::NotBer) };
    match version {
        0 | 1 => {}
        3 => return Ok(false),
        _ => return Err(Refusal::NotATrap),
    }
    let (community, pdu) = element(rest, 0x04).ok_or(Refusal::NotBer)?;
    let known = communities.is_empty() || communities.iter().any(|c| c.as_bytes() == community);
    match (version, pdu.first()) {
        (_, None) => Err(Refusal::NotBer),
        _ if !known => Err(Refusal::Community),
        (0, Some(0xa4)) | (1, Some(0xa7)) => Ok(false), // Trap-PDU, SNMPv2-Trap-PDU
        (1, Some(0xa6)) => Ok(true),                    // InformRequest-PDU
        _ => Err(Refusal::NotATrap),
    }
}

/// The content of a BER element with this tag (X.690 section 8.1), and what follows it. A length
/// that is too large ends with the bytes that are there: a datagram may have been cut.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = bytes.split_first_chunk()?;
    let (length, content) = match first {
        _ if found != tag => return None,
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (digits, content) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |value, digit| value << 8 | usize::from(*digit)), content)
        }
        _ => return None,
    };
    Some(content.split_at(length.min(content.len())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A message of `version` with community "public" and a PDU with `tag`.
    fn message(version: u8, tag: u8) -> Vec<u8> {
        let head = [&[2, 1, version, 4, 6], &b"public"[..], &[tag, 2, 5, 0]].concat();
        [&[0x30, head.len() as u8], &head[..]].concat()
    }

    #[test]
    fn knows_notifications_from_other_messages() {
        let all = |raw: &[u8]| classify(raw, &[]);
        assert_eq!(all(&message(0, 0xa4)), Ok(false));
        assert_eq!(all(&message(1, 0xa7)), Ok(false));
        assert_eq!(all(&message(1, 0xa6)), Ok(true));
        assert_eq!(all(&message(3, 0x30)), Ok(false));
        for (version, tag) in [(0, 0xa0), (1, 0xa2), (0, 0xa7), (1, 0xa4), (0, 0xa6), (2, 0xa7)] {
            assert_eq!(all(&message(version, tag)), Err(Refusal::NotATrap), "{version} {tag}");
        }
        assert_eq!(all(b""), Err(Refusal::Empty));
        assert_eq!(all(b"<189>no trap"), Err(Refusal::NotBer));
        assert_eq!(all(&message(1, 0xa7)[..12]), Err(Refusal::NotBer));
    }

    #[test]
    fn asks_for_the_community() {
        let (public, other) = (["x".to_owned(), "public".to_owned()], ["publi".to_owned()]);
        assert_eq!(classify(&message(1, 0xa7), &public), Ok(false));
        assert_eq!(classify(&message(1, 0xa7), &other), Err(Refusal::Community));
    }

    #[test]
    fn reads_long_lengths() {
        let mut long = vec![0x30, 0x82, 0, 15];
        long.extend_from_slice(&message(1, 0xa7)[2..]);
        assert_eq!(classify(&long, &[]), Ok(false));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(raw: Vec<u8>) {
            let _ = classify(&raw, &[]);
            let _ = classify(&[&[0x30, 0x84][..], &raw].concat(), &["public".to_owned()]);
        }
    }
}
