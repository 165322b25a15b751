//! What each process says of itself, so that one that serves people can show all of them. From: every
//! process that has a database, every few seconds. To: one table, by the database's clock.

use std::future::Future;
use std::time::Duration;

use mutt_event::Timestamp;

use crate::StoreError;

/// A report that is older is of a process that is gone: the next one to report deletes it.
pub const REPORTS_KEPT: Duration = Duration::from_secs(3_600);

/// What a process said last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The process; no two that live have one name.
    pub name: String,
    /// When it said so, by the database's clock.
    pub at: Timestamp,
    /// How long ago that is, by the same clock.
    pub age: Duration,
    /// What it said: JSON.
    pub body: String,
}

/// Where reports are.
pub trait Reports: Clone + Send + Sync + 'static {
    /// Says it, instead of what this process said before; deletes what is older than
    /// [`REPORTS_KEPT`].
    ///
    /// # Errors
    /// When the database does not do it.
    fn report(&self, name: &str, body: &str)
    -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes back what a process said, since it ends.
    ///
    /// # Errors
    /// When the database does not do it.
    fn withdraw_report(&self, name: &str) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// All reports, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    fn reports(&self) -> impl Future<Output = Result<Vec<Report>, StoreError>> + Send;
}
