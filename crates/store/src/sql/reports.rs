//! Reports of processes as SQL. From: the writer, inside its savepoint. To: their table.

use std::time::Duration;

use mutt_event::Timestamp;
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::rows::text;
use super::wire::Wire;
use super::writer::Work;
use crate::reports::{REPORTS_KEPT, Report, Reports};
use crate::{SqlStore, StoreError, Urgency};

/// Writes what a process says, or takes it back; see [`Reports`].
pub(super) async fn apply(
    wire: &mut Wire,
    dialect: Dialect,
    name: &str,
    body: Option<&str>,
) -> Result<(), StoreError> {
    let Some(body) = body else {
        let gone = sqlx::query("DELETE FROM reports WHERE name = $1").bind(text(name));
        return wire.execute(gone).await.map(|_| ());
    };
    let now = dialect.clock();
    let put = sqlx::query(AssertSqlSafe(format!(
        "INSERT INTO reports (name, at, body) VALUES ($1, {now}, $2) \
         ON CONFLICT (name) DO UPDATE SET at = excluded.at, body = excluded.body"
    )));
    wire.execute(put.bind(text(name)).bind(text(body))).await?;
    let old = sqlx::query(AssertSqlSafe(format!("DELETE FROM reports WHERE at < {now} - $1")));
    let kept = i64::try_from(REPORTS_KEPT.as_micros()).unwrap_or(i64::MAX);
    wire.execute(old.bind(kept)).await.map(|_| ())
}

impl Reports for SqlStore {
    async fn report(&self, name: &str, body: &str) -> Result<(), StoreError> {
        let work = Work::Report { name: name.to_owned(), body: Some(body.to_owned()) };
        self.ask(Urgency::Worker, work).await.map(|_| ())
    }

    async fn withdraw_report(&self, name: &str) -> Result<(), StoreError> {
        let work = Work::Report { name: name.to_owned(), body: None };
        self.ask(Urgency::Worker, work).await.map(|_| ())
    }

    async fn reports(&self) -> Result<Vec<Report>, StoreError> {
        let now = self.dialect.clock();
        let all = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT name, at, {now} - at, body FROM reports ORDER BY name"
        )));
        let rows: Vec<(String, i64, i64, String)> = self.readers.rows(all).await?;
        let report = |(name, at, age, body): (String, i64, i64, String)| Report {
            name,
            at: Timestamp::from_micros(at),
            age: Duration::from_micros(age.max(0).unsigned_abs()),
            body,
        };
        Ok(rows.into_iter().map(report).collect())
    }
}
