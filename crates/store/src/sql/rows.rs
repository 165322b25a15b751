//! Rows become values, and values what the tables can hold. From: the tables. To: callers.

use mutt_alert::Alert;
use mutt_event::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Cursor, Delivery, DeliveryState, StoreError};

pub(super) type CursorRow = (String, i64, String, i64, i64, i64, String);
pub(super) type DeliveryRow = (i64, String, String, i64, Option<String>, Option<i64>, i64, String);

/// Adds which file or server it was.
pub(super) fn at(name: &str, fault: StoreError) -> StoreError {
    let name = |text: String| format!("{name}: {text}");
    match fault {
        StoreError::Full(text) => StoreError::Full(name(text)),
        StoreError::Unavailable(text) => StoreError::Unavailable(name(text)),
        StoreError::Damaged(text) => StoreError::Damaged(name(text)),
        other => other,
    }
}

/// A text as the tables hold it, a NUL as its sign: PostgreSQL has no NUL in a text, and a device may
/// send what it likes.
pub(super) fn text(text: &str) -> String {
    text.replace('\0', "\u{2400}")
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

pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|fault| StoreError::Damaged(fault.to_string()))
}

pub(super) fn value<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|fault| StoreError::Damaged(fault.to_string()))
}

pub(super) fn cursors(rows: Vec<CursorRow>) -> Result<Vec<Cursor>, StoreError> {
    let cursor = |(reader, partition, journal, epoch, position, time, counts): CursorRow| {
        Ok(Cursor {
            reader,
            partition: unsigned(partition)?,
            journal,
            epoch: unsigned(epoch)?,
            position: unsigned(position)?,
            time: Timestamp::from_micros(time),
            counts: value(&counts)?,
        })
    };
    rows.into_iter().map(cursor).collect()
}

pub(super) fn alerts(bodies: Vec<(String,)>) -> Result<Vec<Alert>, StoreError> {
    bodies.into_iter().map(|(body,)| value(&body)).collect()
}

pub(super) fn deliveries(rows: Vec<DeliveryRow>) -> Result<Vec<Delivery>, StoreError> {
    rows.into_iter().map(delivery).collect()
}

pub(super) fn delivery(row: DeliveryRow) -> Result<Delivery, StoreError> {
    let (number, destination, state, attempts, answer, done_at, replays, body) = row;
    Ok(Delivery {
        number,
        destination,
        notice: value(&body)?,
        state: delivery_state(&state)?,
        attempts: unsigned(attempts)?,
        answer,
        done_at: done_at.map(Timestamp::from_micros),
        replays: unsigned(replays)?,
    })
}
