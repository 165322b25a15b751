//! One change as SQL, inside the writer's savepoint. From: the writer. To: the tables.
//!
//! Rows of one kind go several in a statement, since each statement is a round trip to the
//! connection's thread. The text is SQL that PostgreSQL reads as well.

use std::collections::HashSet;
use std::fmt::Write as _;

use mutt_alert::{Alert, AlertState, Notice};
use mutt_event::Timestamp;
use serde::Serialize;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::rows::{self, error, stored};
use crate::model::{distinct, fenced, moved_twice};
use crate::{
    Change, Counts, Cursor, CursorMove, Delivered, DeliveryState, PRUNE_ROWS_MAX, Pruned,
    StoreError,
};

/// The most rows in one statement.
const ROWS_MAX: usize = 32;

/// Executes a change.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    change: &Change,
) -> Result<(), StoreError> {
    if let Some(twice) = moved_twice(&change.cursors) {
        return Err(fenced(twice));
    }
    for moves in groups(&change.cursors) {
        move_cursors(connection, moves).await?;
    }
    for alerts in groups(&change.alerts) {
        write_alerts(connection, alerts).await?;
    }
    for notices in groups(&change.notices) {
        let mut new = write_notices(connection, notices).await?;
        let mut deliveries = Vec::new();
        for (notice, destinations) in notices {
            if new.remove(&notice.id) {
                deliveries.extend(distinct(destinations).map(|name| (notice, name)));
            }
        }
        for deliveries in groups(&deliveries) {
            write_deliveries(connection, deliveries).await?;
        }
    }
    for delivered in groups(&change.delivered) {
        write_delivered(connection, delivered).await?;
    }
    Ok(())
}

/// Makes `reader` the owner of its cursors; see [`crate::Database::claim`].
pub(super) async fn claim(
    connection: &mut SqliteConnection,
    reader: &str,
    journal: &str,
    partitions: u16,
) -> Result<Vec<Cursor>, StoreError> {
    let other: Option<(String,)> =
        sqlx::query_as("SELECT journal FROM cursors WHERE journal <> $1 LIMIT 1")
            .bind(journal)
            .fetch_optional(&mut *connection)
            .await
            .map_err(error)?;
    if let Some((expected,)) = other {
        return Err(StoreError::OtherJournal { expected, found: journal.to_owned() });
    }
    let mut claimed = Vec::with_capacity(usize::from(partitions));
    for partition in 0..partitions {
        let row = sqlx::query_as(
            "INSERT INTO cursors (reader, partition, journal, epoch, position, counts) \
             VALUES ($1, $2, $3, 1, 1, $4) \
             ON CONFLICT (reader, partition) DO UPDATE SET epoch = cursors.epoch + 1 \
             RETURNING reader, partition, journal, epoch, position, counts",
        )
        .bind(reader)
        .bind(i64::from(partition))
        .bind(journal)
        .bind(json(&Counts::default())?);
        claimed.push(row.fetch_one(&mut *connection).await.map_err(error)?);
    }
    rows::cursors(claimed)
}

/// Deletes what is old; see [`crate::Database::prune`].
pub(super) async fn prune(
    connection: &mut SqliteConnection,
    before: Timestamp,
) -> Result<Pruned, StoreError> {
    const DELIVERIES: &str = "DELETE FROM deliveries WHERE number IN \
         (SELECT number FROM deliveries WHERE state = 'delivered' AND done_at < $1 \
          ORDER BY done_at LIMIT $2)";
    const NOTICES: &str = "DELETE FROM notices WHERE id IN \
         (SELECT id FROM notices WHERE made_at < $1 AND NOT EXISTS \
          (SELECT 1 FROM deliveries WHERE notice_id = notices.id) ORDER BY made_at LIMIT $2)";
    const ALERTS: &str = "DELETE FROM alerts WHERE id IN \
         (SELECT id FROM alerts WHERE ended_at < $1 AND NOT EXISTS \
          (SELECT 1 FROM notices WHERE alert_id = alerts.id) ORDER BY ended_at LIMIT $2)";
    let mut deleted = [0; 3];
    for (sql, deleted) in [DELIVERIES, NOTICES, ALERTS].into_iter().zip(&mut deleted) {
        let query = sqlx::query(sql).bind(before.as_micros()).bind(i64::from(PRUNE_ROWS_MAX));
        *deleted = query.execute(&mut *connection).await.map_err(error)?.rows_affected();
    }
    let [deliveries, notices, alerts] = deleted;
    Ok(Pruned { deliveries, notices, alerts })
}

