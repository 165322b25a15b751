//! Who MUTT is to Vault: the token that it has, when that is renewed, and when it logs in anew.
//!
//! From: the role, and the answers. To: whoever reads secrets. No clock here: `now` is given.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use mutt_secrets::{ExposeSecret, Live, SecretString};

use crate::lease::{nears_its_end, renew_after};
use crate::{Api, Fault, Fields, Grant, SecretPath};

/// Where the secret id comes from.
#[derive(Clone, Debug)]
pub enum SecretId {
    /// It is given.
    Given(Live),
    /// A token wraps it, which gives it once.
    Wrapped(Live),
}

/// As whom MUTT logs in.
#[derive(Clone, Debug)]
pub struct Role {
    /// The role's id.
    pub role_id: Live,
    /// And what proves it.
    pub secret_id: SecretId,
}

/// What was done, for metrics.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Logins.
    pub logins: u64,
    /// Renewals of a token.
    pub renewals: u64,
}

struct Held {
    grant: Grant,
    of_login: Duration,
    renew_at: Option<Instant>,
    ends_at: Option<Instant>,
    /// What this token may not read: asking with a new one would change nothing.
    denied: BTreeSet<SecretPath>,
}

/// See the [module](self).
pub struct Session<A> {
    api: A,
    role: Role,
    held: Option<Held>,
    /// The wrapping token that was used, and what was in it.
    unwrapped: Option<(SecretString, SecretString)>,
    /// From 0 to 1, for the jitter.
    chance: fn() -> f64,
    tally: Tally,
}

impl<A: Api> Session<A> {
    /// One that has not logged in yet.
    pub fn new(api: A, role: Role) -> Self {
        let chance = || rand::random::<f64>();
        Self { api, role, held: None, unwrapped: None, chance, tally: Tally::default() }
    }

    /// What was done so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// When [`Session::keep`] is to be called; none: there is no token, or one without an end.
    pub fn due(&self) -> Option<Instant> {
        self.held.as_ref()?.renew_at
    }

    /// Renews the token if that is due; logs in anew when it cannot be renewed, or comes to its
    /// last end.
    ///
    /// # Errors
    /// Vault is away, or refuses the login too. A token that still lasts is kept.
    pub async fn keep(&mut self, now: Instant) -> Result<(), Fault> {
        let Some(held) = &self.held else { return self.login(now).await };
        if held.renew_at.is_none_or(|due| now < due) {
            return Ok(());
        }
        if !held.grant.renewable {
            return self.login(now).await;
        }
        match self.api.renew(&held.grant.token).await {
            Ok(grant) if nears_its_end(held.of_login, grant.lease) => self.login(now).await,
            Ok(grant) => {
                self.tally.renewals += 1;
                let (of_login, denied) = (held.of_login, held.denied.clone());
                self.held = Some(self.hold(grant, of_login, denied, now));
                Ok(())
            }
            Err(Fault::Denied(..)) => self.login(now).await,
            Err(fault) => Err(fault),
        }
    }

    /// Reads a secret. Without a token, with one that is over, or when it is denied, MUTT logs in
    /// first; what a new token may not read either is denied.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn read(&mut self, at: &SecretPath, now: Instant) -> Result<Fields, Fault> {
        let over = |held: &Held| held.ends_at.is_some_and(|end| now >= end);
        let mut is_new = false;
        if self.held.as_ref().is_none_or(over) {
            self.login(now).await?;
            is_new = true;
        }
        let known = self.held.as_ref().is_some_and(|held| held.denied.contains(at));
        match self.read_once(at).await {
            Err(Fault::Denied(..)) if !is_new && !known => {
                self.login(now).await?;
                self.note(at, self.read_once(at).await)
            }
            answer if is_new => self.note(at, answer),
            answer => answer,
        }
    }

    async fn read_once(&self, at: &SecretPath) -> Result<Fields, Fault> {
        let none = || Fault::Denied(at.to_string(), format!("{}/data/{}", at.mount, at.path));
        let held = self.held.as_ref().ok_or_else(none)?;
        self.api.read(&held.grant.token, at).await
    }

    fn note(&mut self, at: &SecretPath, answer: Result<Fields, Fault>) -> Result<Fields, Fault> {
        if let (Err(Fault::Denied(..)), Some(held)) = (&answer, &mut self.held) {
            held.denied.insert(at.clone());
        }
        answer
    }

    async fn login(&mut self, now: Instant) -> Result<(), Fault> {
        let secret_id = self.secret_id().await?;
        let role_id = self.role.role_id.get().unwrap_or_default();
        let grant = self.api.login(&role_id, &secret_id).await?;
        self.tally.logins += 1;
        tracing::debug!(lease_s = grant.lease.as_secs(), "vault: logged in");
        let of_login = grant.lease;
        self.held = Some(self.hold(grant, of_login, BTreeSet::new(), now));
        Ok(())
    }

    fn hold(
        &self,
        grant: Grant,
        of_login: Duration,
        denied: BTreeSet<SecretPath>,
        now: Instant,
    ) -> Held {
        let renew_at = renew_after(grant.lease, (self.chance)()).map(|after| now + after);
        let ends_at = (!grant.lease.is_zero()).then(|| now + grant.lease);
        Held { grant, of_login, renew_at, ends_at, denied }
    }

    /// The secret id; out of its wrapping, once, and again only out of another one.
    async fn secret_id(&mut self) -> Result<SecretString, Fault> {
        let wrapping = match &self.role.secret_id {
            SecretId::Given(live) => return Ok(live.get().unwrap_or_default()),
            SecretId::Wrapped(live) => live.get().unwrap_or_default(),
        };
        if let Some((used, secret_id)) = &self.unwrapped
            && used.expose_secret() == wrapping.expose_secret()
        {
            return Ok(secret_id.clone());
        }
        let secret_id = self.api.unwrap(&wrapping).await?;
        self.unwrapped = Some((wrapping, secret_id.clone()));
        Ok(secret_id)
    }
}

#[cfg(test)]
mod tests;
