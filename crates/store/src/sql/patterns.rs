//! Patterns as SQL. From: a change, inside the writer's savepoint; questions of people and of the
//! judge. To: their tables.

use mutt_patterns::{Account, Pattern, PatternDecided, PatternId};
use sqlx::AssertSqlSafe;

use super::groups::{groups, runs, values};
use super::history::Where;
use super::rows::{json, stored, text, value};
use super::wire::{Readers, Wire};
use crate::StoreError;
use crate::history::PAGE_ROWS_MAX;
use crate::patterns::{PatternChange, PatternQuery, PatternSort, late, line, lines, words};

/// The most rows in one statement.
const ROWS_MAX: usize = 32;

/// The row of what was counted.
const ACCOUNT: i64 = 1;

/// Writes all of it.
pub(super) async fn apply(wire: &mut Wire, change: &PatternChange) -> Result<(), StoreError> {
    for gone in groups(&change.gone, ROWS_MAX) {
        delete(wire, gone).await?;
    }
    for run in runs(&change.kept, |pattern| pattern.id) {
        for kept in groups(run, ROWS_MAX) {
            write(wire, kept).await?;
        }
    }
    if let Some(account) = &change.account {
        let query = sqlx::query(
            "INSERT INTO mining (id, body) VALUES ($1, $2) \
             ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        );
        wire.execute(query.bind(ACCOUNT).bind(json(account)?)).await?;
    }
    for decided in &change.decide {
        let query = sqlx::query("INSERT INTO pattern_decisions (body) VALUES ($1)");
        wire.execute(query.bind(json(decided)?)).await?;
    }
    for number in &change.decided {
        let query = sqlx::query("DELETE FROM pattern_decisions WHERE number = $1").bind(*number);
        wire.execute(query).await?;
    }
    Ok(())
}

async fn delete(wire: &mut Wire, gone: &[PatternId]) -> Result<(), StoreError> {
    let mut sql = String::from("WITH gone (id) AS (");
    values(&mut sql, gone.len(), &["TEXT"]);
    sql.push_str(") DELETE FROM patterns WHERE id IN (SELECT id FROM gone)");
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for id in gone {
        query = query.bind(id.to_string());
    }
    wire.execute(query).await.map(|_| ())
}

async fn write(wire: &mut Wire, patterns: &[Pattern]) -> Result<(), StoreError> {
    let mut sql = String::from(
        "INSERT INTO patterns (id, key, state, count, first_seen, last_seen, hour, hour_count, \
         before_count, hosts, teams, words, aliases, body) ",
    );
    let (t, n) = ("TEXT", "BIGINT");
    values(&mut sql, patterns.len(), &[t, t, t, n, n, n, n, n, n, t, t, t, t, t]);
    sql.push_str(
        " ON CONFLICT (id) DO UPDATE SET state = excluded.state, count = excluded.count, \
         first_seen = excluded.first_seen, last_seen = excluded.last_seen, hour = excluded.hour, \
         hour_count = excluded.hour_count, before_count = excluded.before_count, \
         hosts = excluded.hosts, teams = excluded.teams, words = excluded.words, \
         aliases = excluded.aliases, body = excluded.body",
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for pattern in patterns {
        let (hour, hour_count, before_count) = late(pattern);
        let aliases: Vec<String> = pattern.aliases.iter().map(ToString::to_string).collect();
        query = query
            .bind(pattern.id.to_string())
            .bind(text(&pattern.key))
            .bind(pattern.state.name())
            .bind(stored(pattern.count)?)
            .bind(pattern.first_seen.as_micros())
            .bind(pattern.last_seen.as_micros())
            .bind(hour)
            .bind(stored(hour_count)?)
            .bind(stored(before_count)?)
            .bind(text(&lines(pattern.hosts.names.keys())))
            .bind(text(&lines(pattern.teams.names.keys())))
            .bind(text(&words(pattern)))
            .bind(aliases.join(" "))
            .bind(json(pattern)?);
    }
    wire.execute(query).await.map(|_| ())
}

/// All of them; see [`crate::Database::patterns`].
pub(super) async fn all(readers: &Readers) -> Result<Vec<Pattern>, StoreError> {
    read(readers.rows(sqlx::query_as("SELECT body FROM patterns ORDER BY id")).await?)
}

/// What was counted; see [`crate::Database::mining`].
pub(super) async fn mining(readers: &Readers) -> Result<Account, StoreError> {
    let rows = sqlx::query_as("SELECT body FROM mining WHERE id = $1").bind(ACCOUNT);
    let found: Vec<(String,)> = readers.rows(rows).await?;
    found.first().map_or(Ok(Account::default()), |(body,)| value(body))
}

/// What waits for the judge; see [`crate::Database::pattern_decisions`].
pub(super) async fn decisions(
    readers: &Readers,
    limit: u32,
) -> Result<Vec<(i64, PatternDecided)>, StoreError> {
    let rows =
        sqlx::query_as("SELECT number, body FROM pattern_decisions ORDER BY number LIMIT $1")
            .bind(i64::from(limit));
    let found: Vec<(i64, String)> = readers.rows(rows).await?;
    found.into_iter().map(|(number, body)| Ok((number, value(&body)?))).collect()
}

/// A page; see [`crate::History::found_patterns`].
pub(super) async fn find(
    readers: &Readers,
    query: &PatternQuery,
) -> Result<Vec<Pattern>, StoreError> {
    let by = by(query);
    let mut all = Where::one_of("state", &query.states);
    all.text("key = ?", query.key.as_ref());
    for (sql, name) in [("hosts", &query.host), ("teams", &query.team)] {
        all.holds(sql, name.as_deref().map(line).as_deref());
    }
    all.holds("words", query.text.as_deref());
    all.behind(&by, query.before.map(|(value, id)| (value, id.to_string())));
    let order = format!("{by} DESC, id DESC");
    read(all.bodies(readers, "patterns", &order, query.limit.min(PAGE_ROWS_MAX)).await?)
}

fn by(query: &PatternQuery) -> String {
    match query.sort {
        PatternSort::Count => "count".to_owned(),
        PatternSort::FirstSeen => "first_seen".to_owned(),
        PatternSort::LastSeen => "last_seen".to_owned(),
        PatternSort::LastHour => {
            let (hour, before) = (query.hour, query.hour.saturating_sub(1));
            format!(
                "CASE WHEN hour >= {hour} THEN hour_count + before_count \
                 WHEN hour = {before} THEN hour_count ELSE 0 END"
            )
        }
    }
}

/// One by its id, or by that of one that became one with it; see [`crate::History::pattern`].
pub(super) async fn one(readers: &Readers, id: PatternId) -> Result<Option<Pattern>, StoreError> {
    let rows = sqlx::query_as("SELECT body FROM patterns WHERE id = $1").bind(id.to_string());
    if let Some(found) = read(readers.rows(rows).await?)?.pop() {
        return Ok(Some(found));
    }
    // All rows are looked at; only an old link asks for an alias.
    let rows = sqlx::query_as(
        "SELECT body FROM patterns WHERE aliases LIKE $1 ORDER BY last_seen DESC, id LIMIT 1",
    );
    let rows = readers.rows(rows.bind(format!("%{id}%"))).await?;
    Ok(read(rows)?.pop())
}

fn read(bodies: Vec<(String,)>) -> Result<Vec<Pattern>, StoreError> {
    bodies.into_iter().map(|(body,)| value(&body)).collect()
}
