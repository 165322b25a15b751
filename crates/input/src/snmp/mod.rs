//! SNMP traps and informs over UDP: the whole datagram is stored first, and decoded by whoever reads
//! the journal.
//!
//! From: agents and snmptrapd. To: the journal; an inform is answered after the store, from the
//! address that it came to, and stored once however often it is sent. Version 3 is checked here
//! (`usm.rs`), and what was found is stored with it.

mod answer;
mod engine;
mod informs;
mod meter;
mod recent;
mod users;
mod usm;

use std::net::SocketAddr;
use std::sync::Arc;

pub use async_snmp::{AuthProtocol, PrivProtocol};
use ipnet::IpNet;
use mutt_event::{Flags, Input, Kind, trap};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

pub use self::engine::Engine;
pub(crate) use self::informs::Fate;
use self::informs::Informs;
pub use self::meter::UsmMeter;
pub use self::users::SnmpUser;
pub use self::usm::Usm;
use self::usm::{Checked, Findings};
use crate::datagram::{self, Datagram, SocketLimits, Sockets};
use crate::intake::{Arrival, Door, InputError, Intake, Round};
use crate::reply::{Reply, When};
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
    usm: Usm,
}

impl Snmp {
    /// Opens the sockets; messages of version 3 are checked by `usm`.
    ///
    /// # Errors
    /// [`InputError::Bind`].
    pub fn bind(config: SnmpConfig, usm: Usm) -> Result<Self, InputError> {
        Ok(Self { sockets: datagram::bind(INPUT, config.bind, &config.limits)?, config, usm })
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
        let usm_meter = intake.stats().usm();
        let door = Door::new(INPUT, intake, &self.config.allowed_sources);
        let one = Taking {
            door: door.clone(),
            communities: self.config.communities.into(),
            usm: self.usm,
            usm_meter,
        };
        let make = move || {
            let (one, mut informs) = (one.clone(), Informs::new());
            move |round: &mut Round, datagram: Datagram<'_>| one.take(&mut informs, round, datagram)
        };
        self.sockets.serve(&door, &shutdown, make).await
    }
}

/// What decides on a datagram.
#[derive(Clone)]
struct Taking {
    door: Door,
    communities: Arc<[String]>,
    usm: Usm,
    usm_meter: UsmMeter,
}

impl Taking {
    fn take(
        &self,
        informs: &mut Informs,
        round: &mut Round,
        datagram: Datagram<'_>,
    ) -> Option<Reply> {
        let Datagram { peer, raw, .. } = datagram;
        let judged = match self.door.allows(peer.ip()) {
            true => classify(raw, &self.communities),
            false => Err(Refusal::Source),
        };
        match judged {
            Ok(What::Trap) => {
                self.push(round, &datagram, Flags::default(), None, None);
                None
            }
            Ok(What::Inform) => self.inform(informs, round, datagram),
            Ok(What::Version3) => self.version_3(informs, round, datagram),
            Err(reason) => self.refuse(reason, &datagram),
        }
    }

    fn refuse(&self, reason: Refusal, datagram: &Datagram<'_>) -> Option<Reply> {
        self.door.refuse(reason, 1);
        tracing::debug!(input = INPUT.name(), peer = %datagram.peer, %reason, "datagram refused");
        None
    }

    fn push(
        &self,
        round: &mut Round,
        datagram: &Datagram<'_>,
        flags: Flags,
        dedup: Option<[u8; 16]>,
        usm: Option<mutt_event::Usm<'_>>,
    ) {
        let Datagram { peer, raw, truncated, .. } = *datagram;
        let flags = Flags { truncated, ..flags };
        let kind = Kind::Trap;
        self.door
            .push(round, &Arrival { kind, flags, session: 0, peer: Some(peer), dedup, usm, raw });
    }

