//! What a worker's lease is taken with. From: settings, and the journal that is open. To: each
//! worker's [`Tenancy`].

use std::time::Duration;

use mutt_pipeline::{LeaseSettings, Stopwatch, Tenancy};
use mutt_store::SqlStore;
use rustix::time::{ClockId, clock_gettime};

use super::build::ms;
use crate::config::Settings;

/// Who this process is among those over one database, and how long it takes leases for.
#[derive(Clone)]
pub struct Leasing {
    store: SqlStore,
    holder: String,
    ttl: Duration,
    archive_ttl: Duration,
}

impl Leasing {
    /// The holder is called after the journal whose folder this process has locked: no two that
    /// live can have one. So who is started again after SIGKILL takes its leases over at once
    /// instead of waiting out those of the dead, in a new epoch, which fences whatever the dead
    /// still has under way.
    pub fn new(settings: &Settings, journal: &str, store: SqlStore) -> Self {
        let holder = format!("{}/{journal}", settings.instance.name);
        let lease = &settings.lease;
        Self { store, holder, ttl: ms(lease.ttl_ms), archive_ttl: ms(lease.archive_ttl_ms) }
    }

    /// Of a process that has no folder of its own: each start is another holder, and waits out the
    /// leases of the one before.
    pub fn of_many(settings: &Settings, store: SqlStore) -> Self {
        let id = uuid::Uuid::now_v7();
        Self::new(settings, &id.to_string(), store)
    }

    /// Who this process is among all.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Shows that this process is one of its kind; what such leases' names begin with, and how long
    /// they last.
    pub fn member(&self, kind: &str) -> (Tenancy<SqlStore>, String, Duration) {
        let kind = format!("member/{kind}/");
        (self.tenancy(&format!("{kind}{}", self.holder), Duration::ZERO), kind, self.ttl)
    }

    /// Takes an archiver's lease, which outlasts a database that is away for a while; another takes
    /// over as soon as from any worker if the database is there and the holder is not.
    pub fn archive(&self, archiver: &str) -> Tenancy<SqlStore> {
        self.lease(archiver, self.archive_ttl, Some(self.ttl))
    }

    /// Takes the worker's lease, for at least `ttl`.
    pub fn tenancy(&self, worker: &str, ttl: Duration) -> Tenancy<SqlStore> {
        self.lease(worker, ttl, None)
    }

    fn lease(&self, worker: &str, ttl: Duration, silence: Option<Duration>) -> Tenancy<SqlStore> {
        let (name, holder) = (worker.to_owned(), self.holder.clone());
        let settings = LeaseSettings { name, holder, ttl: self.ttl.max(ttl), silence };
        Tenancy::new(self.store.clone(), settings, Stopwatch::new(since_boot))
    }
}

/// The one clock that neither a person sets nor a suspended machine stops.
fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    let whole = Duration::from_secs(time.tv_sec.max(0).unsigned_abs());
    whole + Duration::from_nanos(time.tv_nsec.max(0).unsigned_abs())
}
