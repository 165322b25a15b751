//! Sums of numbers by the hour, in memory. From: tests and the simulator. To: the tables.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use super::MemoryStore;
use crate::sums::{DaySum, NAMES_MAX, Sums};
use crate::{StoreError, TallyKind};

impl MemoryStore {
    /// Sums by whatever is made of an hour and a name.
    fn sums<K: Ord>(
        &self,
        kind: TallyKind,
        hours: &Range<i64>,
        key: impl Fn(i64, &str) -> K,
    ) -> BTreeMap<K, u64> {
        let mut sums = BTreeMap::new();
        for ((hour, of, name), value) in &self.tables().tallies {
            if *of == kind && hours.contains(hour) {
                *sums.entry(key(*hour, name)).or_default() += value;
            }
        }
        sums
    }
}

impl Sums for MemoryStore {
    async fn first_hour(&self, kind: TallyKind) -> Result<Option<i64>, StoreError> {
        let all = self.sums(kind, &(i64::MIN..i64::MAX), |hour, _| hour);
        Ok(all.keys().next().copied())
    }

    async fn last_hours(&self, kind: TallyKind) -> Result<Vec<(String, i64)>, StoreError> {
        let all = self.sums(kind, &(i64::MIN..i64::MAX), |hour, name| (name.to_owned(), hour));
        let last: BTreeMap<String, i64> = all.into_keys().collect();
        Ok(last.into_iter().collect())
    }

    async fn hour_sums(
        &self,
        kind: TallyKind,
        hours: Range<i64>,
    ) -> Result<Vec<(i64, u64)>, StoreError> {
        Ok(self.sums(kind, &hours, |hour, _| hour).into_iter().collect())
    }

    async fn day_sums(
        &self,
        kind: TallyKind,
        hours: Range<i64>,
    ) -> Result<Vec<DaySum>, StoreError> {
        let sums = self.sums(kind, &hours, |hour, name| (name.to_owned(), hour / 24));
        let sum = |((name, day), value)| DaySum { name, day, value };
        Ok(sums.into_iter().map(sum).collect())
    }

    async fn name_sums(
        &self,
        kind: TallyKind,
        hours: Range<i64>,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let sums = self.sums(kind, &hours, |_, name| name.to_owned());
        let mut sums: Vec<(String, u64)> = sums.into_iter().collect();
        sums.sort_by_key(|(_, sum)| Reverse(*sum));
        sums.truncate(NAMES_MAX as usize);
        Ok(sums)
    }
}