async fn move_cursors(
    connection: &mut SqliteConnection,
    moves: &[CursorMove],
) -> Result<(), StoreError> {
    let mut sql =
        String::from("WITH moves (reader, partition, epoch, source, target, counts) AS (");
    values(&mut sql, moves.len(), &["TEXT", "BIGINT", "BIGINT", "BIGINT", "BIGINT", "TEXT"]);
    sql.push_str(
        ") UPDATE cursors SET position = moves.target, counts = moves.counts FROM moves \
         WHERE cursors.reader = moves.reader AND cursors.partition = moves.partition \
         AND cursors.epoch = moves.epoch AND cursors.position = moves.source",
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for step in moves {
        query = query
            .bind(&step.reader)
            .bind(i64::from(step.partition))
            .bind(stored(step.epoch)?)
            .bind(stored(step.from)?)
            .bind(stored(step.to)?)
            .bind(json(&step.counts)?);
    }
    let moved = query.execute(&mut *connection).await.map_err(error)?.rows_affected();
    if moved == moves.len() as u64 { Ok(()) } else { Err(who_is_fenced(connection, moves).await?) }
}

/// Names the first cursor that is not where its move says; undoes the change so far to see it.
async fn who_is_fenced(
    connection: &mut SqliteConnection,
    moves: &[CursorMove],
) -> Result<StoreError, StoreError> {
    super::writer::undo(connection).await?;
    for step in moves {
        let found: Option<(i64, i64)> = sqlx::query_as(
            "SELECT epoch, position FROM cursors WHERE reader = $1 AND partition = $2",
        )
        .bind(&step.reader)
        .bind(i64::from(step.partition))
        .fetch_optional(&mut *connection)
        .await
        .map_err(error)?;
        if found != Some((stored(step.epoch)?, stored(step.from)?)) {
            return Ok(fenced(step));
        }
    }
    Ok(StoreError::Unavailable("a cursor did not move, for no reason that shows".to_owned()))
}

async fn write_alerts(
    connection: &mut SqliteConnection,
    alerts: &[Alert],
) -> Result<(), StoreError> {
    let mut sql = String::from(
        "INSERT INTO alerts (id, signature, state, rule_id, host, team, environment, severity, \
         count, first_seen, last_seen, ended_at, body) ",
    );
    let (text, number) = ("TEXT", "BIGINT");
    let types =
        [text, text, text, text, text, text, text, number, number, number, number, number, text];
    values(&mut sql, alerts.len(), &types);
    sql.push_str(
        " ON CONFLICT (id) DO UPDATE SET state = excluded.state, team = excluded.team, \
         environment = excluded.environment, severity = excluded.severity, \
         count = excluded.count, last_seen = excluded.last_seen, ended_at = excluded.ended_at, \
         body = excluded.body",
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for alert in alerts {
        query = query
            .bind(&alert.id)
            .bind(&alert.signature)
            .bind(state_name(alert.state))
            .bind(&alert.rule.id)
            .bind(&alert.host)
            .bind(&alert.team)
            .bind(alert.environment.name())
            .bind(i64::from(alert.severity.number()))
            .bind(stored(alert.count)?)
            .bind(alert.first_seen.as_micros())
            .bind(alert.last_seen.as_micros())
            .bind(alert.ended_at.map(Timestamp::as_micros))
            .bind(json(alert)?);
    }
    query.execute(connection).await.map(|_| ()).map_err(error)
}

/// The ids of those that are new.
async fn write_notices(
    connection: &mut SqliteConnection,
    notices: &[(Notice, Vec<String>)],
) -> Result<HashSet<String>, StoreError> {
    let mut sql = String::from("INSERT INTO notices (id, alert_id, kind, made_at, body) ");
    values(&mut sql, notices.len(), &["TEXT", "TEXT", "TEXT", "BIGINT", "TEXT"]);
    sql.push_str(" ON CONFLICT (id) DO NOTHING RETURNING id");
    let mut query = sqlx::query_scalar(AssertSqlSafe(sql));
    for (notice, _) in notices {
        query = query
            .bind(&notice.id)
            .bind(&notice.alert.id)
            .bind(notice.kind.name())
            .bind(notice.at.as_micros())
            .bind(json(notice)?);
    }
    Ok(query.fetch_all(connection).await.map_err(error)?.into_iter().collect())
}

/// In the order of making, which is the order of their numbers.
async fn write_deliveries(
    connection: &mut SqliteConnection,
    deliveries: &[(&Notice, &str)],
) -> Result<(), StoreError> {
    let mut sql =
        String::from("INSERT INTO deliveries (destination, notice_id, state, attempts, made_at) ");
    values(&mut sql, deliveries.len(), &["TEXT", "TEXT", "TEXT", "BIGINT", "BIGINT"]);
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (notice, destination) in deliveries {
        query = query
            .bind(*destination)
            .bind(&notice.id)
            .bind(DeliveryState::Waiting.name())
            .bind(0_i64)
            .bind(notice.at.as_micros());
    }
    query.execute(connection).await.map(|_| ()).map_err(error)
}

async fn write_delivered(
    connection: &mut SqliteConnection,
    delivered: &[Delivered],
) -> Result<(), StoreError> {
    let mut sql = String::from("WITH done (number, state, attempts, answer, done_at) AS (");
    values(&mut sql, delivered.len(), &["BIGINT", "TEXT", "BIGINT", "TEXT", "BIGINT"]);
    sql.push_str(
        ") UPDATE deliveries SET state = done.state, attempts = done.attempts, \
         answer = done.answer, done_at = done.done_at FROM done \
         WHERE deliveries.number = done.number",
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for one in delivered {
        let done_at = (one.state != DeliveryState::Waiting).then_some(one.at.as_micros());
        query = query
            .bind(one.number)
            .bind(one.state.name())
            .bind(i64::from(one.attempts))
            .bind(&one.answer)
            .bind(done_at);
    }
    query.execute(connection).await.map(|_| ()).map_err(error)
}

/// Rows in groups whose sizes are powers of two, so that few texts of SQL have to be prepared.
fn groups<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = (1 << rest.len().checked_ilog2()?).min(ROWS_MAX);
        let (group, others) = rest.split_at(size);
        rest = others;
        Some(group)
    })
}

/// `VALUES (CAST($1 AS …), …), …`: the types are for databases that ask for them.
fn values(sql: &mut String, rows: usize, types: &[&str]) {
    sql.push_str("VALUES ");
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for (column, name) in types.iter().enumerate() {
            let comma = if column == 0 { "" } else { ", " };
            // Writing into a String cannot fail.
            let _ = write!(sql, "{comma}CAST(${} AS {name})", row * types.len() + column + 1);
        }
        sql.push(')');
    }
}

fn state_name(state: AlertState) -> &'static str {
    match state {
        AlertState::Open => "open",
        AlertState::Cleared => "cleared",
        AlertState::Closed => "closed",
    }
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|fault| StoreError::Damaged(fault.to_string()))
}
