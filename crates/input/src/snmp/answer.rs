//! What senders of version 3 are answered: responses to informs, and reports of what failed.
//!
//! From: the checks. To: datagrams, signed and encrypted as far as their level asks.

use std::fmt;

use async_snmp::v3::auth::authenticate_message;
use async_snmp::v3::{PrivKey, SaltCounter};
use async_snmp::{DesSaltState, LocalizedKey, PrivProtocol};
use mutt_event::trap::v3::{self, Data, Message};
use mutt_event::{SecurityLevel, UsmVerdict};

use super::engine::Engine;

/// The counter that a report names (RFC 3414 section 5).
pub(super) fn counter_of(verdict: UsmVerdict) -> Option<&'static [u32]> {
    Some(match verdict {
        UsmVerdict::UnsupportedLevel => &[1, 3, 6, 1, 6, 3, 15, 1, 1, 1, 0],
        UsmVerdict::NotInTimeWindow => &[1, 3, 6, 1, 6, 3, 15, 1, 1, 2, 0],
        UsmVerdict::UnknownUser => &[1, 3, 6, 1, 6, 3, 15, 1, 1, 3, 0],
        UsmVerdict::UnknownEngine => &[1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0],
        UsmVerdict::WrongDigest => &[1, 3, 6, 1, 6, 3, 15, 1, 1, 5, 0],
        UsmVerdict::DecryptionError => &[1, 3, 6, 1, 6, 3, 15, 1, 1, 6, 0],
        UsmVerdict::Accepted | UsmVerdict::ParseError => return None,
    })
}

/// Writes answers; no salt comes twice.
pub(super) struct Answers {
    salt: SaltCounter,
    des: DesSaltState,
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answers")
    }
}

impl Answers {
    pub fn new(salt: SaltCounter, des: DesSaltState) -> Self {
        Self { salt, des }
    }

    /// A datagram from MUTT's engine to whoever sent `to`; none if it cannot be protected so.
    pub fn write(
        &self,
        engine: &Engine,
        to: &Message<'_>,
        level: SecurityLevel,
        scoped: Vec<u8>,
        keys: Option<(&LocalizedKey, Option<&PrivKey>)>,
    ) -> Option<Vec<u8>> {
        let (boots, time) = engine.boots_and_time();
        let (auth, privacy) = match level {
            SecurityLevel::NoAuthNoPriv => (None, None),
            SecurityLevel::AuthNoPriv => (Some(keys?.0), None),
            SecurityLevel::AuthPriv => (Some(keys?.0), Some(keys?.1?)),
        };
        let (sealed, salt) = match privacy {
            Some(key) => self.seal(key, &scoped, boots, time)?,
            None => Default::default(),
        };
        let zeros = vec![0; auth.map_or(0, LocalizedKey::mac_len)];
        let data = if privacy.is_some() { Data::Sealed(&sealed) } else { Data::Plain(&scoped) };
        let (mut whole, auth_at) = v3::write(&Message {
            id: to.id,
            flags: level as u8,
            engine_id: engine.id(),
            engine_boots: boots,
            engine_time: time,
            user: to.user,
            auth: &zeros,
            auth_at: 0,
            privacy: &salt,
            data,
        });
        if let Some(key) = auth {
            authenticate_message(key, &mut whole, auth_at, zeros.len()).ok()?;
        }
        Some(whole)
    }

    fn seal(
        &self,
        key: &PrivKey,
        scoped: &[u8],
        boots: u32,
        time: u32,
    ) -> Option<(bytes::Bytes, bytes::Bytes)> {
        match key.protocol() {
            PrivProtocol::Des | PrivProtocol::Des3 => key.encrypt_des_family(scoped, &self.des),
            _ => key.encrypt_aes(scoped, boots, time, &self.salt),
        }
        .ok()
    }
}
