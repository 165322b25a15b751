//! The User-based Security Model at receipt, RFC 3414 section 3.2: is a message authentic, and in time?
//!
//! From: datagrams of version 3. To: the findings that are stored with them, so that no backlog fails
//! the time window, and what its sender is answered.
//!
//! Of a trap its sender's engine is the authority: its boots and time are learnt from what it sends.
//! Of an inform MUTT's own is ([`Engine`]).

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_snmp::v3::auth::verify_message;
use async_snmp::v3::{PersistedDesSaltState, PrivKey, SaltCounter};
use async_snmp::{DesSaltState, LocalizedKey};
use bytes::Bytes;
use mutt_event::trap::v3::{self, Data, Message};
use mutt_event::{SecurityLevel, UsmVerdict};

use super::answer::{self, Answers};
use super::engine::Engine;
use super::informs;
use super::meter::UsmMeter;
use super::recent::Recent;
use super::users::{Keyed, SnmpUser};

/// So many senders' engines are remembered.
const ENGINES_MAX: usize = 65_536;
/// How far a message may be behind its engine's time, in seconds (RFC 3414 section 2.2.3).
const TIME_WINDOW: u32 = 150;
/// Boots that have stopped counting: nothing is in time any more.
const BOOTS_MAX: u32 = 2_147_483_647;

/// What became of a datagram of version 3.
pub(super) enum Checked {
    /// A notification, or what cannot be known to be none: to be stored with what was found.
    Store(Findings),
    /// No notification: a question for the engine, with its answer.
    Discovery(Option<Vec<u8>>),
    /// No notification, although it is authentic.
    NotATrap,
}

/// What the checks found.
pub(super) struct Findings {
    pub verdict: UsmVerdict,
    pub level: SecurityLevel,
    /// The scoped PDU, if it was encrypted.
    pub scoped: Bytes,
    /// It is an inform: what to answer once it is stored, and what is the same when it comes again.
    pub inform: Option<(Vec<u8>, [u8; 16])>,
    /// What its sender is told at once: why it failed.
    pub report: Option<Vec<u8>>,
}

/// Checks messages of version 3; clones share what was learnt.
#[derive(Clone)]
pub struct Usm(Arc<Inner>);

struct Inner {
    users: Vec<Keyed>,
    engine: Option<Engine>,
    learnt: Mutex<Learnt>,
    answers: Answers,
}

/// What is remembered of senders' engines.
struct Learnt {
    clocks: Recent<Vec<u8>, Clock>,
    keys: Recent<(usize, Vec<u8>), Keys>,
}

/// Keys of a user with an engine.
#[derive(Clone)]
struct Keys {
    version: u64,
    auth: Arc<LocalizedKey>,
    privacy: Option<Arc<PrivKey>>,
}

/// An engine's boots and time as they were told last.
struct Clock {
    boots: u32,
    /// The latest time that was told.
    time: u32,
    told: Instant,
}

impl fmt::Debug for Usm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Usm({} users, {:?})", self.0.users.len(), self.0.engine)
    }
}

impl Usm {
    /// Checks by these users, as this engine; without an engine nothing is answered.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn new(users: Vec<SnmpUser>, engine: Option<Engine>) -> Result<Self, String> {
        let salt = SaltCounter::new().map_err(|error| error.to_string())?;
        // A salt must not come twice under one key: the process draws the part that stays.
        let epoch = rand::random_range(1..i32::MAX as u32 - 1);
        let persisted = PersistedDesSaltState::new(epoch).map_err(|error| error.to_string())?;
        let kept = |_: &PersistedDesSaltState| Ok::<(), std::io::Error>(());
        let des = DesSaltState::restart(persisted, kept).map_err(|error| error.to_string())?;
        let learnt = Learnt { clocks: Recent::new(ENGINES_MAX), keys: Recent::new(ENGINES_MAX) };
        Ok(Self(Arc::new(Inner {
            users: users.into_iter().map(Keyed::new).collect(),
            engine,
            learnt: Mutex::new(learnt),
            answers: Answers::new(salt, des),
        })))
    }

    /// Checks a datagram that came from `peer`.
    pub(super) fn check(&self, raw: &[u8], peer: IpAddr, meter: &UsmMeter) -> Checked {
        let Some(message) = v3::read(raw) else {
            meter.count(UsmVerdict::ParseError);
            return Checked::Store(Findings::of(
                UsmVerdict::ParseError,
                SecurityLevel::NoAuthNoPriv,
            ));
        };
        let checked = Check { usm: &self.0, message, raw, peer, meter }.run();
        let forgotten = self.0.learnt().clocks.take_forgotten();
        meter.engines_forgotten.inc_by(forgotten);
        checked
    }
}

