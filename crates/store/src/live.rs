//! What changed lately, for people who look on, and dead letters, which people put back. From: the
//! API. To: the tables.

use std::future::Future;

use mutt_alert::Alert;
use mutt_event::Timestamp;

use crate::{
    AuditEntry, Change, Database, Delivery, DeliveryState, StoreError, TallyKind, Urgency,
};

/// The most rows that [`Live::changes`] answers of each kind.
pub const CHANGES_MAX: u32 = 1_000;

/// What was written since a time, each with when, by the database's clock; oldest first.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Changes {
    /// The database's clock before it was asked.
    pub now: Timestamp,
    /// Alerts that were written, as they are now.
    pub alerts: Vec<(Timestamp, Alert)>,
    /// Deliveries whose state was written, as they are now.
    pub deliveries: Vec<(Timestamp, Delivery)>,
}

impl Changes {
    /// Whether there may be more than was answered.
    pub fn are_cut(&self) -> bool {
        let most = CHANGES_MAX as usize;
        self.alerts.len() >= most || self.deliveries.len() >= most
    }
}

/// Which deliveries, the newest first; what is none does not matter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeliveryQuery {
    /// In this state.
    pub state: Option<DeliveryState>,
    /// To this destination.
    pub destination: Option<String>,
    /// Of this alert.
    pub alert: Option<String>,
    /// With a lower number.
    pub before: Option<i64>,
    /// At most so many, up to [`crate::PAGE_ROWS_MAX`].
    pub limit: u32,
    /// The oldest first instead.
    pub oldest_first: bool,
}

/// Dead letters that are to be sent again. With each go all later dead ones of the same signature
/// and destination, so that a begin is not told without its end. One that a later delivered one
/// has overtaken is not sent, but superseded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replay {
    /// Their numbers; those that are not dead are left as they are.
    pub numbers: Vec<i64>,
    /// When.
    pub at: Timestamp,
}

/// What one says that is not sent, since a later one was.
pub fn overtaken_by(notice_id: &str) -> String {
    format!("not sent: {notice_id}, delivered since, tells what came later")
}

/// A sum of numbers by the hour.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TallySum {
    /// Of which rule, host, …
    pub name: String,
    /// The first hour that has one, in hours since the epoch.
    pub first: i64,
    /// The last hour that has one.
    pub last: i64,
    /// How many.
    pub value: u64,
}

/// What people who look on ask.
pub trait Live: Database {
    /// What was written at `since` or later, at most [`CHANGES_MAX`] of each kind; without a time
    /// only the clock. A transaction of a server may commit late: who looks again goes back a
    /// little, and leaves out what he has seen.
    fn changes(
        &self,
        since: Option<Timestamp>,
    ) -> impl Future<Output = Result<Changes, StoreError>> + Send;

    /// Deliveries, the newest first.
    fn found_deliveries(
        &self,
        query: &DeliveryQuery,
    ) -> impl Future<Output = Result<Vec<Delivery>, StoreError>> + Send;

    /// One delivery.
    fn delivery(
        &self,
        number: i64,
    ) -> impl Future<Output = Result<Option<Delivery>, StoreError>> + Send;

    /// The sums of all numbers of a kind that are kept, by name.
    fn tally_sums(
        &self,
        kind: TallyKind,
    ) -> impl Future<Output = Result<Vec<TallySum>, StoreError>> + Send;

    /// Puts dead letters back.
    fn replay(
        &self,
        replay: Replay,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        let (urgency, audit) = (Urgency::Person, vec![audit]);
        self.commit(Change { urgency, replay, audit, ..Change::default() })
    }
}
