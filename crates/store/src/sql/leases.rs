//! Leases as SQL, inside the writer's savepoint. From: the writer. To: their table, by the
//! database's clock, which is asked within each statement.

use std::time::Duration;

use mutt_event::Timestamp;
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::rows::{stored, text, unsigned};
use super::wire::Wire;
use super::writer::Work;
use crate::lease::superseded;
use crate::{Grant, Lease, LeaseRef, Leases, SqlStore, StoreError, Urgency};

type Row = (String, String, i64, i64);

/// See [`crate::Leases::take_lease`] and [`crate::Leases::take_over_lease`].
pub(super) async fn take(
    wire: &mut Wire,
    dialect: Dialect,
    (name, holder): (&str, &str),
    ttl: Duration,
    seen: Option<&Lease>,
) -> Result<Grant, StoreError> {
    let now = dialect.clock();
    // No row has this epoch.
    let (epoch, until) = match seen {
        Some(seen) => (stored(seen.epoch)?, seen.until.as_micros()),
        None => (-1, 0),
    };
    // The condition sees the row as it is once whoever writes it has committed.
    let take = sqlx::query_as(AssertSqlSafe(format!(
        "INSERT INTO leases (name, holder, epoch, until) VALUES ($1, $2, 1, {now} + $3) \
         ON CONFLICT (name) DO UPDATE \
         SET holder = excluded.holder, epoch = leases.epoch + 1, until = excluded.until \
         WHERE leases.holder IN ('', excluded.holder) OR leases.until <= {now} \
         OR (leases.epoch = $4 AND leases.until = $5) \
         RETURNING name, holder, epoch, until"
    )));
    let take = take.bind(name).bind(text(holder)).bind(micros(ttl)?).bind(epoch).bind(until);
    if let Some(row) = wire.rows(take).await?.pop() {
        return Ok(Grant::Yours(lease(row)?));
    }
    let theirs = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT name, holder, epoch, until, until - {now} FROM leases WHERE name = $1"
    )));
    let theirs: Option<(String, String, i64, i64, i64)> = wire.rows(theirs.bind(name)).await?.pop();
    match theirs {
        Some((name, holder, epoch, until, left)) => Ok(Grant::Theirs {
            lease: lease((name, holder, epoch, until))?,
            left: Duration::from_micros(left.max(0).unsigned_abs()),
        }),
        None => Err(StoreError::Unavailable(format!("lease `{name}` was there, and is not"))),
    }
}

/// See [`crate::Leases::renew_lease`].
pub(super) async fn renew(
    wire: &mut Wire,
    dialect: Dialect,
    held: &LeaseRef,
    ttl: Duration,
) -> Result<Option<Lease>, StoreError> {
    let now = dialect.clock();
    let renew = sqlx::query_as(AssertSqlSafe(format!(
        "UPDATE leases SET until = {now} + $3 WHERE name = $1 AND epoch = $2 AND holder <> '' \
         RETURNING name, holder, epoch, until"
    )));
    let renew = renew.bind(&held.name).bind(stored(held.epoch)?).bind(micros(ttl)?);
    wire.rows(renew).await?.pop().map(lease).transpose()
}

/// See [`crate::Leases::release_lease`].
pub(super) async fn release(wire: &mut Wire, held: &LeaseRef) -> Result<(), StoreError> {
    let release = sqlx::query("UPDATE leases SET holder = '' WHERE name = $1 AND epoch = $2");
    wire.execute(release.bind(&held.name).bind(stored(held.epoch)?)).await.map(|_| ())
}

/// Refuses what is done under an epoch that is over; nobody takes the lease before this commits.
pub(super) async fn check(
    wire: &mut Wire,
    dialect: Dialect,
    held: &LeaseRef,
) -> Result<(), StoreError> {
    let lock = dialect.share_lock();
    let found =
        sqlx::query_as(AssertSqlSafe(format!("SELECT epoch FROM leases WHERE name = $1{lock}")));
    let found: Vec<(i64,)> = wire.rows(found.bind(&held.name)).await?;
    if found == [(stored(held.epoch)?,)] { Ok(()) } else { Err(superseded(held)) }
}

fn lease((name, holder, epoch, until): Row) -> Result<Lease, StoreError> {
    Ok(Lease { name, holder, epoch: unsigned(epoch)?, until: Timestamp::from_micros(until) })
}

fn micros(time: Duration) -> Result<i64, StoreError> {
    stored(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}

async fn grant(store: &SqlStore, work: Work) -> Result<Grant, StoreError> {
    let grant = store.ask(Urgency::Worker, work).await?.grant;
    grant.ok_or_else(|| StoreError::Unavailable("no answer about a lease".to_owned()))
}

impl Leases for SqlStore {
    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Grant, StoreError> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        grant(self, Work::TakeLease { name, holder, ttl, seen: None }).await
    }

    async fn take_over_lease(
        &self,
        seen: &Lease,
        holder: &str,
        ttl: Duration,
    ) -> Result<Grant, StoreError> {
        let (name, holder, seen) = (seen.name.clone(), holder.to_owned(), Some(seen.clone()));
        grant(self, Work::TakeLease { name, holder, ttl, seen }).await
    }

    async fn renew_lease(
        &self,
        lease: &LeaseRef,
        ttl: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        let work = Work::RenewLease(lease.clone(), ttl);
        Ok(self.ask(Urgency::Worker, work).await?.renewed)
    }

    async fn release_lease(&self, lease: &LeaseRef) -> Result<(), StoreError> {
        self.ask(Urgency::Worker, Work::ReleaseLease(lease.clone())).await.map(|_| ())
    }

    async fn leases(&self) -> Result<Vec<Lease>, StoreError> {
        let held = "SELECT name, holder, epoch, until FROM leases WHERE holder <> '' ORDER BY name";
        let rows: Vec<Row> = self.readers.rows(sqlx::query_as(held)).await?;
        rows.into_iter().map(lease).collect()
    }
}
