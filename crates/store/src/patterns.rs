//! Patterns of messages that no rule wants, as the database holds them. From: the judge's change; what
//! people decide. To: the judge after a restart; people's questions.
//!
//! The table holds exactly what the miner holds. What made room there is deleted here: else a
//! flood of made-up texts would fill the disk, and a restart would bring back what was gone. So a
//! pattern that is seen again after that begins at 0, under the same id, and overwrites nothing;
//! since when it is counted says its first event's time. For the same reason the judge alone
//! forgets what is old, and [`crate::Database::prune`] leaves patterns alone.

use mutt_event::Timestamp;
use mutt_patterns::{Account, Pattern, PatternDecided, PatternId};

use crate::hour_of;

/// What a step makes true of patterns: first those that are gone, then those that are kept.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PatternChange {
    /// Ids of patterns that are not held any more.
    pub gone: Vec<PatternId>,
    /// Patterns as they are now; inserted or replaced by id.
    pub kept: Vec<Pattern>,
    /// What was counted, if that changed.
    pub account: Option<Account>,
    /// What somebody decided, to be done.
    pub decide: Vec<PatternDecided>,
    /// The numbers of decisions that are done.
    pub decided: Vec<i64>,
}

impl PatternChange {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What patterns are sorted by, the most or the latest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PatternSort {
    /// Events.
    #[default]
    Count,
    /// When the first event came.
    FirstSeen,
    /// When the last event came.
    LastSeen,
    /// Events since the beginning of the hour before this one.
    LastHour,
}

/// Which patterns; what is none or empty does not matter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PatternQuery {
    /// In one of these states, by their names.
    pub states: Vec<&'static str>,
    /// Of this key.
    pub key: Option<String>,
    /// With this host among those that are known by name.
    pub host: Option<String>,
    /// With this team among those that are known by name.
    pub team: Option<String>,
    /// With this text in key, template or first message, in any case of letters.
    pub text: Option<String>,
    /// Their order; of equal ones by id.
    pub sort: PatternSort,
    /// The present hour, in hours since the epoch.
    pub hour: i64,
    /// Behind the last one of the page before: what it was sorted by, and its id.
    pub before: Option<(i64, PatternId)>,
    /// At most so many, up to [`crate::PAGE_ROWS_MAX`].
    pub limit: u32,
}

impl PatternQuery {
    /// Whether a pattern is one of these; `before` and `limit` aside.
    pub fn fits(&self, pattern: &Pattern) -> bool {
        let has = |lines: String, name: &Option<String>| {
            name.as_ref().is_none_or(|name| lines.contains(&line(name)))
        };
        (self.states.is_empty() || self.states.contains(&pattern.state.name()))
            && self.key.as_ref().is_none_or(|key| *key == pattern.key)
            && has(lines(pattern.hosts.names.keys()), &self.host)
            && has(lines(pattern.teams.names.keys()), &self.team)
            && self.text.as_ref().is_none_or(|text| words(pattern).contains(&text.to_lowercase()))
    }

    /// What a pattern is sorted by.
    pub fn sorted_by(&self, pattern: &Pattern) -> i64 {
        match self.sort {
            PatternSort::Count => i64::try_from(pattern.count).unwrap_or(i64::MAX),
            PatternSort::FirstSeen => pattern.first_seen.as_micros(),
            PatternSort::LastSeen => pattern.last_seen.as_micros(),
            PatternSort::LastHour => {
                i64::try_from(last_hour(pattern, self.hour)).unwrap_or(i64::MAX)
            }
        }
    }
}

/// Events since the beginning of the hour before `hour`.
pub fn last_hour(pattern: &Pattern, hour: i64) -> u64 {
    let (last, count, before) = late(pattern);
    match last {
        last if last >= hour => count + before,
        last if last == hour - 1 => count,
        _ => 0,
    }
}

/// The last hour that it was seen in, its events, and those of the hour before it.
pub(crate) fn late(pattern: &Pattern) -> (i64, u64, u64) {
    let none = (hour_of(Timestamp::ZERO), 0);
    let (hour, count) = pattern.hours.counts().last().copied().unwrap_or(none);
    (hour, count, pattern.hours.at(hour - 1))
}

/// Names in lower case, a line each.
pub(crate) fn lines<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<String> = names.map(|name| name.to_lowercase()).collect();
    format!("\n{}\n", names.join("\n"))
}

/// A name's line.
pub(crate) fn line(name: &str) -> String {
    format!("\n{}\n", name.to_lowercase())
}

/// What is searched of a pattern, in lower case.
pub(crate) fn words(pattern: &Pattern) -> String {
    let first = pattern.samples.first().map(|sample| sample.text.as_str()).unwrap_or_default();
    [&pattern.key, &pattern.template, first].map(str::to_lowercase).join("\n")
}
