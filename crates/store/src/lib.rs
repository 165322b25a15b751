//! From: workers, each step as one [`Change`]. To: the same workers after a restart.
//!
//! A step is true once [`Database::commit`] has answered: cursor, alerts and deliveries together.

mod backup;
mod catalog;
mod counts;
mod faulty;
mod history;
mod lease;
mod live;
mod memory;
mod model;
mod patterns;
mod people;
mod reports;
mod signals;
mod sql;
mod sums;

pub use backup::{BackupError, Copied, Place};
pub use catalog::{
    Catalog, CatalogStore, EDIT_ITEMS_MAX, Edit, Item, ItemChange, ItemEdit, Kind, NAME_BYTES_MAX,
    Revision, RevisionQuery,
};
pub use counts::{Counts, Outcome};
pub use faulty::{Call, Fault, FaultyStore};
pub use history::{AlertQuery, History, PAGE_ROWS_MAX, Tally, TallyKind, hour_of, hour_start};
pub use lease::{Grant, Lease, LeaseRef, Leases};
pub use live::{CHANGES_MAX, Changes, DeliveryQuery, Live, Replay, TallySum, overtaken_by};
pub use memory::MemoryStore;
pub use model::{
    Change, Cursor, CursorMove, Delivered, Delivery, DeliveryState, Keep, Pruned, Queue,
    QueueLength, StoreError, Urgency,
};
pub use patterns::{PatternChange, PatternQuery, PatternSort, last_hour};
pub use people::{
    AUDIT_START, AuditEntry, AuditQuery, AuditRow, Ending, FREE_ATTEMPTS, People, PeopleChange,
    SESSIONS_MAX, Session, SignInAttempt, content_digest,
};
pub use reports::{REPORTS_KEPT, Report, Reports};
pub use signals::{SIGNAL_ROWS_MAX, SignalChange, SignalRow};
pub use sql::backup::{restore as restore_backup, write as write_backup};
pub use sql::{Options, SnmpEngine, SqlStore, Stats};
pub use sums::{DaySum, NAMES_MAX, Sums};

use std::future::Future;
use std::ops::Range;
use std::time::Duration;

use mutt_event::Timestamp;

/// How long ended alerts and what was delivered are kept unless a setting says otherwise.
pub const KEEP_DEFAULT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The most rows of each kind that one [`Database::prune`] deletes.
pub const PRUNE_ROWS_MAX: u32 = 1_000;

/// The database, real or in memory. One shared test suite holds them to each other.
pub trait Database: Clone + Send + Sync + 'static {
    /// Makes `reader` the owner of its cursors of these partitions of journal `journal`: creates what
    /// is missing (at position 1), raises the epoch, and returns them. A worker that held an
    /// older epoch can commit nothing from then on.
    ///
    /// # Errors
    /// [`StoreError::OtherJournal`] if a cursor of any reader belongs to another journal.
    fn claim(
        &self,
        reader: &str,
        journal: &str,
        partitions: Range<u16>,
    ) -> impl Future<Output = Result<Vec<Cursor>, StoreError>> + Send;

    /// All cursors of all readers.
    fn cursors(&self) -> impl Future<Output = Result<Vec<Cursor>, StoreError>> + Send;

    /// Makes one step true, wholly or not at all.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] if a cursor is not where the change says, or of a newer epoch;
    /// [`StoreError::Superseded`] if the lease that it names has a newer epoch.
    fn commit(&self, change: Change) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The alerts that are open at `at` or may come back after it, in the order they were opened.
    fn live_alerts(
        &self,
        at: Timestamp,
    ) -> impl Future<Output = Result<Vec<mutt_alert::Alert>, StoreError>> + Send;

    /// What is remembered beside alerts, by name.
    fn tracks(
        &self,
    ) -> impl Future<Output = Result<Vec<(String, mutt_alert::Track)>, StoreError>> + Send;

    /// What people decided and nobody did yet, oldest first, each with its number; at most
    /// `limit`.
    fn decisions(
        &self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(i64, mutt_alert::Decided)>, StoreError>> + Send;

    /// All patterns, by id.
    fn patterns(
        &self,
    ) -> impl Future<Output = Result<Vec<mutt_patterns::Pattern>, StoreError>> + Send;

    /// What was counted since mining began.
    fn mining(&self) -> impl Future<Output = Result<mutt_patterns::Account, StoreError>> + Send;

    /// What people decided of patterns and nobody did yet, oldest first, each with its number; at
    /// most `limit`.
    fn pattern_decisions(
        &self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(i64, mutt_patterns::PatternDecided)>, StoreError>> + Send;

    /// What judges of partitions found and the correlator has not yet: of each partition the first
    /// [`SIGNAL_ROWS_MAX`] rows, in order.
    fn signals(&self) -> impl Future<Output = Result<Vec<SignalRow>, StoreError>> + Send;

    /// Signals of no message that the correlator has not yet, oldest first, each with its number;
    /// at most `limit`.
    fn posted(
        &self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(i64, String)>, StoreError>> + Send;

    /// The alerts that are open, in the order they were opened.
    fn open_alerts(
        &self,
    ) -> impl Future<Output = Result<Vec<mutt_alert::Alert>, StoreError>> + Send;

    /// The latest alerts of any state, newest first, at most `limit`.
    fn latest_alerts(
        &self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<mutt_alert::Alert>, StoreError>> + Send;

    /// What waits for `destination`, oldest first, at most `limit`.
    fn waiting(
        &self,
        destination: &str,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Delivery>, StoreError>> + Send;

    /// Of what was put back from the dead letters of `destination` and waits: those that a later
    /// one has overtaken, which the destination has under the same signature; each with that
    /// one's notice. They must not be sent any more.
    fn overtaken(
        &self,
        destination: &str,
    ) -> impl Future<Output = Result<Vec<(i64, String)>, StoreError>> + Send;

    /// The dead letters of all destinations, newest first, at most `limit`.
    fn dead_letters(
        &self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Delivery>, StoreError>> + Send;

    /// How many deliveries each destination has in each state, and since when the oldest waits.
    fn queues(&self) -> impl Future<Output = Result<Vec<Queue>, StoreError>> + Send;

    /// Deletes what is older than `keep` says, at most [`PRUNE_ROWS_MAX`] of each in one call:
    /// call it again until it deletes nothing.
    ///
    /// What waits and open alerts stay, with all that they refer to.
    fn prune(&self, keep: Keep) -> impl Future<Output = Result<Pruned, StoreError>> + Send;
}
