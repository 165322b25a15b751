//! How many events by name, for a bounded number of names. To: [`crate::Pattern`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Events by name. Names beyond the bound are counted together.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Events of each name; the first names that came are those kept.
    pub names: BTreeMap<String, u64>,
    /// Events of all other names.
    pub others: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, name: &str, count: u64, names_max: usize) {
        if let Some(events) = self.names.get_mut(name) {
            *events += count;
        } else if self.names.len() < names_max {
            self.names.insert(name.to_owned(), count);
        } else {
            self.others += count;
        }
    }

    pub(crate) fn absorb(&mut self, other: Tally, names_max: usize) {
        for (name, count) in other.names {
            self.add(&name, count, names_max);
        }
        self.others += other.others;
    }
}
