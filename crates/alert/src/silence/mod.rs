//! Silences and maintenance windows, compiled: of which alerts nobody is told, and when.
//!
//! From: what people decided. To: the correlator, which asks at each begin and each end; the API,
//! which tells what one would have hidden. Pure: a time is asked for, none is read.

mod matcher;
mod recurrence;
mod rrule;

use std::time::Duration;

use mutt_event::Timestamp;

pub use matcher::{AlertField, Comparison, Matcher};
pub use recurrence::{Recurrence, WindowText};

use crate::{Alert, DRILL_RULE};

/// When a silence holds.
#[derive(Clone, Debug)]
pub enum Holds {
    /// Once: from the start up to, but not at, the end.
    Once {
        /// When it begins.
        start: Timestamp,
        /// When it is over.
        end: Timestamp,
    },
    /// Again and again.
    Again(Box<Recurrence>),
}

impl Holds {
    /// Once, between two times in RFC 3339.
    ///
    /// # Errors
    /// Every fault: `start` or `end`, and a sentence.
    pub fn once(start: &str, end: &str) -> Result<Self, Vec<(&'static str, String)>> {
        let mut faults = Vec::new();
        let mut read = |path, text: &str| {
            let instant = text.parse::<jiff::Timestamp>().ok();
            if instant.is_none() {
                let message = format!("`{text}` is no time: write 2026-11-29T22:00:00Z");
                faults.push((path, message));
            }
            instant.map(|instant| Timestamp::from_micros(instant.as_microsecond()))
        };
        let (start, end) = (read("start", start), read("end", end));
        match (start, end) {
            (Some(start), Some(end)) if start < end => Ok(Holds::Once { start, end }),
            (Some(_), Some(_)) => Err(vec![("end", "is not after the start".to_owned())]),
            _ => Err(faults),
        }
    }

    /// Until when it holds, if it does at this time.
    pub fn until(&self, at: Timestamp) -> Option<Timestamp> {
        match self {
            Holds::Once { start, end } => (*start <= at && at < *end).then_some(*end),
            Holds::Again(recurrence) => recurrence.holds_until(at),
        }
    }

    /// When it begins next after this time.
    pub fn begins_after(&self, at: Timestamp) -> Option<Timestamp> {
        match self {
            Holds::Once { start, end } => Some(*start).filter(|start| at < *start && start < end),
            Holds::Again(recurrence) => recurrence.begins_after(at),
        }
    }
}

/// Whom to remind before a silence ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reminder {
    /// Whose silence it is.
    pub owner: String,
    /// The team that is told; may be empty.
    pub team: String,
    /// How long before the end.
    pub before: Duration,
}

/// A silence or a maintenance window, compiled.
#[derive(Clone, Debug)]
pub struct SilencePlan {
    /// Its name, unique in the set.
    pub name: String,
    /// What an alert has to be; all of it must be so.
    pub matchers: Vec<Matcher>,
    /// When.
    pub holds: Holds,
    /// Whom to remind; none: nobody.
    pub reminder: Option<Reminder>,
}

impl SilencePlan {
    /// Whether it is about this alert, at whatever time. MUTT's own alerts are hidden only by who
    /// names their rule: else the reminder of a silence would fall to the silence. A drill is
    /// hidden by none.
    pub fn concerns(&self, alert: &Alert) -> bool {
        if alert.rule.id == DRILL_RULE {
            return false;
        }
        let names_rule = || self.matchers.iter().any(|one| *one.field() == AlertField::Rule);
        (!alert.rule.shape.is_empty() || names_rule())
            && self.matchers.iter().all(|matcher| matcher.fits(alert))
    }

    /// When its reminder is due, if it holds at this time.
    pub(crate) fn reminds_at(&self, at: Timestamp) -> Option<Timestamp> {
        let before = self.reminder.as_ref()?.before;
        Some(self.holds.until(at)?.before(before))
    }

    /// When something about it changes next after this time: it begins, is nearly over, ends.
    fn changes_after(&self, at: Timestamp) -> Option<Timestamp> {
        let until = self.holds.until(at);
        let reminds = self.reminds_at(at).filter(|then| *then > at);
        until.into_iter().chain(reminds).chain(self.holds.begins_after(at)).min()
    }

    /// Whether it is so near its end that its owner is to be reminded.
    pub(crate) fn is_ending(&self, at: Timestamp) -> bool {
        self.reminds_at(at).is_some_and(|then| then <= at)
    }
}

/// All silences and windows in force. It never changes.
#[derive(Clone, Debug, Default)]
pub struct Silences {
    all: Vec<SilencePlan>,
}

impl Silences {
    /// Of these, whose names differ.
    pub fn new(mut all: Vec<SilencePlan>) -> Self {
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Self { all }
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &SilencePlan> {
        self.all.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<&SilencePlan> {
        let found = self.all.binary_search_by(|one| one.name.as_str().cmp(name));
        found.ok().map(|index| &self.all[index])
    }

    /// When something about any of them changes next after this time.
    pub fn next_boundary(&self, at: Timestamp) -> Option<Timestamp> {
        self.all.iter().filter_map(|one| one.changes_after(at)).min()
    }

    /// The places of those that hold at this time.
    pub(crate) fn holding(&self, at: Timestamp) -> Vec<usize> {
        let held = self.all.iter().enumerate().filter(|(_, one)| one.holds.until(at).is_some());
        held.map(|(place, _)| place).collect()
    }

    pub(crate) fn at(&self, place: usize) -> Option<&SilencePlan> {
        self.all.get(place)
    }
}
