//! Rows become values, and SQLite's errors become ours. From: the tables. To: callers.

use std::path::Path;

use mutt_alert::Alert;
use serde::de::DeserializeOwned;
use sqlx::migrate::MigrateError;

use crate::{Cursor, Delivery, DeliveryState, StoreError};

// Primary result codes, https://www.sqlite.org/rescode.html
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CONSTRAINT: i32 = 19;
const NOT_A_DATABASE: i32 = 26;
/// SQLITE_IOERR_SHMSIZE: no room for the index of the write-ahead log.
const NO_ROOM_FOR_INDEX: i32 = 4874;

pub(super) type CursorRow = (String, i64, String, i64, i64, String);
pub(super) type DeliveryRow = (i64, String, String, i64, Option<String>, String);

/// Tells what an error means for the caller.
pub(super) fn error(fault: sqlx::Error) -> StoreError {
    let text = fault.to_string();
    match &fault {
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. } => StoreError::Damaged(text),
        sqlx::Error::Database(answer) => {
            let code = answer.code().and_then(|code| code.parse::<i32>().ok());
            if code == Some(NO_ROOM_FOR_INDEX) {
                return StoreError::Full(text);
            }
            match code.map(|code| code & 0xff) {
                Some(FULL) => StoreError::Full(text),
                Some(CORRUPT | CONSTRAINT | NOT_A_DATABASE) => StoreError::Damaged(text),
                _ => StoreError::Unavailable(text),
            }
        }
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

/// Adds which file it was.
pub(super) fn at(path: &Path, fault: StoreError) -> StoreError {
    let name = |text: String| format!("{}: {text}", path.display());
    match fault {
        StoreError::Full(text) => StoreError::Full(name(text)),
        StoreError::Unavailable(text) => StoreError::Unavailable(name(text)),
        StoreError::Damaged(text) => StoreError::Damaged(name(text)),
        other => other,
    }
}

/// A number as the tables hold it.
pub(super) fn stored(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Damaged(format!("{number} is over 2^63 - 1")))
}

pub(super) fn unsigned<T: TryFrom<i64>>(number: i64) -> Result<T, StoreError> {
    T::try_from(number).map_err(|_| StoreError::Damaged(format!("{number} is out of range")))
}

pub(super) fn delivery_state(name: &str) -> Result<DeliveryState, StoreError> {
    let known = DeliveryState::ALL.into_iter().find(|state| state.name() == name);
    known.ok_or_else(|| StoreError::Damaged(format!("unknown delivery state `{name}`")))
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|fault| StoreError::Damaged(fault.to_string()))
}

pub(super) fn cursors(rows: Vec<CursorRow>) -> Result<Vec<Cursor>, StoreError> {
    let cursor = |(reader, partition, journal, epoch, position, counts): CursorRow| {
        Ok(Cursor {
            reader,
            partition: unsigned(partition)?,
            journal,
            epoch: unsigned(epoch)?,
            position: unsigned(position)?,
            counts: json(&counts)?,
        })
    };
    rows.into_iter().map(cursor).collect()
}

pub(super) fn alerts(bodies: Vec<(String,)>) -> Result<Vec<Alert>, StoreError> {
    bodies.into_iter().map(|(body,)| json(&body)).collect()
}

pub(super) fn deliveries(rows: Vec<DeliveryRow>) -> Result<Vec<Delivery>, StoreError> {
    let delivery = |(number, destination, state, attempts, answer, body): DeliveryRow| {
        Ok(Delivery {
            number,
            destination,
            notice: json(&body)?,
            state: delivery_state(&state)?,
            attempts: unsigned(attempts)?,
            answer,
        })
    };
    rows.into_iter().map(delivery).collect()
}
