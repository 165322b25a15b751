//! All in which SQLite and PostgreSQL differ: how a connection is prepared, how a transaction
//! begins, where the migrations are, what an error code means.
//!
//! From: the rest of this folder, which is the same for both. To: the database that is open.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgDatabaseError;

use super::Options;
use crate::StoreError;

// Expand, then contract: a migration only adds what the program before it can do without, and a
// later release takes away what none uses any more. So two versions share a server for a while.
// Both folders hold the same numbers, and each number means the same tables.
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Which database it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dialect {
    /// One file.
    Sqlite,
    /// A server, which others use too and whose connections get lost.
    Postgres,
}

impl Dialect {
    pub(super) fn migrations(self) -> &'static Migrator {
        match self {
            Dialect::Sqlite => &SQLITE,
            Dialect::Postgres => &POSTGRES,
        }
    }

    /// Begins the writer's transaction.
    pub(super) fn begin(self) -> &'static str {
        match self {
            // The lock is taken now, not at the first write, when it could not be waited for.
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            // Whatever the role's default is: who waited for a row must see what it became.
            Dialect::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
        }
    }

    /// The database's clock now, in microseconds since 1970-01-01T00:00:00Z. SQLite's is the
    /// process's own, to the millisecond; a server's is asked anew, not as of the transaction's
    /// beginning.
    pub(super) fn clock(self) -> &'static str {
        match self {
            Dialect::Sqlite => "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
            Dialect::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
        }
    }

    /// Keeps others from appending to the audit until the transaction is over; taken first, so that
    /// two transactions never wait for each other.
    pub(super) fn audit_lock(self) -> Option<&'static str> {
        match self {
            // Only one transaction writes at a time.
            Dialect::Sqlite => None,
            // A number of MUTT's own.
            Dialect::Postgres => Some("SELECT CAST(pg_advisory_xact_lock(1836414068) AS TEXT)"),
        }
    }

    /// Whether two columns that hold signatures are the same, as their index knows it.
    pub(super) fn same_text(self, one: &str, other: &str) -> String {
        match self {
            Dialect::Sqlite => format!("{one} = {other}"),
            Dialect::Postgres => format!("text_digest({one}) = text_digest({other})"),
        }
    }

    /// Ends a query whose rows nobody shall change before the transaction is over.
    pub(super) fn share_lock(self) -> &'static str {
        match self {
            // Only one transaction writes at a time.
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR SHARE",
        }
    }

    /// What prepares a connection that writes.
    pub(super) fn writing(self, options: &Options) -> Vec<String> {
        let mut commands = self.reading(options);
        if self == Dialect::Sqlite {
            commands.extend([
                "PRAGMA foreign_keys = ON".to_owned(),
                "PRAGMA journal_mode = WAL".to_owned(),
                "PRAGMA synchronous = FULL".to_owned(),
                format!("PRAGMA journal_size_limit = {}", options.wal_bytes),
                "PRAGMA wal_autocheckpoint = 1000".to_owned(),
                "PRAGMA cache_size = -16384".to_owned(),
            ]);
        }
        commands
    }

    /// What prepares a connection that only reads.
    pub(super) fn reading(self, options: &Options) -> Vec<String> {
        let lock = options.busy_timeout.as_millis();
        match self {
            Dialect::Sqlite => vec![format!("PRAGMA busy_timeout = {lock}")],
            Dialect::Postgres => {
                let statement = options.statement_timeout.as_millis();
                vec![
                    // So that who looks at pg_stat_activity knows whose it is.
                    "SET application_name = 'mutt'".to_owned(),
                    format!("SET lock_timeout = {lock}"),
                    format!("SET statement_timeout = {statement}"),
                    // A machine that froze in mid-transaction must not hold its rows for ever.
                    format!("SET idle_in_transaction_session_timeout = {}", 2 * statement),
                    // Only `off` is overruled: it would answer before the sync.
                    "SELECT set_config('synchronous_commit', 'on', false) \
                     WHERE current_setting('synchronous_commit') = 'off'"
                        .to_owned(),
                ]
            }
        }
    }

    /// What prepares it for migrations and backups, which may take longer than any step of a
    /// worker.
    pub(super) fn patient(self) -> &'static [&'static str] {
        match self {
            Dialect::Sqlite => &[],
            Dialect::Postgres => {
                &["SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0"]
            }
        }
    }

    /// Begins a transaction that sees the tables as they are at its first question.
    pub(super) fn snapshot(self) -> &'static str {
        match self {
            Dialect::Sqlite => "BEGIN",
            Dialect::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// The function that makes a list of values in JSON.
    pub(super) fn json_array(self) -> &'static str {
        match self {
            Dialect::Sqlite => "json_array",
            Dialect::Postgres => "json_build_array",
        }
    }

    /// How `INSERT` takes columns that the database counts itself, and where the rows of a list of
    /// lists, the argument, come from.
    pub(super) fn json_rows(self) -> (&'static str, &'static str) {
        match self {
            Dialect::Sqlite => ("", "json_each($1)"),
            Dialect::Postgres => {
                ("OVERRIDING SYSTEM VALUE", "json_array_elements(CAST($1 AS json)) AS each(value)")
            }
        }
    }

    /// A value of such a row, by its place.
    pub(super) fn json_value(self, place: usize, number: bool) -> String {
        match (self, number) {
            (Dialect::Sqlite, _) => format!("json_extract(value, '$[{place}]')"),
            (Dialect::Postgres, true) => format!("CAST(value->>{place} AS BIGINT)"),
            (Dialect::Postgres, false) => format!("value->>{place}"),
        }
    }

    /// Asks for a table's columns: name, type and whether the database counts it, in one text.
    pub(super) fn columns(self, table: &str) -> String {
        match self {
            Dialect::Sqlite => format!(
                "SELECT name || ' ' || type || CASE WHEN name = 'number' AND EXISTS \
                 (SELECT 1 FROM sqlite_master WHERE name = '{table}' AND sql LIKE '%AUTOINCREMENT%') \
                 THEN ' YES' ELSE ' NO' END FROM pragma_table_info('{table}') ORDER BY cid"
            ),
            Dialect::Postgres => format!(
                "SELECT column_name || ' ' || data_type || ' ' || is_identity \
                 FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = '{table}' \
                 ORDER BY ordinal_position"
            ),
        }
    }

    /// Asks for the number that a row of a table got last, 0 before the first.
    pub(super) fn last_number(self, table: &str) -> String {
        match self {
            Dialect::Sqlite => {
                format!("SELECT CAST(seq AS TEXT) FROM sqlite_sequence WHERE name = '{table}'")
            }
            Dialect::Postgres => format!(
                "SELECT CAST(COALESCE(pg_sequence_last_value(\
                 pg_get_serial_sequence('{table}', 'number')), 0) AS TEXT)"
            ),
        }
    }

    /// Lets a table's next row get a number above `last`.
    pub(super) fn set_last_number(self, table: &str, last: i64) -> Vec<String> {
        match self {
            Dialect::Sqlite => vec![
                format!("DELETE FROM sqlite_sequence WHERE name = '{table}'"),
                format!("INSERT INTO sqlite_sequence (name, seq) VALUES ('{table}', {last})"),
            ],
            Dialect::Postgres if last < 1 => Vec::new(),
            Dialect::Postgres => vec![format!(
                "SELECT CAST(setval(pg_get_serial_sequence('{table}', 'number'), {last}) AS TEXT)"
            )],
        }
    }

    /// Asks for the encoding of text, which has to be UTF-8; a file of SQLite's always is for us.
    pub(super) fn encoding(self) -> Option<&'static str> {
        match self {
            Dialect::Sqlite => None,
            Dialect::Postgres => Some("SELECT current_setting('server_encoding')"),
        }
    }
}

