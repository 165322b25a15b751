//! One change as SQL, inside the writer's savepoint. From: the writer. To: the tables.
//!
//! Rows of one kind go several in a statement, since each statement is a round trip: to the server,
//! or to the thread of SQLite's connection.

use std::collections::HashSet;
use std::ops::Range;

use mutt_alert::{Alert, Notice};
use mutt_event::Timestamp;
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::groups::{groups, runs, values};
use super::leases;
use super::life;
use super::live;
use super::people;
use super::rows::{self, json, stored, text};
use super::signals;
use super::wire::Wire;
use crate::history::{live_until, words};
use crate::model::{distinct, fenced, moved_twice};
use crate::{
    Change, Counts, Cursor, CursorMove, Delivered, DeliveryState, Keep, PRUNE_ROWS_MAX, Pruned,
    StoreError, hour_of,
};

/// The most rows in one statement.
const ROWS_MAX: usize = 32;

/// Executes a change.
pub(super) async fn apply(
    wire: &mut Wire,
    dialect: Dialect,
    change: &Change,
) -> Result<(), StoreError> {
    if let Some(lease) = &change.lease {
        leases::check(wire, dialect, lease).await?;
    }
    if let Some(twice) = moved_twice(&change.cursors) {
        return Err(fenced(twice));
    }
    for moves in groups(&change.cursors, ROWS_MAX) {
        move_cursors(wire, moves).await?;
    }
    for run in runs(&change.alerts, |alert| &alert.id) {
        for alerts in groups(run, ROWS_MAX) {
            write_alerts(wire, dialect, alerts).await?;
        }
    }
    for notices in groups(&change.notices, ROWS_MAX) {
        let mut new = write_notices(wire, notices).await?;
        let mut deliveries = Vec::new();
        for (notice, destinations) in notices {
            if new.remove(&notice.id) {
                deliveries.extend(distinct(destinations).map(|name| (notice, name)));
            }
        }
        for deliveries in groups(&deliveries, ROWS_MAX) {
            write_deliveries(wire, deliveries).await?;
        }
    }
    for run in runs(&change.delivered, |one| one.number) {
        for delivered in groups(run, ROWS_MAX) {
            write_delivered(wire, dialect, delivered).await?;
        }
    }
    live::replay(wire, dialect, &change.replay).await?;
    signals::apply(wire, &change.signals).await?;
    people::append(wire, &change.audit).await?;
    life::apply(wire, change).await
}

/// Makes `reader` the owner of its cursors; see [`crate::Database::claim`].
pub(super) async fn claim(
    wire: &mut Wire,
    reader: &str,
    journal: &str,
    partitions: Range<u16>,
) -> Result<Vec<Cursor>, StoreError> {
    let other = sqlx::query_as("SELECT journal FROM cursors WHERE journal <> $1 LIMIT 1");
    let other: Vec<(String,)> = wire.rows(other.bind(journal)).await?;
    if let Some((expected,)) = other.into_iter().next() {
        return Err(StoreError::OtherJournal { expected, found: journal.to_owned() });
    }
    let mut claimed = Vec::with_capacity(partitions.len());
    for partition in partitions {
        let row = sqlx::query_as(
            "INSERT INTO cursors (reader, partition, journal, epoch, position, counts) \
             VALUES ($1, $2, $3, 1, 1, $4) \
             ON CONFLICT (reader, partition) DO UPDATE SET epoch = cursors.epoch + 1 \
             RETURNING reader, partition, journal, epoch, position, time, counts",
        )
        .bind(reader)
        .bind(i64::from(partition))
        .bind(journal)
        .bind(json(&Counts::default())?);
        claimed.extend(wire.rows(row).await?);
    }
    rows::cursors(claimed)
}

/// Deletes what is old; see [`crate::Database::prune`].
pub(super) async fn prune(wire: &mut Wire, keep: &Keep) -> Result<Pruned, StoreError> {
    const DELIVERIES: &str = "DELETE FROM deliveries WHERE number IN \
         (SELECT number FROM deliveries \
          WHERE (state IN ('delivered', 'superseded') AND done_at < $1) \
          OR (state = 'dead' AND done_at < $2) ORDER BY done_at LIMIT $3)";
    const NOTICES: &str = "DELETE FROM notices WHERE id IN \
         (SELECT id FROM notices WHERE made_at < $1 AND NOT EXISTS \
          (SELECT 1 FROM deliveries WHERE notice_id = notices.id) ORDER BY made_at LIMIT $2)";
    const ALERTS: &str = "DELETE FROM alerts WHERE id IN \
         (SELECT id FROM alerts WHERE ((state = 'cleared' AND ended_at < $1) \
          OR (state = 'closed' AND ended_at < $2)) AND NOT EXISTS \
          (SELECT 1 FROM notices WHERE alert_id = alerts.id) ORDER BY ended_at LIMIT $3)";
    // As long as any of them may be asked for, a notice is kept.
    let oldest = keep.delivered.max(keep.cleared).max(keep.closed);
    let most = i64::from(PRUNE_ROWS_MAX);
    let micros = Timestamp::as_micros;
    let query = sqlx::query(DELIVERIES);
    let query = query.bind(micros(keep.delivered)).bind(micros(keep.dead)).bind(most);
    let deliveries = wire.execute(query).await?;
    let query = sqlx::query(NOTICES).bind(micros(oldest)).bind(most);
    let notices = wire.execute(query).await?;
    let query = sqlx::query(ALERTS).bind(micros(keep.cleared)).bind(micros(keep.closed));
    let alerts = wire.execute(query.bind(most)).await?;
    let query = sqlx::query("DELETE FROM tallies WHERE hour < $1").bind(hour_of(keep.tallies));
    let tallies = wire.execute(query).await?;
    Ok(Pruned { deliveries, notices, alerts, tallies })
}

