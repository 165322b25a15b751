//! What is told the correlator, as SQL. From: a change, inside the writer's savepoint; the
//! correlator. To: the tables `signals` and `posted`.

use mutt_event::Timestamp;
use sqlx::AssertSqlSafe;

use super::groups::{groups, values};
use super::rows::{stored, text, unsigned};
use super::wire::{Readers, Wire};
use crate::{SIGNAL_ROWS_MAX, SignalChange, SignalRow, StoreError};

/// The most rows in one statement.
const ROWS_MAX: usize = 32;

type Row = (i64, i64, i64, i64, String);

/// Writes all of it.
pub(super) async fn apply(wire: &mut Wire, change: &SignalChange) -> Result<(), StoreError> {
    for rows in groups(&change.found, ROWS_MAX) {
        write(wire, rows).await?;
    }
    for (partition, target) in &change.taken {
        let query = sqlx::query("DELETE FROM signals WHERE partition = $1 AND target <= $2")
            .bind(i64::from(*partition))
            .bind(stored(*target)?);
        wire.execute(query).await?;
    }
    for body in &change.post {
        let query = sqlx::query("INSERT INTO posted (body) VALUES ($1)").bind(text(body));
        wire.execute(query).await?;
    }
    for number in &change.posted {
        let query = sqlx::query("DELETE FROM posted WHERE number = $1").bind(*number);
        wire.execute(query).await?;
    }
    Ok(())
}

async fn write(wire: &mut Wire, rows: &[SignalRow]) -> Result<(), StoreError> {
    let mut sql = String::from("INSERT INTO signals (partition, source, target, time, body) ");
    values(&mut sql, rows.len(), &["BIGINT", "BIGINT", "BIGINT", "BIGINT", "TEXT"]);
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for row in rows {
        query = query
            .bind(i64::from(row.partition))
            .bind(stored(row.from)?)
            .bind(stored(row.to)?)
            .bind(row.time.as_micros())
            .bind(text(&row.body));
    }
    wire.execute(query).await.map(|_| ())
}

/// The first rows of each partition.
pub(super) async fn first(readers: &Readers) -> Result<Vec<SignalRow>, StoreError> {
    let rows = sqlx::query_as(
        "SELECT partition, source, target, time, body FROM \
         (SELECT partition, source, target, time, body, \
          ROW_NUMBER() OVER (PARTITION BY partition ORDER BY source) AS place FROM signals) AS s \
         WHERE place <= $1 ORDER BY partition, source",
    )
    .bind(i64::from(SIGNAL_ROWS_MAX));
    let found: Vec<Row> = readers.rows(rows).await?;
    let row = |(partition, source, target, time, body): Row| {
        Ok(SignalRow {
            partition: unsigned(partition)?,
            from: unsigned(source)?,
            to: unsigned(target)?,
            time: Timestamp::from_micros(time),
            body,
        })
    };
    found.into_iter().map(row).collect()
}

/// The first signals of no message, each with its number.
pub(super) async fn posted(
    readers: &Readers,
    limit: u32,
) -> Result<Vec<(i64, String)>, StoreError> {
    let rows = sqlx::query_as("SELECT number, body FROM posted ORDER BY number LIMIT $1")
        .bind(i64::from(limit));
    readers.rows(rows).await
}
