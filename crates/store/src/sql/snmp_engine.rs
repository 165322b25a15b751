//! MUTT as an SNMP engine, as all processes over one database know it.
//!
//! From: whoever listens for informs. To: one row. Nobody counts boots up at a start: what a process
//! learns is so for all, and stays so, unless the database's clock falls behind the epoch.

use std::time::Duration;

use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::rows::unsigned;
use super::wire::Wire;
use super::writer::Work;
use crate::{SqlStore, StoreError, Urgency};

/// Who MUTT is to senders of informs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnmpEngine {
    /// snmpEngineID in hexadecimal.
    pub engine: String,
    /// snmpEngineBoots.
    pub boots: u32,
    /// How long ago its time was 0, by the database's clock.
    pub age: Duration,
}

impl SqlStore {
    /// The engine; the first who asks gives it the id `proposed`. With `keep` the id is `proposed`
    /// from now on, whatever it was.
    ///
    /// # Errors
    /// The database does not do it.
    pub async fn snmp_engine(&self, proposed: &str, keep: bool) -> Result<SnmpEngine, StoreError> {
        let work = Work::SnmpEngine { proposed: proposed.to_owned(), keep };
        let engine = self.ask(Urgency::Worker, work).await?.engine;
        engine.ok_or_else(|| StoreError::Unavailable("no answer about an engine".to_owned()))
    }
}

pub(super) async fn ask(
    wire: &mut Wire,
    dialect: Dialect,
    (proposed, keep): (&str, bool),
) -> Result<SnmpEngine, StoreError> {
    let now = dialect.clock();
    let make = sqlx::query(AssertSqlSafe(format!(
        "INSERT INTO snmp_engine (name, engine, boots, epoch) VALUES ('mutt', $1, 1, {now}) \
         ON CONFLICT (name) DO NOTHING"
    )));
    wire.execute(make.bind(proposed.to_owned())).await?;
    if keep {
        let name = sqlx::query("UPDATE snmp_engine SET engine = $1 WHERE engine <> $1");
        wire.execute(name.bind(proposed.to_owned())).await?;
    }
    // Its time must never fall back under the same boots (RFC 3414 section 2.2.2).
    let boot =
        format!("UPDATE snmp_engine SET boots = boots + 1, epoch = {now} WHERE epoch > {now}");
    wire.execute(sqlx::query(AssertSqlSafe(boot))).await?;
    let read = format!("SELECT engine, boots, {now} - epoch FROM snmp_engine");
    let rows: Vec<(String, i64, i64)> = wire.rows(sqlx::query_as(AssertSqlSafe(read))).await?;
    let gone = || StoreError::Unavailable("the SNMP engine was there, and is not".to_owned());
    let (engine, boots, age) = rows.into_iter().next().ok_or_else(gone)?;
    let age = Duration::from_micros(age.max(0).unsigned_abs());
    Ok(SnmpEngine { engine, boots: unsigned(boots)?, age })
}
