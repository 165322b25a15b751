//! Sessions, attempts to sign in and the audit as SQL. From: the API, inside the writer's
//! savepoint. To: their tables; the audit is inserted into, and nothing else.

use mutt_event::Timestamp;
use sqlx::AssertSqlSafe;

use super::groups::{groups, values};
use super::rows::{stored, text, unsigned};
use super::wire::Wire;
use super::writer::Work;
use crate::people::{ATTEMPTS_FORGOTTEN, AUDIT_START, FREE_ATTEMPTS, lock_after};
use crate::{
    AuditEntry, AuditQuery, AuditRow, Ending, People, PeopleChange, SESSIONS_MAX, Session,
    SignInAttempt, SqlStore, StoreError, Urgency,
};

/// The most rows in one statement.
const ROWS_MAX: usize = 32;
/// So many failures lock for the longest time.
const FAILURES_MOST: u32 = 10;

type SessionRow = (String, String, i64, i64, i64, String);

/// Makes a change true; answers how many sessions ended.
pub(super) async fn apply(wire: &mut Wire, change: &PeopleChange) -> Result<u64, StoreError> {
    let mut ended = 0;
    if let Some(ending) = &change.end {
        ended = end(wire, ending).await?;
    }
    if let Some(session) = &change.open {
        open(wire, session).await?;
    }
    if let Some((digest, at)) = &change.used {
        let used = sqlx::query("UPDATE sessions SET used_at = $2 WHERE digest = $1");
        wire.execute(used.bind(digest).bind(at.as_micros())).await?;
    }
    if let Some(name) = &change.forgive {
        let forgive = sqlx::query("DELETE FROM sign_ins WHERE name = $1").bind(text(name));
        wire.execute(forgive).await?;
    }
    append(wire, &change.audit).await?;
    Ok(ended)
}

async fn end(wire: &mut Wire, ending: &Ending) -> Result<u64, StoreError> {
    let query = match ending {
        Ending::One(digest) => sqlx::query("DELETE FROM sessions WHERE digest = $1").bind(digest),
        Ending::AllOf(who) => sqlx::query("DELETE FROM sessions WHERE who = $1").bind(text(who)),
    };
    wire.execute(query).await
}

/// Adds it, and takes away what is over and what a person has too many of.
async fn open(wire: &mut Wire, session: &Session) -> Result<(), StoreError> {
    let over = sqlx::query("DELETE FROM sessions WHERE ends_at <= $1");
    wire.execute(over.bind(session.made_at.as_micros())).await?;
    let insert = sqlx::query(
        "INSERT INTO sessions (digest, who, made_at, used_at, ends_at, body) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&session.digest)
    .bind(text(&session.who))
    .bind(session.made_at.as_micros())
    .bind(session.used_at.as_micros())
    .bind(session.ends_at.as_micros())
    .bind(text(&session.body));
    wire.execute(insert).await?;
    let many = sqlx::query(
        "DELETE FROM sessions WHERE who = $1 AND digest NOT IN (SELECT digest FROM sessions \
         WHERE who = $1 ORDER BY made_at DESC, digest LIMIT $2)",
    );
    wire.execute(many.bind(text(&session.who)).bind(i64::from(SESSIONS_MAX))).await.map(|_| ())
}

/// Appends to the audit, behind its last row, which nobody else does meanwhile: see
/// `Dialect::audit_lock`.
pub(super) async fn append(wire: &mut Wire, entries: &[AuditEntry]) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let last = sqlx::query_as("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1");
    let last: Option<(i64, String)> = wire.rows(last).await?.pop();
    let (mut number, mut hash) = match last {
        Some((number, hash)) => (unsigned(number)?, hash),
        None => (0, AUDIT_START.to_owned()),
    };
    for entries in groups(entries, ROWS_MAX) {
        let mut sql = String::from("INSERT INTO audit (number, at, who, what, item, body, hash) ");
        let types = ["BIGINT", "BIGINT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT"];
        values(&mut sql, entries.len(), &types);
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for entry in entries {
            let row = AuditRow::next(number, &hash, entry);
            (number, hash) = (row.number, row.hash.clone());
            query = query
                .bind(stored(row.number)?)
                .bind(entry.at.as_micros())
                .bind(text(&entry.who))
                .bind(text(&entry.what))
                .bind(text(&entry.item))
                .bind(row.body)
                .bind(row.hash);
        }
        wire.execute(query).await?;
    }
    Ok(())
}