async fn move_cursors(wire: &mut Wire, moves: &[CursorMove]) -> Result<(), StoreError> {
    let mut sql =
        String::from("WITH moves (reader, partition, epoch, source, target, time, counts) AS (");
    values(
        &mut sql,
        moves.len(),
        &["TEXT", "BIGINT", "BIGINT", "BIGINT", "BIGINT", "BIGINT", "TEXT"],
    );
    sql.push_str(
        ") UPDATE cursors SET position = moves.target, time = moves.time, counts = moves.counts FROM moves \
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
            .bind(step.time.as_micros())
            .bind(json(&step.counts)?);
    }
    let moved = wire.execute(query).await?;
    if moved == moves.len() as u64 { Ok(()) } else { Err(who_is_fenced(wire, moves).await?) }
}

/// Names the first cursor that is not where its move says; undoes the change so far to see it.
async fn who_is_fenced(wire: &mut Wire, moves: &[CursorMove]) -> Result<StoreError, StoreError> {
    super::writer::undo(wire).await?;
    for step in moves {
        let found = sqlx::query_as(
            "SELECT epoch, position FROM cursors WHERE reader = $1 AND partition = $2",
        );
        let found = found.bind(&step.reader).bind(i64::from(step.partition));
        let found: Vec<(i64, i64)> = wire.rows(found).await?;
        if found != [(stored(step.epoch)?, stored(step.from)?)] {
            return Ok(fenced(step));
        }
    }
    Ok(StoreError::Unavailable("a cursor did not move, for no reason that shows".to_owned()))
}

async fn write_alerts(
    wire: &mut Wire,
    dialect: Dialect,
    alerts: &[Alert],
) -> Result<(), StoreError> {
    let mut sql = format!(
        "INSERT INTO alerts (id, signature, state, rule_id, host, team, environment, severity, \
         count, first_seen, last_seen, ended_at, live_until, cause, words, body, changed_at) \
         SELECT new.*, {} FROM (",
        dialect.clock()
    );
    let (t, n) = ("TEXT", "BIGINT");
    values(&mut sql, alerts.len(), &[t, t, t, t, t, t, t, n, n, n, n, n, n, t, t, t]);
    sql.push_str(
        ") AS new WHERE TRUE \
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, team = excluded.team, \
         environment = excluded.environment, severity = excluded.severity, \
         count = excluded.count, last_seen = excluded.last_seen, ended_at = excluded.ended_at, \
         live_until = excluded.live_until, words = excluded.words, body = excluded.body, \
         changed_at = excluded.changed_at",
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for alert in alerts {
        query = query
            .bind(&alert.id)
            .bind(text(&alert.signature))
            .bind(alert.state.name())
            .bind(&alert.rule.id)
            .bind(text(&alert.host))
            .bind(text(&alert.team))
            .bind(alert.environment.name())
            .bind(i64::from(alert.severity.number()))
            .bind(stored(alert.count)?)
            .bind(alert.first_seen.as_micros())
            .bind(alert.last_seen.as_micros())
            .bind(alert.ended_at.map(Timestamp::as_micros))
            .bind(live_until(alert).map(Timestamp::as_micros))
            .bind(alert.cause.to_string())
            .bind(text(&words(alert)))
            .bind(json(alert)?);
    }
    wire.execute(query).await.map(|_| ())
}

/// The ids of those that are new.
async fn write_notices(
    wire: &mut Wire,
    notices: &[(Notice, Vec<String>)],
) -> Result<HashSet<String>, StoreError> {
    let mut sql = String::from("INSERT INTO notices (id, alert_id, kind, made_at, body) ");
    values(&mut sql, notices.len(), &["TEXT", "TEXT", "TEXT", "BIGINT", "TEXT"]);
    sql.push_str(" ON CONFLICT (id) DO NOTHING RETURNING id");
    let mut query = sqlx::query_as(AssertSqlSafe(sql));
    for (notice, _) in notices {
        query = query
            .bind(&notice.id)
            .bind(&notice.alert.id)
            .bind(notice.kind.name())
            .bind(notice.at.as_micros())
            .bind(json(notice)?);
    }
    Ok(wire.rows(query).await?.into_iter().map(|(id,)| id).collect())
}

/// In the order of making, which is the order of their numbers.
async fn write_deliveries(
    wire: &mut Wire,
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
    wire.execute(query).await.map(|_| ())
}

async fn write_delivered(
    wire: &mut Wire,
    dialect: Dialect,
    delivered: &[Delivered],
) -> Result<(), StoreError> {
    let mut sql = String::from("WITH done (number, state, attempts, answer, done_at) AS (");
    values(&mut sql, delivered.len(), &["BIGINT", "TEXT", "BIGINT", "TEXT", "BIGINT"]);
    sql.push_str(&format!(
        ") UPDATE deliveries SET state = done.state, attempts = done.attempts, \
         answer = done.answer, done_at = done.done_at, changed_at = {} FROM done \
         WHERE deliveries.number = done.number",
        dialect.clock()
    ));
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for one in delivered {
        let done_at = (one.state != DeliveryState::Waiting).then_some(one.at.as_micros());
        query = query
            .bind(one.number)
            .bind(one.state.name())
            .bind(i64::from(one.attempts))
            .bind(one.answer.as_deref().map(text))
            .bind(done_at);
    }
    wire.execute(query).await.map(|_| ())
}
