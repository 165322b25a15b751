//! Who may send: he who holds the lease, by the database's table. From: whoever sends. To: a list
//! of those who should not have.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mutt_journal::Clock;
use mutt_store::{Lease, LeaseRef, Leases, MemoryStore};

use crate::node::SimClock;
use crate::store::Skew;
use crate::world::now;

/// How long a lease lasts.
pub const TTL: Duration = Duration::from_secs(10);

/// Each time that somebody sent who did not hold the lease, in words.
#[derive(Clone, Default)]
pub struct Breaches(Arc<Mutex<Vec<String>>>);

impl Breaches {
    /// The first.
    pub fn first(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).first().cloned()
    }
}

/// Looks at what is sent under one lease.
#[derive(Clone)]
pub struct Watchman {
    pub lease: LeaseRef,
    pub holder: &'static str,
    pub truth: MemoryStore,
    pub clock: SimClock,
    pub skew: Skew,
    pub breaches: Breaches,
}

impl Watchman {
    /// Something is sent now that is under way for so long at most: nobody else may hold the lease
    /// now, nor be able to take it before that is over.
    pub fn sends(&self, at_most: Duration) {
        let time = self.clock.now();
        // The one thing that lets two send at once.
        if time.since(self.skew.jumped_at()) < 2 * TTL {
            return;
        }
        let lease = self.lease_now();
        let ends = lease.as_ref().map(|lease| self.skew.not_of(lease.until));
        if !self.is_held(lease.as_ref()) || ends.is_none_or(|ends| time.after(at_most) > ends) {
            self.breach("sends");
        }
    }

    /// Something has been written for others to go by: nobody else may have taken the lease.
    pub fn writes(&self) {
        if !self.is_held(self.lease_now().as_ref()) {
            self.breach("writes");
        }
    }

    fn lease_now(&self) -> Option<Lease> {
        let leases = now(self.truth.leases()).ok().and_then(Result::ok).unwrap_or_default();
        leases.into_iter().find(|lease| lease.name == self.lease.name)
    }

    fn is_held(&self, lease: Option<&Lease>) -> bool {
        lease.is_some_and(|lease| lease.epoch == self.lease.epoch)
    }

    fn breach(&self, what: &str) {
        let (time, holder, name) = (self.clock.now(), self.holder, &self.lease.name);
        let breach = format!("{time} {holder} {what} as {name} without holding that lease");
        self.breaches.0.lock().unwrap_or_else(PoisonError::into_inner).push(breach);
    }
}
