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

/// See [`crate::Leases::take_lease`].
pub(super) async fn take(
    wire: &mut Wire,
    dialect: Dialect,
    (name, holder): (&str, &str),
    ttl: Duration,
) -> Result<Grant, StoreError> {
    let now = dialect.clock();
    // The condition sees the row as it is once whoever writes it has committed.
    let take = sqlx::query_as(AssertSqlSafe(format!(
        "INSERT INTO leases (name, holder, epoch, until) VALUES ($1, $2, 1, {now} + $3) \
         ON CONFLICT (name) DO UPDATE \
         SET holder = excluded.holder, epoch = leases.epoch + 1, until = excluded.until \
         WHERE leases.holder IN ('', excluded.holder) OR leases.until <= {now} \
         RETURNING name, holder, epoch, until"
    )));
    let take = take.bind(name).bind(text(holder)).bind(micros(ttl)?);
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

impl Leases for SqlStore {
    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Grant, StoreError> {
        let work = Work::TakeLease { name: name.to_owned(), holder: holder.to_owned(), ttl };
        let grant = self.ask(Urgency::Worker, work).await?.grant;
        grant.ok_or_else(|| StoreError::Unavailable("no answer about a lease".to_owned()))
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