impl Findings {
    fn of(verdict: UsmVerdict, level: SecurityLevel) -> Self {
        Self { verdict, level, scoped: Bytes::new(), inform: None, report: None }
    }
}

impl Inner {
    fn learnt(&self) -> std::sync::MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One message on its way through the checks, in the RFC's order.
struct Check<'a> {
    usm: &'a Inner,
    message: Message<'a>,
    raw: &'a [u8],
    peer: IpAddr,
    meter: &'a UsmMeter,
}

impl Check<'_> {
    fn run(self) -> Checked {
        let Some(level) = SecurityLevel::from_flags(self.message.flags) else {
            return self.fails(UsmVerdict::ParseError, SecurityLevel::NoAuthNoPriv, None);
        };
        let own = self.usm.engine.as_ref().is_some_and(|own| own.id() == self.message.engine_id);
        let asks = self.usm.engine.is_some() && self.message.is_reportable();
        if !own && (asks || !Engine::fits_as_id(self.message.engine_id)) {
            return self.unknown_engine(level);
        }
        let name = self.message.user;
        let found = self.usm.users.iter().position(|one| one.user.name.as_bytes() == name);
        let Some(index) = found else {
            return self.fails(UsmVerdict::UnknownUser, level, None);
        };
        if !self.usm.users[index].user.may(level) {
            return self.fails(UsmVerdict::UnsupportedLevel, level, None);
        }
        let keys = match level {
            SecurityLevel::NoAuthNoPriv => None,
            _ => match self.authentic(index, level) {
                Ok(keys) => Some(keys),
                Err(verdict) => return self.fails(verdict, level, None),
            },
        };
        if keys.is_some() && !self.in_time(own) {
            return self.fails(UsmVerdict::NotInTimeWindow, level, keys.as_ref());
        }
        self.open(level, own, keys)
    }

    /// Discovery (section 4), or an inform under an engine id that is not MUTT's.
    fn unknown_engine(self, level: SecurityLevel) -> Checked {
        let probes = |scoped: v3::Scoped<'_>| !scoped.is_notification();
        if self.message.plain().and_then(v3::scoped).is_some_and(probes) {
            self.meter.count(UsmVerdict::UnknownEngine);
            return Checked::Discovery(self.report(UsmVerdict::UnknownEngine, None));
        }
        self.fails(UsmVerdict::UnknownEngine, level, None)
    }

    /// The keys, if the digest is made with them. An engine's are kept only after that: nobody fills
    /// the memory by naming engines.
    fn authentic(&self, index: usize, level: SecurityLevel) -> Result<Keys, UsmVerdict> {
        let (user, engine_id) = (&self.usm.users[index], self.message.engine_id);
        let place = (index, engine_id.to_vec());
        let version = user.version();
        let known = self.usm.learnt().keys.get(&place).filter(|k| k.version == version).cloned();
        let auth = match &known {
            Some(keys) => Arc::clone(&keys.auth),
            None => match user.auth_key(engine_id) {
                Ok(Some(key)) => Arc::new(key),
                Ok(None) => return Err(UsmVerdict::UnsupportedLevel),
                Err(error) => {
                    tracing::warn!(user = user.user.name, %error, "SNMP: no key of this user's");
                    return Err(UsmVerdict::WrongDigest);
                }
            },
        };
        let (at, len) = (self.message.auth_at, self.message.auth.len());
        let verified =
            len == auth.mac_len() && verify_message(&auth, self.raw, at, len) == Ok(true);
        if !verified {
            return Err(UsmVerdict::WrongDigest);
        }
        let needs = |keys: &Keys| level == SecurityLevel::AuthPriv && keys.privacy.is_none();
        if let Some(keys) = known.filter(|keys| !needs(keys)) {
            return Ok(keys);
        }
        let mut keys = Keys { version, auth, privacy: None };
        if needs(&keys) {
            let key = user.priv_key(engine_id).map_err(|_| UsmVerdict::DecryptionError)?;
            keys.privacy = key.map(Arc::new);
        }
        self.usm.learnt().keys.insert(place, keys.clone());
        Ok(keys)
    }

    /// Section 3.2 step 7; the message is authentic by now.
    fn in_time(&self, own: bool) -> bool {
        let (boots, time) = (self.message.engine_boots, self.message.engine_time);
        match self.usm.engine.as_ref().filter(|_| own) {
            Some(engine) => {
                let (own_boots, own_time) = engine.boots_and_time();
                let near = own_time.abs_diff(time) <= TIME_WINDOW;
                own_boots != BOOTS_MAX && boots == own_boots && near
            }
            None => self.learn(boots, time),
        }
    }

    /// Learns what an engine tells of its time; answers whether it can have told that just now.
    fn learn(&self, boots: u32, time: u32) -> bool {
        let now = Instant::now();
        let told = Clock { boots, time, told: now };
        let mut learnt = self.usm.learnt();
        let Some(clock) = learnt.clocks.get(self.message.engine_id) else {
            learnt.clocks.insert(self.message.engine_id.to_vec(), told);
            return boots != BOOTS_MAX;
        };
        if (boots, time) > (clock.boots, clock.time) {
            *clock = told;
        }
        let passed = u32::try_from(now.duration_since(clock.told).as_secs()).unwrap_or(u32::MAX);
        let notion = clock.time.saturating_add(passed);
        clock.boots != BOOTS_MAX
            && boots == clock.boots
            && time >= notion.saturating_sub(TIME_WINDOW)
    }

    /// Decrypts it, and looks what it is.
    fn open(self, level: SecurityLevel, own: bool, keys: Option<Keys>) -> Checked {
        let decrypted = match self.message.data {
            Data::Plain(_) => Some(Bytes::new()),
            Data::Sealed(sealed) => self.decrypt(sealed, keys.as_ref()),
        };
        let Some(decrypted) = decrypted else {
            return self.fails(UsmVerdict::DecryptionError, level, None);
        };
        let plain = self.message.plain().unwrap_or(&decrypted);
        let Some(scoped) = v3::scoped(plain) else {
            // A wrong key makes noise of it.
            let sealed = self.message.plain().is_none();
            let verdict = if sealed { UsmVerdict::DecryptionError } else { UsmVerdict::ParseError };
            return self.fails(verdict, level, None);
        };
        if !scoped.is_notification() {
            return Checked::NotATrap;
        }
        if scoped.is_inform() && !own {
            return self.fails(UsmVerdict::UnknownEngine, level, None);
        }
        let inform = match scoped.is_inform() {
            true => self.response(plain, level, keys.as_ref()),
            false => None,
        };
        self.meter.count(UsmVerdict::Accepted);
        let findings = Findings::of(UsmVerdict::Accepted, level);
        Checked::Store(Findings { inform, scoped: decrypted, ..findings })
    }

    fn decrypt(&self, sealed: &[u8], keys: Option<&Keys>) -> Option<Bytes> {
        let key = keys?.privacy.as_ref()?;
        let (boots, time) = (self.message.engine_boots, self.message.engine_time);
        key.decrypt(sealed, boots, time, self.message.privacy).ok()
    }

    fn response(
        &self,
        plain: &[u8],
        level: SecurityLevel,
        keys: Option<&Keys>,
    ) -> Option<(Vec<u8>, [u8; 16])> {
        let keys = keys.map(|keys| (keys.auth.as_ref(), keys.privacy.as_deref()));
        let scoped = v3::response(plain)?;
        let engine = self.usm.engine.as_ref()?;
        let answer = self.usm.answers.write(engine, &self.message, level, scoped, keys)?;
        Some((answer, informs::identity(self.peer, self.message.user, plain)))
    }

    /// It is stored as it came, and its sender is told why if it wants to know.
    fn fails(self, verdict: UsmVerdict, level: SecurityLevel, keys: Option<&Keys>) -> Checked {
        self.meter.count(verdict);
        let report = self.report(verdict, keys);
        Checked::Store(Findings { report, ..Findings::of(verdict, level) })
    }

    /// The report of what was just counted, if the message asks for one.
    fn report(&self, verdict: UsmVerdict, keys: Option<&Keys>) -> Option<Vec<u8>> {
        let engine = self.usm.engine.as_ref().filter(|_| self.message.is_reportable())?;
        let value = self.meter.counted(verdict) as u32; // a Counter32 wraps
        let request_id = self.message.plain().and_then(v3::scoped).and_then(|s| s.request_id());
        let counter = answer::counter_of(verdict)?;
        let scoped = v3::report(engine.id(), request_id.unwrap_or(0), counter, value);
        // Whoever is out of time must be sure who tells the right one (section 3.2 step 7).
        let (level, keys) = match keys {
            Some(keys) => (SecurityLevel::AuthNoPriv, Some((keys.auth.as_ref(), None))),
            None => (SecurityLevel::NoAuthNoPriv, None),
        };
        self.usm.answers.write(engine, &self.message, level, scoped, keys)
    }
}

#[cfg(test)]
mod tests;
