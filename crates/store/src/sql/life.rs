//! What an alert's life leaves beside it, as SQL: tracks, moments, decisions, numbers by the hour;
//! and patterns. From: a change, inside the writer's savepoint. To: their tables.

use mutt_alert::{Moment, TrackChange};
use sqlx::AssertSqlSafe;

use super::groups::{groups, runs, values};
use super::patterns;
use super::rows::{json, stored, text};
use super::wire::Wire;
use crate::{Change, StoreError, Tally};

/// The most rows in one statement.
const ROWS_MAX: usize = 64;

/// Writes all of it.
pub(super) async fn apply(wire: &mut Wire, change: &Change) -> Result<(), StoreError> {
    for run in runs(&change.tracks, |track| &track.key) {
        let kept: Vec<&TrackChange> = run.iter().filter(|track| track.track.is_some()).collect();
        let gone: Vec<&TrackChange> = run.iter().filter(|track| track.track.is_none()).collect();
        for tracks in groups(&kept, ROWS_MAX) {
            write_tracks(wire, tracks).await?;
        }
        for tracks in groups(&gone, ROWS_MAX) {
            delete_tracks(wire, tracks).await?;
        }
    }
    for moments in groups(&change.moments, ROWS_MAX) {
        write_moments(wire, moments).await?;
    }
    for run in runs(&change.tallies, |tally| (tally.hour, tally.kind, &tally.name)) {
        for tallies in groups(run, ROWS_MAX) {
            write_tallies(wire, tallies).await?;
        }
    }
    for decided in &change.decide {
        let query = sqlx::query("INSERT INTO decisions (body) VALUES ($1)").bind(json(decided)?);
        wire.execute(query).await?;
    }
    for number in &change.decided {
        let query = sqlx::query("DELETE FROM decisions WHERE number = $1").bind(*number);
        wire.execute(query).await?;
    }
    patterns::apply(wire, &change.patterns).await
}

async fn write_tracks(wire: &mut Wire, tracks: &[&TrackChange]) -> Result<(), StoreError> {
    let mut sql = String::from("INSERT INTO tracks (key, body) ");
    values(&mut sql, tracks.len(), &["TEXT", "TEXT"]);
    sql.push_str(" ON CONFLICT (key) DO UPDATE SET body = excluded.body");
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for change in tracks {
        query = query.bind(text(&change.key)).bind(json(&change.track)?);
    }
    wire.execute(query).await.map(|_| ())
}

async fn delete_tracks(wire: &mut Wire, tracks: &[&TrackChange]) -> Result<(), StoreError> {
    let mut sql = String::from("WITH gone (key) AS (");
    values(&mut sql, tracks.len(), &["TEXT"]);
    sql.push_str(") DELETE FROM tracks WHERE key IN (SELECT key FROM gone)");
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for change in tracks {
        query = query.bind(text(&change.key));
    }
    wire.execute(query).await.map(|_| ())
}

async fn write_moments(wire: &mut Wire, moments: &[Moment]) -> Result<(), StoreError> {
    let mut sql = String::from("INSERT INTO moments (alert_id, at, body) ");
    values(&mut sql, moments.len(), &["TEXT", "BIGINT", "TEXT"]);
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for moment in moments {
        query = query.bind(&moment.alert_id).bind(moment.at.as_micros()).bind(json(&moment.what)?);
    }
    wire.execute(query).await.map(|_| ())
}

async fn write_tallies(wire: &mut Wire, tallies: &[Tally]) -> Result<(), StoreError> {
    let mut sql = String::from("INSERT INTO tallies (hour, kind, name, value) ");
    values(&mut sql, tallies.len(), &["BIGINT", "TEXT", "TEXT", "BIGINT"]);
    sql.push_str(
        " ON CONFLICT (hour, kind, name) DO UPDATE SET value = tallies.value + excluded.value",
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for tally in tallies {
        query = query
            .bind(tally.hour)
            .bind(tally.kind.name())
            .bind(text(&tally.name))
            .bind(stored(tally.value)?);
    }
    wire.execute(query).await.map(|_| ())
}
