//! Passwords of one account while it changes: that in force, the next one, the last one.
//!
//! From: one or more [`Live`] secrets. To: whoever logs in: [`Passwords::candidates`] in the order in
//! which they are tried; what worked comes first from then on, until the first place changes.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use crate::Live;

type Make = Box<dyn Fn(&SecretString) -> SecretString + Send + Sync>;

/// Where a candidate comes from.
pub struct Place {
    live: Live,
    make: Option<Make>,
}

impl Place {
    /// The secret as it is.
    pub fn of(live: Live) -> Self {
        Self { live, make: None }
    }

    /// What `make` makes of it, such as a URL with it.
    pub fn made(
        live: Live,
        make: impl Fn(&SecretString) -> SecretString + Send + Sync + 'static,
    ) -> Self {
        Self { live, make: Some(Box::new(make)) }
    }

    fn candidate(&self, secret: Option<SecretString>) -> Option<SecretString> {
        let secret = secret?;
        Some(self.make.as_ref().map_or_else(|| secret.clone(), |make| make(&secret)))
    }
}

/// The passwords of one account. Clones share what worked.
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    name: String,
    places: Vec<Place>,
    worked: Mutex<Option<Worked>>,
}

struct Worked {
    secret: SecretString,
    /// Of the first place, at that time.
    version: u64,
}

impl Passwords {
    /// Those of `places`, that in force first. `name` is what the log calls them.
    pub fn new(name: impl Into<String>, places: impl IntoIterator<Item = Place>) -> Self {
        let (name, places) = (name.into(), places.into_iter().collect());
        Self(Arc::new(Inner { name, places, worked: Mutex::default() }))
    }

    /// What is worth a try, in this order: what worked last, unless the first place changed since;
    /// the first place; the next ones; what the first was before. None twice.
    pub fn candidates(&self) -> Vec<SecretString> {
        let places = &self.0.places;
        let mut all: Vec<SecretString> = Vec::with_capacity(places.len() + 2);
        let mut add = |secret: Option<SecretString>| {
            if let Some(secret) = secret
                && !all.iter().any(|known| same(known, &secret))
            {
                all.push(secret);
            }
        };
        places.iter().for_each(|place| add(place.candidate(place.live.get())));
        if let Some(first) = places.first() {
            add(first.candidate(first.live.before()));
        }
        if let Some(worked) = &*self.worked_last()
            && worked.version == self.first_version()
            && let Some(at) = all.iter().position(|known| same(known, &worked.secret))
        {
            all[..=at].rotate_right(1);
        }
        all
    }

    /// Tries what is worth it until one is not refused, and remembers what worked.
    ///
    /// # Errors
    /// What `open` says: the first that is no refusal, else the last; none: there is no candidate.
    pub async fn log_in<T, E, F: Future<Output = Result<T, E>>>(
        &self,
        open: impl Fn(SecretString) -> F,
        is_refusal: impl Fn(&E) -> bool,
    ) -> Result<T, Option<E>> {
        let mut refused = None;
        for secret in self.candidates() {
            match open(secret.clone()).await {
                Err(fault) if is_refusal(&fault) => refused = Some(fault),
                opened => {
                    if opened.is_ok() {
                        self.worked(&secret);
                    }
                    return opened.map_err(Some);
                }
            }
        }
        self.refused();
        Err(refused)
    }

    /// A candidate logged in: the likeliest from now on.
    pub fn worked(&self, secret: &SecretString) {
        let version = self.first_version();
        let place = |place: &Place| {
            place.candidate(place.live.get()).is_some_and(|known| same(&known, secret))
        };
        let at = self.0.places.iter().position(place);
        if at == Some(0) {
            self.0.places[0].live.settled();
        }
        let mut last = self.worked_last();
        let known = last.as_ref().is_some_and(|last| same(&last.secret, secret));
        if !known && at != Some(0) {
            let which = if at.is_some() { "the next one" } else { "the one before" };
            tracing::info!(secret = self.0.name, which, "secrets: another one is in force");
        }
        *last = Some(Worked { secret: secret.clone(), version });
    }

    /// All candidates were refused: their sources are asked for something newer.
    pub fn refused(&self) {
        self.0.places.iter().for_each(|place| place.live.doubt());
    }

    /// How often they changed.
    pub fn version(&self) -> u64 {
        self.0.places.iter().map(|place| place.live.version()).sum()
    }

    fn first_version(&self) -> u64 {
        self.0.places.first().map_or(0, |place| place.live.version())
    }

    fn worked_last(&self) -> MutexGuard<'_, Option<Worked>> {
        self.0.worked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// One that stays as it is.
impl From<SecretString> for Passwords {
    fn from(secret: SecretString) -> Self {
        Self::new("a fixed secret", [Place::of(Live::new(secret))])
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passwords({}, …)", self.0.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> (Live, Live, Passwords) {
        let (first, next) = (Live::new("k1".into()), Live::default());
        let places = [Place::of(first.clone()), Place::of(next.clone())];
        (first, next, Passwords::new("test", places))
    }

    fn tried(passwords: &Passwords) -> Vec<String> {
        let all = passwords.candidates();
        all.iter().map(|secret| secret.expose_secret().to_owned()).collect()
    }

    #[test]
    fn that_in_force_comes_first_and_then_the_next() {
        let (_, next, passwords) = two();
        assert_eq!(tried(&passwords), ["k1"]);
        next.set("k2".into());
        assert_eq!(tried(&passwords), ["k1", "k2"]);
        passwords.worked(&"k2".into());
        assert_eq!(tried(&passwords), ["k2", "k1"]);
    }

    #[test]
    fn after_a_change_the_newest_comes_first_and_the_last_one_stays_until_it_worked() {
        let (first, next, passwords) = two();
        passwords.worked(&"k1".into());
        first.set("k3".into());
        assert_eq!(tried(&passwords), ["k3", "k1"], "the server may not know of it yet");
        passwords.worked(&"k1".into());
        assert_eq!(tried(&passwords), ["k1", "k3"]);
        passwords.worked(&"k3".into());
        assert_eq!(tried(&passwords), ["k3"]);
        next.set("k3".into());
        assert_eq!(tried(&passwords), ["k3"], "none twice");
        assert_eq!(passwords.version(), 3);
    }

    #[test]
    fn when_the_next_one_becomes_the_first_nothing_else_is_tried_before_it() {
        let (first, next, passwords) = two();
        next.set("k2".into());
        passwords.worked(&"k2".into());
        first.set("k2".into());
        next.set("k3".into());
        assert_eq!(tried(&passwords), ["k2", "k3", "k1"]);
    }

    #[test]
    fn a_place_may_make_something_of_its_secret() {
        let url = |password: &SecretString| format!("u:{}@h", password.expose_secret()).into();
        let (first, next) = (Live::new("k1".into()), Live::new("k2".into()));
        let places = [Place::made(first.clone(), url), Place::made(next, url)];
        let passwords = Passwords::new("test", places);
        assert_eq!(tried(&passwords), ["u:k1@h", "u:k2@h"]);
        first.set("k4".into());
        passwords.worked(&"u:k2@h".into());
        assert_eq!(tried(&passwords), ["u:k2@h", "u:k4@h", "u:k1@h"]);
        assert!(!format!("{passwords:?}").contains("k4"));
    }
}
