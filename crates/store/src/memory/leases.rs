//! Leases in memory. From: workers. To: a map, by the clock that the database was given.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mutt_event::Timestamp;

use super::MemoryStore;
use crate::lease::superseded;
use crate::{Grant, Lease, LeaseRef, Leases, StoreError};

/// The clock of a database.
#[derive(Clone)]
pub(super) struct DatabaseClock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl DatabaseClock {
    pub(super) fn new(clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(clock))
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl Default for DatabaseClock {
    fn default() -> Self {
        let since = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self::new(move || Timestamp::ZERO.after(since()))
    }
}

impl fmt::Debug for DatabaseClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseClock")
    }
}

/// By name, with an empty holder once it was given back.
pub(super) type Table = BTreeMap<String, Lease>;

/// Refuses what is done under an epoch that is over.
pub(super) fn check(leases: &Table, held: &LeaseRef) -> Result<(), StoreError> {
    match leases.get(&held.name) {
        Some(lease) if lease.epoch == held.epoch => Ok(()),
        _ => Err(superseded(held)),
    }
}

fn mine<'a>(leases: &'a mut Table, held: &LeaseRef) -> Option<&'a mut Lease> {
    leases.get_mut(&held.name).filter(|lease| lease.epoch == held.epoch && !lease.holder.is_empty())
}

impl MemoryStore {
    fn grant(&self, name: &str, holder: &str, ttl: Duration, seen: Option<&Lease>) -> Grant {
        let mut tables = self.tables();
        let now = self.clock.now();
        let lease = tables.leases.entry(name.to_owned()).or_insert_with(|| Lease {
            name: name.to_owned(),
            holder: String::new(),
            epoch: 0,
            until: now,
        });
        let stands =
            seen.is_some_and(|seen| (seen.epoch, seen.until) == (lease.epoch, lease.until));
        let free = lease.holder.is_empty() || lease.holder == holder || lease.until <= now;
        if !free && !stands {
            let left = lease.until.since(now);
            return Grant::Theirs { lease: lease.clone(), left };
        }
        let epoch = lease.epoch + 1;
        *lease = Lease { holder: holder.to_owned(), epoch, until: now.after(ttl), ..lease.clone() };
        Grant::Yours(lease.clone())
    }
}

impl Leases for MemoryStore {
    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Grant, StoreError> {
        Ok(self.grant(name, holder, ttl, None))
    }

    async fn take_over_lease(
        &self,
        seen: &Lease,
        holder: &str,
        ttl: Duration,
    ) -> Result<Grant, StoreError> {
        Ok(self.grant(&seen.name, holder, ttl, Some(seen)))
    }

    async fn renew_lease(
        &self,
        held: &LeaseRef,
        ttl: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        let mut tables = self.tables();
        let until = self.clock.now().after(ttl);
        let lease = mine(&mut tables.leases, held);
        Ok(lease.map(|lease| {
            lease.until = until;
            lease.clone()
        }))
    }

    async fn release_lease(&self, held: &LeaseRef) -> Result<(), StoreError> {
        if let Some(lease) = mine(&mut self.tables().leases, held) {
            lease.holder.clear();
        }
        Ok(())
    }

    async fn leases(&self) -> Result<Vec<Lease>, StoreError> {
        let tables = self.tables();
        let held = tables.leases.values().filter(|lease| !lease.holder.is_empty());
        Ok(held.cloned().collect())
    }
}
