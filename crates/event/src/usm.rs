//! What the checks of an SNMP version 3 message found at its receipt (RFC 3414 section 3.2).
//!
//! From: the SNMP input, which has the keys and the clock. To: the envelope, so that whoever judges
//! later needs neither; and the event that rules see.

use std::fmt;

/// What the checks came to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum UsmVerdict {
    /// The user is known, the level is enough, and the message is authentic and in time as far as
    /// the level asks for it.
    Accepted = 0,
    /// No such user (usmStatsUnknownUserNames).
    UnknownUser = 1,
    /// The digest is not that of the user's key: a wrong password, or a forgery
    /// (usmStatsWrongDigests).
    WrongDigest = 2,
    /// The user cannot have this level, or must have a higher one (usmStatsUnsupportedSecLevels).
    UnsupportedLevel = 3,
    /// Authentic, but too old or from before the engine's last boot (usmStatsNotInTimeWindows).
    NotInTimeWindow = 4,
    /// It asks for an answer under an engine id that is not MUTT's (usmStatsUnknownEngineIDs).
    UnknownEngine = 5,
    /// Authentic, but not to be decrypted (usmStatsDecryptionErrors).
    DecryptionError = 6,
    /// No message of version 3 can be read out of it (snmpInASNParseErrs).
    ParseError = 7,
}

impl UsmVerdict {
    /// All, in the order of their numbers.
    pub const ALL: [UsmVerdict; 8] = [
        UsmVerdict::Accepted,
        UsmVerdict::UnknownUser,
        UsmVerdict::WrongDigest,
        UsmVerdict::UnsupportedLevel,
        UsmVerdict::NotInTimeWindow,
        UsmVerdict::UnknownEngine,
        UsmVerdict::DecryptionError,
        UsmVerdict::ParseError,
    ];

    /// The name in metrics and logs.
    pub fn name(self) -> &'static str {
        match self {
            UsmVerdict::Accepted => "accepted",
            UsmVerdict::UnknownUser => "unknown_user",
            UsmVerdict::WrongDigest => "wrong_digest",
            UsmVerdict::UnsupportedLevel => "unsupported_security_level",
            UsmVerdict::NotInTimeWindow => "not_in_time_window",
            UsmVerdict::UnknownEngine => "unknown_engine_id",
            UsmVerdict::DecryptionError => "decryption_error",
            UsmVerdict::ParseError => "parse_error",
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| *verdict as u8 == number)
    }
}

impl fmt::Display for UsmVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How much a message is protected; orders from less to more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)] // the RFC's own names
pub enum SecurityLevel {
    NoAuthNoPriv = 0,
    AuthNoPriv = 1,
    AuthPriv = 3,
}

impl SecurityLevel {
    /// All, from less to more.
    pub const ALL: [SecurityLevel; 3] =
        [SecurityLevel::NoAuthNoPriv, SecurityLevel::AuthNoPriv, SecurityLevel::AuthPriv];

    /// The name in settings and rules.
    pub fn name(self) -> &'static str {
        match self {
            SecurityLevel::NoAuthNoPriv => "noAuthNoPriv",
            SecurityLevel::AuthNoPriv => "authNoPriv",
            SecurityLevel::AuthPriv => "authPriv",
        }
    }

    /// From msgFlags; `None` for privacy without authentication, which is none.
    pub fn from_flags(flags: u8) -> Option<Self> {
        match flags & 3 {
            0 => Some(SecurityLevel::NoAuthNoPriv),
            1 => Some(SecurityLevel::AuthNoPriv),
            3 => Some(SecurityLevel::AuthPriv),
            _ => None,
        }
    }
}

/// The findings, as they are stored with the message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usm<'a> {
    /// What the checks came to.
    pub verdict: UsmVerdict,
    /// What the message's flags say; less than the truth for one that was refused.
    pub level: SecurityLevel,
    /// msgUserName, at most 32 bytes.
    pub user: &'a [u8],
    /// The scoped PDU, decrypted. Empty if it stands in the message itself, or was not to be had.
    pub scoped: &'a [u8],
}

impl<'a> Usm<'a> {
    /// The most bytes of a user's name (RFC 3414 section 2.4).
    pub const USER_BYTES_MAX: usize = 32;

    /// Findings without a decrypted PDU.
    pub fn refused(verdict: UsmVerdict, level: SecurityLevel, user: &'a [u8]) -> Self {
        Self { verdict, level, user, scoped: &[] }
    }

    /// Whether it is to be judged.
    pub fn is_accepted(&self) -> bool {
        self.verdict == UsmVerdict::Accepted
    }

    /// Appends the stored form: `verdict u8 | level u8 | user len u8 | user | scoped len u32 | scoped`.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        let user = &self.user[..self.user.len().min(Self::USER_BYTES_MAX)];
        out.extend_from_slice(&[self.verdict as u8, self.level as u8, user.len() as u8]);
        out.extend_from_slice(user);
        out.extend_from_slice(&(self.scoped.len() as u32).to_le_bytes());
        out.extend_from_slice(self.scoped);
    }
}