// Primary result codes, https://www.sqlite.org/rescode.html
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CONSTRAINT: i32 = 19;
const NOT_A_DATABASE: i32 = 26;
/// SQLITE_IOERR_SHMSIZE: no room for the index of the write-ahead log.
const NO_ROOM_FOR_INDEX: i32 = 4874;

fn sqlite(code: i32) -> fn(String) -> StoreError {
    match (code, code & 0xff) {
        (NO_ROOM_FOR_INDEX, _) | (_, FULL) => StoreError::Full,
        (_, CORRUPT | CONSTRAINT | NOT_A_DATABASE) => StoreError::Damaged,
        _ => StoreError::Unavailable,
    }
}

/// By SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
fn postgres(code: &str) -> fn(String) -> StoreError {
    match (code, code.get(..2).unwrap_or_default()) {
        ("53100", _) => StoreError::Full,
        // What was asked does not fit: values, constraints, tables, limits; or pages are corrupt.
        (_, "21" | "22" | "23" | "42" | "54" | "XX") => StoreError::Damaged,
        // Lost connections, shutdowns, timeouts, deadlocks, serialization, a standby: try again.
        _ => StoreError::Unavailable,
    }
}

/// Tells what an error means for the caller.
pub(super) fn error(fault: sqlx::Error) -> StoreError {
    let text = fault.to_string();
    match &fault {
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::Encode(_)
        | sqlx::Error::AnyDriverError(_)
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. } => StoreError::Damaged(text),
        sqlx::Error::Database(answer) => match answer.try_downcast_ref::<PgDatabaseError>() {
            Some(answer) => postgres(answer.code())(text),
            None => {
                let code = answer.code().and_then(|code| code.parse().ok());
                code.map_or(StoreError::Unavailable as fn(String) -> StoreError, sqlite)(text)
            }
        },
        _ => StoreError::Unavailable(text),
    }
}

pub(super) fn migration(fault: MigrateError) -> StoreError {
    match fault {
        MigrateError::Execute(fault) | MigrateError::ExecuteMigration(fault, _) => error(fault),
        MigrateError::VersionMissing(version) => StoreError::Damaged(format!(
            "its tables are of version {version}, which this program does not know: \
             run the newer program that made it"
        )),
        other => StoreError::Damaged(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_postgresql_say_whose_fault_it_is() {
        let means = |code: &str| postgres(code)(String::new());
        assert_eq!(means("53100"), StoreError::Full(String::new()));
        for code in ["23505", "23503", "22021", "21000", "42P01", "54000", "XX001"] {
            assert_eq!(means(code), StoreError::Damaged(String::new()), "{code}");
        }
        let again = ["40001", "40P01", "57014", "57P01", "57P03", "08006", "53300", "55P03"];
        for code in again.into_iter().chain(["25006", "28P01", "3D000", ""]) {
            assert_eq!(means(code), StoreError::Unavailable(String::new()), "{code}");
        }
    }
}
