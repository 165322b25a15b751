//! What is told the correlator, in memory.

use std::collections::BTreeMap;

use crate::{SIGNAL_ROWS_MAX, SignalChange, SignalRow, StoreError};

#[derive(Debug, Default)]
pub(super) struct Table {
    rows: BTreeMap<(u16, u64), SignalRow>,
    posted: BTreeMap<i64, String>,
    last_number: i64,
}

impl Table {
    pub fn check(&self, change: &SignalChange) -> Result<(), StoreError> {
        match change.found.iter().find(|row| self.rows.contains_key(&(row.partition, row.from))) {
            Some(row) => Err(StoreError::Damaged(format!(
                "a second row of signals from position {} of partition {}",
                row.from, row.partition
            ))),
            None => Ok(()),
        }
    }

    pub fn apply(&mut self, change: SignalChange) {
        for row in change.found {
            self.rows.insert((row.partition, row.from), row);
        }
        for (partition, to) in change.taken {
            self.rows.retain(|(of, _), row| *of != partition || row.to > to);
        }
        for body in change.post {
            self.last_number += 1;
            self.posted.insert(self.last_number, body);
        }
        for number in change.posted {
            self.posted.remove(&number);
        }
    }

    pub fn first(&self) -> Vec<SignalRow> {
        let mut places: BTreeMap<u16, u32> = BTreeMap::new();
        let is_first = |row: &&SignalRow| {
            let place = places.entry(row.partition).or_default();
            *place += 1;
            *place <= SIGNAL_ROWS_MAX
        };
        self.rows.values().filter(is_first).cloned().collect()
    }

    pub fn posted(&self, limit: u32) -> Vec<(i64, String)> {
        let first = self.posted.iter().take(limit as usize);
        first.map(|(number, body)| (*number, body.clone())).collect()
    }
}
