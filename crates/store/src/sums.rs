//! Numbers by the hour, summed up by the database: a week of ten thousand hosts is more than anybody
//! looks at. From: the tallies. To: people's reports.

use std::future::Future;
use std::ops::Range;

use crate::{Database, StoreError, TallyKind};

/// The most names that one question answers.
pub const NAMES_MAX: u32 = 10_000;

/// A number of a name on a day.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DaySum {
    /// Of which rule, host, …
    pub name: String,
    /// Days of UTC since the epoch.
    pub day: i64,
    /// How many.
    pub value: u64,
}

/// Sums of numbers by the hour. Hours are counted from the epoch; a range leaves its end out.
pub trait Sums: Database {
    /// The first hour that has a number of this kind; none: nothing was counted so far.
    fn first_hour(
        &self,
        kind: TallyKind,
    ) -> impl Future<Output = Result<Option<i64>, StoreError>> + Send;

    /// The last hour of each name of a kind, by name.
    fn last_hours(
        &self,
        kind: TallyKind,
    ) -> impl Future<Output = Result<Vec<(String, i64)>, StoreError>> + Send;

    /// All names of a kind together, by hour.
    fn hour_sums(
        &self,
        kind: TallyKind,
        hours: Range<i64>,
    ) -> impl Future<Output = Result<Vec<(i64, u64)>, StoreError>> + Send;

    /// Each name of a kind, by name and day of UTC.
    fn day_sums(
        &self,
        kind: TallyKind,
        hours: Range<i64>,
    ) -> impl Future<Output = Result<Vec<DaySum>, StoreError>> + Send;

    /// Each name of a kind, the most first, equal ones by name; at most [`NAMES_MAX`].
    fn name_sums(
        &self,
        kind: TallyKind,
        hours: Range<i64>,
    ) -> impl Future<Output = Result<Vec<(String, u64)>, StoreError>> + Send;
}
