//! A database that fails as told, for the simulator and for tests. From: any worker. To: the
//! database inside, or not.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use mutt_alert::{Alert, Decided, Track};
use mutt_event::Timestamp;
use mutt_patterns::{Account, Pattern, PatternDecided};

use crate::{
    Change, Cursor, Database, Delivery, Grant, Keep, Lease, LeaseRef, Leases, Pruned, Queue,
    SignalRow, StoreError,
};

/// What the worker asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Call {
    /// [`Database::claim`].
    Claim,
    /// [`Database::commit`].
    Commit,
    /// [`Database::prune`].
    Prune,
    /// [`Leases::take_lease`], [`Leases::renew_lease`] or [`Leases::release_lease`].
    Lease,
    /// Any that only reads.
    Read,
}

/// What shall happen to a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It works.
    None,
    /// It does nothing and answers this.
    Refuse(StoreError),
    /// The connection is lost before the database did it.
    LoseBefore,
    /// The database does it, and the connection is lost before the answer.
    LoseAfter,
}

type Decide = Arc<dyn Fn(Call) -> Fault + Send + Sync>;

/// Wraps a database; each call is asked of `decide` first.
#[derive(Clone)]
pub struct FaultyStore<B> {
    inner: B,
    decide: Decide,
}

impl<B: Database> FaultyStore<B> {
    /// `decide` is called once a call, in the order of calls; a seeded one makes runs repeatable.
    pub fn new(inner: B, decide: impl Fn(Call) -> Fault + Send + Sync + 'static) -> Self {
        Self { inner, decide: Arc::new(decide) }
    }

    /// The database inside, which never fails by our doing.
    pub fn inner(&self) -> &B {
        &self.inner
    }

    async fn through<T>(
        &self,
        call: Call,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        match (self.decide)(call) {
            Fault::None => work.await,
            Fault::Refuse(error) => Err(error),
            Fault::LoseBefore => Err(lost()),
            Fault::LoseAfter => {
                work.await?;
                Err(lost())
            }
        }
    }
}

fn lost() -> StoreError {
    StoreError::Unavailable("connection lost".to_owned())
}

impl<B: fmt::Debug> fmt::Debug for FaultyStore<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<B: Database> Database for FaultyStore<B> {
    async fn claim(
        &self,
        reader: &str,
        journal: &str,
        partitions: Range<u16>,
    ) -> Result<Vec<Cursor>, StoreError> {
        self.through(Call::Claim, self.inner.claim(reader, journal, partitions)).await
    }

    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        self.through(Call::Read, self.inner.cursors()).await
    }

    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        self.through(Call::Commit, self.inner.commit(change)).await
    }

    async fn live_alerts(&self, at: Timestamp) -> Result<Vec<Alert>, StoreError> {
        self.through(Call::Read, self.inner.live_alerts(at)).await
    }

    async fn tracks(&self) -> Result<Vec<(String, Track)>, StoreError> {
        self.through(Call::Read, self.inner.tracks()).await
    }

    async fn decisions(&self, limit: u32) -> Result<Vec<(i64, Decided)>, StoreError> {
        self.through(Call::Read, self.inner.decisions(limit)).await
    }

    async fn patterns(&self) -> Result<Vec<Pattern>, StoreError> {
        self.through(Call::Read, self.inner.patterns()).await
    }

    async fn mining(&self) -> Result<Account, StoreError> {
        self.through(Call::Read, self.inner.mining()).await
    }

    async fn pattern_decisions(
        &self,
        limit: u32,
    ) -> Result<Vec<(i64, PatternDecided)>, StoreError> {
        self.through(Call::Read, self.inner.pattern_decisions(limit)).await
    }

    async fn signals(&self) -> Result<Vec<SignalRow>, StoreError> {
        self.through(Call::Read, self.inner.signals()).await
    }

    async fn posted(&self, limit: u32) -> Result<Vec<(i64, String)>, StoreError> {
        self.through(Call::Read, self.inner.posted(limit)).await
    }

    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        self.through(Call::Read, self.inner.open_alerts()).await
    }

    async fn latest_alerts(&self, limit: u32) -> Result<Vec<Alert>, StoreError> {
        self.through(Call::Read, self.inner.latest_alerts(limit)).await
    }

    async fn waiting(&self, destination: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.through(Call::Read, self.inner.waiting(destination, limit)).await
    }

    async fn overtaken(&self, destination: &str) -> Result<Vec<(i64, String)>, StoreError> {
        self.through(Call::Read, self.inner.overtaken(destination)).await
    }

    async fn dead_letters(&self, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.through(Call::Read, self.inner.dead_letters(limit)).await
    }

    async fn queues(&self) -> Result<Vec<Queue>, StoreError> {
        self.through(Call::Read, self.inner.queues()).await
    }

    async fn prune(&self, keep: Keep) -> Result<Pruned, StoreError> {
        self.through(Call::Prune, self.inner.prune(keep)).await
    }
}

impl<B: Database + Leases> Leases for FaultyStore<B> {
    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Grant, StoreError> {
        self.through(Call::Lease, self.inner.take_lease(name, holder, ttl)).await
    }

    async fn take_over_lease(
        &self,
        seen: &Lease,
        holder: &str,
        ttl: Duration,
    ) -> Result<Grant, StoreError> {
        self.through(Call::Lease, self.inner.take_over_lease(seen, holder, ttl)).await
    }

    async fn renew_lease(
        &self,
        lease: &LeaseRef,
        ttl: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        self.through(Call::Lease, self.inner.renew_lease(lease, ttl)).await
    }

    async fn release_lease(&self, lease: &LeaseRef) -> Result<(), StoreError> {
        self.through(Call::Lease, self.inner.release_lease(lease)).await
    }

    async fn leases(&self) -> Result<Vec<Lease>, StoreError> {
        self.through(Call::Read, self.inner.leases()).await
    }
}
