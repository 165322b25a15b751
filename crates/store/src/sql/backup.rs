//! A whole database as lines of JSON, and back: whichever of the two it is, and was.
//!
//! From: the tables, as they are at one moment, while others write to them. To: a writer; and from
//! a reader into empty tables, all or nothing.

use std::io::{BufRead, Read, Write};

use mutt_event::Timestamp;

use super::Options;
use super::rows;
use super::wire::{Target, Wire};
use crate::StoreError;
use crate::backup::{BackupError, Copied, FORMAT, Line, Place};

/// All tables, each after those that it refers to.
pub(super) const TABLES: [&str; 22] = [
    "cursors",
    "leases",
    "items",
    "revisions",
    "revision_items",
    "alerts",
    "notices",
    "deliveries",
    "moments",
    "decisions",
    "tracks",
    "tallies",
    "patterns",
    "mining",
    "pattern_decisions",
    "signals",
    "posted",
    "snmp_engine",
    "sessions",
    "sign_ins",
    "audit",
    "reports",
];

/// A line has at most so many bytes: no row of MUTT's is near it.
const LINE_MAX: u64 = 64 << 20;
/// Rows that are inserted at once take about so many bytes.
const CHUNK_BYTES: usize = 1 << 20;

/// Writes all that a database holds, as it is at one moment; others may write to it meanwhile.
///
/// # Errors
/// If there is no database, it cannot be read, or `out` not be written.
pub async fn write(
    place: Place<'_>,
    options: &Options,
    made_at: Timestamp,
    out: &mut impl Write,
) -> Result<Copied, BackupError> {
    let target = target(place, options, false)?;
    let mut wire = target.connect().await.map_err(|fault| rows::at(target.name(), fault))?;
    wire.be_patient(target.dialect).await?;
    wire.command(target.dialect.snapshot()).await?;
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let tables = version(&mut wire).await?;
    line(out, &Line::Backup { format: FORMAT, tables, program, made_at: made_at.to_string() })?;
    let mut copied = Copied::default();
    for table in TABLES {
        copied.rows += write_table(&target, &mut wire, table, out).await?;
        copied.tables += 1;
    }
    line(out, &Line::End { rows: copied.rows })?;
    wire.close().await?;
    Ok(copied)
}

async fn write_table(
    target: &Target,
    wire: &mut Wire,
    table: &str,
    out: &mut impl Write,
) -> Result<u64, BackupError> {
    let columns = columns(target, wire, table).await?;
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let last = match columns.iter().any(|column| column.counted) {
        true => Some(last_number(target, wire, table).await?),
        false => None,
    };
    line(out, &Line::Table { name: table.to_owned(), columns: names.clone(), last })?;
    let array = target.dialect.json_array();
    let sql = format!("SELECT CAST({array}({}) AS TEXT) FROM {table}", quoted(&names));
    let mut rows = 0;
    let mut failed = None;
    wire.each(sql, |row| {
        rows += 1;
        // The database may lay a list out over lines.
        let written = match row.contains('\n') {
            false => out.write_all(row.as_bytes()),
            true => out.write_all(row.replace('\n', " ").as_bytes()),
        };
        failed = written.and_then(|()| out.write_all(b"\n")).err();
        failed.is_none()
    })
    .await?;
    failed.map_or(Ok(rows), |fault| Err(fault.into()))
}