/// Counts an attempt, unless the name is locked; one statement, so that of many at a time no more
/// than are free get through.
pub(super) async fn attempt(
    wire: &mut Wire,
    name: &str,
    at: Timestamp,
) -> Result<SignInAttempt, StoreError> {
    let locks: Vec<String> = (FREE_ATTEMPTS..=FAILURES_MOST)
        .map(|failures| {
            format!(
                "WHEN sign_ins.failures <= {failures} THEN {}",
                lock_after(failures).as_micros()
            )
        })
        .collect();
    let longest = lock_after(FAILURES_MOST).as_micros();
    let sql = format!(
        "INSERT INTO sign_ins (name, failures, last_at) VALUES ($1, 1, $2) \
         ON CONFLICT (name) DO UPDATE SET last_at = excluded.last_at, \
         failures = CASE WHEN sign_ins.last_at < $3 THEN 1 ELSE sign_ins.failures + 1 END \
         WHERE sign_ins.failures < {FREE_ATTEMPTS} OR sign_ins.last_at < $3 \
         OR sign_ins.last_at + CASE {} ELSE {longest} END <= $2 RETURNING failures",
        locks.join(" ")
    );
    let forgotten = at.before(ATTEMPTS_FORGOTTEN).as_micros();
    let old = sqlx::query("DELETE FROM sign_ins WHERE last_at < $1").bind(forgotten);
    wire.execute(old).await?;
    let count = sqlx::query_as(AssertSqlSafe(sql));
    let count = count.bind(text(name)).bind(at.as_micros()).bind(forgotten);
    let counted: Vec<(i64,)> = wire.rows(count).await?;
    if !counted.is_empty() {
        return Ok(SignInAttempt::Free);
    }
    let locked = sqlx::query_as("SELECT failures, last_at FROM sign_ins WHERE name = $1");
    let locked: Option<(i64, i64)> = wire.rows(locked.bind(text(name))).await?.pop();
    Ok(locked.map_or(SignInAttempt::Free, |(failures, last_at)| {
        let lock = lock_after(u32::try_from(failures).unwrap_or(u32::MAX));
        SignInAttempt::Locked(Timestamp::from_micros(last_at).after(lock))
    }))
}

fn session((digest, who, made_at, used_at, ends_at, body): SessionRow) -> Session {
    let time = Timestamp::from_micros;
    let (made_at, used_at, ends_at) = (time(made_at), time(used_at), time(ends_at));
    Session { digest, who, made_at, used_at, ends_at, body }
}

impl People for SqlStore {
    async fn people(&self, change: PeopleChange) -> Result<u64, StoreError> {
        Ok(self.ask(Urgency::Person, Work::People(Box::new(change))).await?.ended)
    }

    async fn session(&self, digest: &str) -> Result<Option<Session>, StoreError> {
        let query = sqlx::query_as(
            "SELECT digest, who, made_at, used_at, ends_at, body FROM sessions WHERE digest = $1",
        );
        let found: Vec<SessionRow> = self.readers.rows(query.bind(text(digest))).await?;
        Ok(found.into_iter().next().map(session))
    }

    async fn attempt(&self, name: &str, at: Timestamp) -> Result<SignInAttempt, StoreError> {
        let work = Work::Attempt { name: name.to_owned(), at };
        let attempt = self.ask(Urgency::Person, work).await?.attempt;
        attempt.ok_or_else(|| StoreError::Unavailable("no answer about a sign-in".to_owned()))
    }

    async fn audit(&self, query: AuditQuery) -> Result<Vec<AuditRow>, StoreError> {
        let order = if query.above.is_some() { "" } else { " DESC" };
        let mut sql = String::from(
            "SELECT number, body, hash FROM audit \
             WHERE number > $1 AND number < $2 AND at >= $3 AND at < $4",
        );
        let mut words = Vec::new();
        for (column, word) in [("who", &query.who), ("what", &query.what)] {
            if let Some(word) = word {
                words.push(text(word));
                sql += &format!(" AND {column} = ${}", 5 + words.len());
            }
        }
        sql += &format!(" ORDER BY number{order} LIMIT $5");
        let number = |number: Option<u64>, other: i64| {
            number.map_or(other, |number| i64::try_from(number).unwrap_or(i64::MAX))
        };
        let micros = |at: Option<Timestamp>, other: i64| at.map_or(other, |at| at.as_micros());
        let mut asked = sqlx::query_as(AssertSqlSafe(sql))
            .bind(number(query.above, 0))
            .bind(number(query.below, i64::MAX))
            .bind(micros(query.since, i64::MIN))
            .bind(micros(query.until, i64::MAX))
            .bind(i64::from(query.limit));
        for word in words {
            asked = asked.bind(word);
        }
        let rows: Vec<(i64, String, String)> = self.readers.rows(asked).await?;
        let row = |(number, body, hash)| Ok(AuditRow { number: unsigned(number)?, body, hash });
        rows.into_iter().map(row).collect()
    }
}