    /// An inform of version 2c.
    fn inform(
        &self,
        informs: &mut Informs,
        round: &mut Round,
        datagram: Datagram<'_>,
    ) -> Option<Reply> {
        let flags = Flags { inform: true, ..Flags::default() };
        let answer = match datagram.truncated {
            true => None,
            false => trap::inform_response(datagram.raw),
        };
        let Some(answer) = answer else {
            self.push(round, &datagram, flags, None, None);
            return None;
        };
        let identity = informs::identity(datagram.peer.ip(), b"", datagram.raw);
        let (fate, is_new) = informs.see(identity);
        match is_new {
            true => self.push(round, &datagram, flags, None, None),
            false => _ = self.refuse(Refusal::Repeated, &datagram),
        }
        Some(datagram.answer(answer, When::Stored { fate, is_new }))
    }

    fn version_3(
        &self,
        informs: &mut Informs,
        round: &mut Round,
        datagram: Datagram<'_>,
    ) -> Option<Reply> {
        let peer = datagram.peer.ip();
        let found = match self.usm.check(datagram.raw, peer, &self.usm_meter) {
            Checked::Store(found) => found,
            Checked::Discovery(report) => {
                self.refuse(Refusal::Discovery, &datagram);
                return Some(datagram.answer(report?, When::Now));
            }
            Checked::NotATrap => return self.refuse(Refusal::NotATrap, &datagram),
        };
        let Findings { verdict, level, scoped, inform, report } = found;
        let flags = Flags { inform: inform.is_some(), ..Flags::default() };
        let user = trap::v3::read(datagram.raw).map_or(&b""[..], |message| message.user);
        let usm = Some(mutt_event::Usm { verdict, level, user, scoped: &scoped });
        let Some((answer, identity)) = inform else {
            self.push(round, &datagram, flags, None, usm);
            return Some(datagram.answer(report?, When::Now));
        };
        let (fate, is_new) = informs.see(identity);
        match is_new {
            true => self.push(round, &datagram, flags, Some(identity), usm),
            false => _ = self.refuse(Refusal::Repeated, &datagram),
        }
        Some(datagram.answer(answer, When::Stored { fate, is_new }))
    }
}

/// What a datagram says that it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    Trap,
    Inform,
    /// Of version 3: only its checks know.
    Version3,
}

/// Is it a notification that may come in, and is it an inform? Only its head is read: the rest
/// may be odd, and is stored all the same.
fn classify(raw: &[u8], communities: &[String]) -> Result<What, Refusal> {
    if raw.is_empty() {
        return Err(Refusal::Empty);
    }
    let (message, _) = element(raw, 0x30).ok_or(Refusal::NotBer)?;
    let (version, rest) = element(message, 0x02).ok_or(Refusal::NotBer)?;
    let [version] = version else { return Err(Refusal::NotBer) };
    match version {
        0 | 1 => {}
        3 => return Ok(What::Version3),
        _ => return Err(Refusal::NotATrap),
    }
    let (community, pdu) = element(rest, 0x04).ok_or(Refusal::NotBer)?;
    let known = communities.is_empty() || communities.iter().any(|c| c.as_bytes() == community);
    match (version, pdu.first()) {
        (_, None) => Err(Refusal::NotBer),
        _ if !known => Err(Refusal::Community),
        (0, Some(0xa4)) | (1, Some(0xa7)) => Ok(What::Trap), // Trap-PDU, SNMPv2-Trap-PDU
        (1, Some(0xa6)) => Ok(What::Inform),                 // InformRequest-PDU
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
        assert_eq!(all(&message(0, 0xa4)), Ok(What::Trap));
        assert_eq!(all(&message(1, 0xa7)), Ok(What::Trap));
        assert_eq!(all(&message(1, 0xa6)), Ok(What::Inform));
        assert_eq!(all(&message(3, 0x30)), Ok(What::Version3));
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
        assert_eq!(classify(&message(1, 0xa7), &public), Ok(What::Trap));
        assert_eq!(classify(&message(1, 0xa7), &other), Err(Refusal::Community));
    }

    #[test]
    fn reads_long_lengths() {
        let mut long = vec![0x30, 0x82, 0, 15];
        long.extend_from_slice(&message(1, 0xa7)[2..]);
        assert_eq!(classify(&long, &[]), Ok(What::Trap));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(raw: Vec<u8>) {
            let _ = classify(&raw, &[]);
            let _ = classify(&[&[0x30, 0x84][..], &raw].concat(), &["public".to_owned()]);
        }
    }
}