/// Fills empty tables with what [`write`] wrote; makes the file, and the tables, if they are missing.
/// Leases are free afterwards: whoever held one held it of another database; nobody is signed in.
///
/// # Errors
/// If the tables are not empty, or the backup is of another version, damaged or cut short: then
/// nothing is restored.
pub async fn restore(
    place: Place<'_>,
    options: &Options,
    lines: &mut impl BufRead,
) -> Result<Copied, BackupError> {
    let target = target(place, options, true)?;
    let mut wire = target.tables().await.map_err(|fault| rows::at(target.name(), fault))?;
    wire.be_patient(target.dialect).await?;
    wire.command(target.dialect.begin()).await?;
    for table in TABLES {
        let some = wire.texts(format!("SELECT '1' FROM {table} LIMIT 1")).await?;
        if !some.is_empty() {
            return Err(BackupError::NotEmpty(table.to_owned()));
        }
    }
    let mut reading = Reading { lines, number: 0 };
    let tables = version(&mut wire).await?;
    reading.head(tables)?;
    let copied = fill(&target, &mut wire, &mut reading).await?;
    // Whoever was signed in was so at another MUTT.
    wire.command("DELETE FROM sessions").await?;
    // Those who reported run over another database.
    wire.command("DELETE FROM reports").await?;
    wire.command("UPDATE leases SET holder = '', until = 0").await?;
    wire.command("COMMIT").await?;
    wire.close().await?;
    Ok(copied)
}

async fn fill(
    target: &Target,
    wire: &mut Wire,
    reading: &mut Reading<'_, impl BufRead>,
) -> Result<Copied, BackupError> {
    let mut copied = Copied::default();
    let mut into: Option<Insert> = None;
    loop {
        let text = reading.next()?.ok_or_else(|| reading.wrong("it ends too early"))?;
        if text.starts_with('[') {
            copied.rows += 1;
            let Some(insert) = &mut into else {
                return Err(reading.wrong("a row before any table"));
            };
            insert.rows.push(text);
            insert.flush(wire, reading, CHUNK_BYTES).await?;
            continue;
        }
        if let Some(mut insert) = into.take() {
            insert.flush(wire, reading, 0).await?;
        }
        match reading.line(&text)? {
            Line::Table { name, columns, last } => {
                into = Some(Insert::new(target, wire, &name, columns, reading).await?);
                if let Some(last) = last {
                    set_last_number(target, wire, &name, last).await?;
                }
                copied.tables += 1;
            }
            Line::End { rows } if rows == copied.rows && reading.next()?.is_none() => {
                return Ok(copied);
            }
            Line::End { rows } => {
                let why = format!("{rows} rows are promised, {} were there", copied.rows);
                return Err(reading.wrong(&why));
            }
            Line::Backup { .. } => return Err(reading.wrong("a second beginning")),
        }
    }
}

/// Rows of one table on their way in.
struct Insert {
    sql: String,
    rows: Vec<String>,
}

impl Insert {
    async fn new(
        target: &Target,
        wire: &mut Wire,
        table: &str,
        given: Vec<String>,
        reading: &Reading<'_, impl BufRead>,
    ) -> Result<Self, BackupError> {
        let name = TABLES.into_iter().find(|name| *name == table);
        let name = name.ok_or_else(|| reading.wrong(&format!("no table `{table}` is known")))?;
        let columns = columns(target, wire, name).await?;
        let mut picked = Vec::with_capacity(given.len());
        for (place, given) in given.iter().enumerate() {
            let column = columns.iter().find(|column| column.name == *given);
            let column =
                column.ok_or_else(|| reading.wrong(&format!("no column `{given}` is known")))?;
            picked.push(target.dialect.json_value(place, column.number));
        }
        let (into, from) = target.dialect.json_rows();
        let sql = format!(
            "INSERT INTO {name} ({}) {into} SELECT {} FROM {from}",
            quoted(&given),
            picked.join(", ")
        );
        Ok(Self { sql, rows: Vec::new() })
    }

    /// Inserts what there is if it has at least so many bytes.
    async fn flush(
        &mut self,
        wire: &mut Wire,
        reading: &Reading<'_, impl BufRead>,
        at_least: usize,
    ) -> Result<(), BackupError> {
        let bytes: usize = self.rows.iter().map(String::len).sum();
        if self.rows.is_empty() || bytes < at_least {
            return Ok(());
        }
        let all = format!("[{}]", self.rows.join(","));
        self.rows.clear();
        wire.give(&self.sql, &all).await.map_err(|fault| match fault {
            StoreError::Damaged(why) => reading.wrong(&format!("rows up to here: {why}")),
            other => other.into(),
        })
    }
}

