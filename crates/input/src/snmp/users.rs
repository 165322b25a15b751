//! Users of SNMP version 3 and their keys (RFC 3414 appendix A.2, RFC 3826, RFC 7860).
//!
//! From: settings, whose passwords may change while MUTT runs. To: the checks. The arithmetic is
//! async-snmp's.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_snmp::v3::{CryptoError, PrivKey};
use async_snmp::{AuthProtocol, LocalizedKey, MasterKey, PrivProtocol};
use mutt_event::SecurityLevel;
use mutt_secrets::{ExposeSecret, Live};

/// A user who may send.
#[derive(Clone, Debug)]
pub struct SnmpUser {
    /// msgUserName.
    pub name: String,
    /// How it proves who it is, and its password; none: it cannot.
    pub auth: Option<(AuthProtocol, Live)>,
    /// How it encrypts, and its password; none: it cannot.
    pub privacy: Option<(PrivProtocol, Live)>,
    /// What protects less is refused.
    pub level_min: SecurityLevel,
}

impl SnmpUser {
    /// The most that it can protect its messages.
    fn level_max(&self) -> SecurityLevel {
        match (&self.auth, &self.privacy) {
            (None, _) => SecurityLevel::NoAuthNoPriv,
            (Some(_), None) => SecurityLevel::AuthNoPriv,
            (Some(_), Some(_)) => SecurityLevel::AuthPriv,
        }
    }

    /// Whether it may send at this level.
    pub(super) fn may(&self, level: SecurityLevel) -> bool {
        (self.level_min..=self.level_max()).contains(&level)
    }
}

/// A password's key before it is made one of an engine's: a megabyte is hashed for it, so it is kept.
struct Master {
    key: Arc<MasterKey>,
    version: u64,
}

/// A user with what was derived from its passwords.
pub(super) struct Keyed {
    pub user: SnmpUser,
    auth: Mutex<Option<Master>>,
    privacy: Mutex<Option<Master>>,
}

impl fmt::Debug for Keyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.user.fmt(f)
    }
}

impl Keyed {
    pub fn new(user: SnmpUser) -> Self {
        Self { user, auth: Mutex::default(), privacy: Mutex::default() }
    }

    /// Which passwords hold: what was derived from others is no longer right.
    pub fn version(&self) -> u64 {
        let of = |live: &Live| live.version();
        let auth = self.user.auth.as_ref().map_or(0, |(_, live)| of(live));
        auth + self.user.privacy.as_ref().map_or(0, |(_, live)| of(live))
    }

    /// The key for digests with an engine; none if it has none.
    pub fn auth_key(&self, engine_id: &[u8]) -> Result<Option<LocalizedKey>, CryptoError> {
        let Some((protocol, password)) = &self.user.auth else { return Ok(None) };
        master(&self.auth, *protocol, password)?.localize(engine_id).map(Some)
    }

    /// The key for encryption with an engine; none if it has none.
    pub fn priv_key(&self, engine_id: &[u8]) -> Result<Option<PrivKey>, CryptoError> {
        let (Some((auth, _)), Some((protocol, password))) = (&self.user.auth, &self.user.privacy)
        else {
            return Ok(None);
        };
        let master = master(&self.privacy, *auth, password)?;
        PrivKey::from_master_key(&master, *protocol, engine_id).map(Some)
    }
}

fn master(
    kept: &Mutex<Option<Master>>,
    protocol: AuthProtocol,
    password: &Live,
) -> Result<Arc<MasterKey>, CryptoError> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let version = password.version();
    if let Some(master) = kept.as_ref().filter(|master| master.version == version) {
        return Ok(Arc::clone(&master.key));
    }
    let text = password.get().ok_or(CryptoError::PasswordTooShort)?;
    let key = Arc::new(MasterKey::from_password(protocol, text.expose_secret().as_bytes())?);
    *kept = Some(Master { key: Arc::clone(&key), version });
    Ok(key)
}