/// A backup as it is read.
struct Reading<'r, R> {
    lines: &'r mut R,
    number: u64,
}

impl<R: BufRead> Reading<'_, R> {
    fn next(&mut self) -> Result<Option<String>, BackupError> {
        let mut text = Vec::new();
        let bytes = self.lines.by_ref().take(LINE_MAX).read_until(b'\n', &mut text)?;
        self.number += 1;
        if bytes == 0 {
            return Ok(None);
        }
        if text.pop() != Some(b'\n') {
            return Err(self.wrong("it has no end"));
        }
        String::from_utf8(text).map(Some).map_err(|_| self.wrong("it is not UTF-8"))
    }

    fn line(&self, text: &str) -> Result<Line, BackupError> {
        serde_json::from_str(text).map_err(|fault| self.wrong(&fault.to_string()))
    }

    fn head(&mut self, expected: i64) -> Result<(), BackupError> {
        let text = self.next()?.ok_or_else(|| self.wrong("there is nothing"))?;
        match self.line(&text)? {
            Line::Backup { format: FORMAT, tables, .. } if tables == expected => Ok(()),
            Line::Backup { format: FORMAT, tables, program, .. } => {
                Err(BackupError::Version { found: tables, expected, program })
            }
            Line::Backup { format, .. } => {
                Err(self.wrong(&format!("format {format}, and this program knows {FORMAT}")))
            }
            _ => Err(self.wrong("no backup of MUTT's begins so")),
        }
    }

    fn wrong(&self, why: &str) -> BackupError {
        BackupError::Format { line: self.number, why: why.to_owned() }
    }
}

fn target(place: Place<'_>, options: &Options, write: bool) -> Result<Target, BackupError> {
    Ok(match place {
        Place::File(path) => {
            let target = Target::file(path, options, write);
            target.map_err(|fault| rows::at(&path.display().to_string(), fault))?
        }
        Place::Server(urls) => Target::server(urls, options)?,
    })
}

/// A column of a table.
struct Column {
    name: String,
    /// Whether it holds numbers; text else.
    number: bool,
    /// Whether the database counts it itself.
    counted: bool,
}

async fn columns(
    target: &Target,
    wire: &mut Wire,
    table: &str,
) -> Result<Vec<Column>, BackupError> {
    let told = wire.texts(target.dialect.columns(table)).await?;
    let column = |text: String| {
        // Name, type, whether it is counted.
        let mut words = text.splitn(3, ' ');
        let name = words.next()?.to_owned();
        let number = matches!(words.next()?, "BIGINT" | "INTEGER" | "bigint");
        Some(Column { name, number, counted: words.next() == Some("YES") })
    };
    Ok(told.into_iter().filter_map(column).collect())
}

/// The number of the last migration.
async fn version(wire: &mut Wire) -> Result<i64, BackupError> {
    let sql = "SELECT CAST(MAX(version) AS TEXT) FROM _sqlx_migrations".to_owned();
    number(wire.texts(sql).await?)
}

async fn last_number(target: &Target, wire: &mut Wire, table: &str) -> Result<i64, BackupError> {
    number(wire.texts(target.dialect.last_number(table)).await?)
}

async fn set_last_number(
    target: &Target,
    wire: &mut Wire,
    table: &str,
    last: i64,
) -> Result<(), BackupError> {
    for sql in target.dialect.set_last_number(table, last) {
        wire.texts(sql).await?;
    }
    Ok(())
}

fn number(told: Vec<String>) -> Result<i64, BackupError> {
    let text = told.into_iter().next().unwrap_or_else(|| "0".to_owned());
    let wrong = |_| StoreError::Damaged(format!("`{text}` is no number"));
    Ok(text.parse().map_err(wrong)?)
}

fn quoted(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

fn line(out: &mut impl Write, line: &Line) -> Result<(), BackupError> {
    serde_json::to_writer(&mut *out, line).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}
