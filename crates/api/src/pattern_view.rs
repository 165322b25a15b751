//! Patterns as people look at them: times in RFC 3339, hours by their beginning. From: the database.
//! To: JSON.

use std::collections::BTreeMap;

use mutt_event::{Severity, Timestamp};
use mutt_patterns::{Account, Pattern, State, Tally};
use mutt_store::{hour_start, last_hour};
use serde::Serialize;
use utoipa::ToSchema;

/// Messages of one kind that no rule wants.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PatternView {
    /// Stays the same for its life.
    pub id: String,
    /// The vendor's mnemonic, the trap's OID, or the program; may be empty.
    pub key: String,
    /// The text, with `<*>` for what varies.
    pub template: String,
    /// open, handled or ignored.
    pub state: &'static str,
    /// Why it is ignored.
    pub reason: Option<String>,
    /// Messages since the first one.
    pub count: u64,
    /// Messages since the beginning of the hour before this one.
    pub last_hour: u64,
    /// When the first message was stored, in RFC 3339.
    pub first_seen: String,
    /// When the last message was stored, in RFC 3339.
    pub last_seen: String,
    /// How many hosts sent it; of more than are known by name: these.
    pub hosts: usize,
    /// The worst syslog severity that it came with.
    pub severity: Option<&'static str>,
    /// The team with the most of its messages, by the inventory.
    pub team: Option<String>,
    /// Its first message.
    pub sample: Option<String>,
}

/// Messages by name.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PatternTally {
    /// Messages of each name that is known.
    pub names: BTreeMap<String, u64>,
    /// Messages of all others.
    pub others: u64,
}

/// Messages of an hour.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PatternHour {
    /// When it began, in RFC 3339.
    pub start: String,
    /// How many.
    pub count: u64,
}

/// A message of a pattern.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PatternSample {
    /// Its id: see /messages/{id} as long as the journal has it.
    pub id: String,
    /// When it was stored, in RFC 3339.
    pub at: String,
    /// Whose it is.
    pub host: String,
    /// Its text, as much as is kept.
    pub text: String,
}

/// A pattern with all that is known of it.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PatternDetail {
    /// The pattern.
    pub pattern: PatternView,
    /// Messages of each hour of the last week that had some, the oldest first.
    pub hours: Vec<PatternHour>,
    /// Messages by host.
    pub hosts: PatternTally,
    /// Messages by the hosts' team.
    pub teams: PatternTally,
    /// Messages by syslog severity.
    pub severities: BTreeMap<&'static str, u64>,
    /// The first messages, and a few of later ones.
    pub samples: Vec<PatternSample>,
    /// Ids of patterns that became one with it: they lead here.
    pub aliases: Vec<String>,
}

/// What was counted since mining began.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct MiningView {
    /// Whether patterns are mined.
    pub enabled: bool,
    /// When the first message was stored that no rule wants, in RFC 3339.
    pub began: Option<String>,
    /// Messages that no rule wants.
    pub observed: u64,
    /// Whether too many come at the moment: then one is counted for several.
    pub sampling: bool,
    /// Messages that another one was counted for.
    pub skipped: u64,
    /// When that was the last time, in RFC 3339.
    pub sampled: Option<String>,
    /// Patterns that made room for others.
    pub evicted: u64,
}

impl PatternView {
    /// As it is in this hour since the epoch.
    pub fn of(pattern: &Pattern, hour: i64) -> Self {
        let reason = match &pattern.state {
            State::Ignored { reason } => Some(reason.clone()),
            State::Open | State::Handled => None,
        };
        Self {
            id: pattern.id.to_string(),
            key: pattern.key.clone(),
            template: pattern.template.clone(),
            state: pattern.state.name(),
            reason,
            count: pattern.count,
            last_hour: last_hour(pattern, hour),
            first_seen: pattern.first_seen.to_string(),
            last_seen: pattern.last_seen.to_string(),
            hosts: pattern.hosts.names.len(),
            severity: pattern.worst().map(Severity::name),
            team: pattern.team().map(str::to_owned),
            sample: pattern.samples.first().map(|sample| sample.text.clone()),
        }
    }
}

impl From<&Tally> for PatternTally {
    fn from(tally: &Tally) -> Self {
        Self { names: tally.names.clone(), others: tally.others }
    }
}

impl PatternDetail {
    /// As it is in this hour since the epoch.
    pub fn of(pattern: &Pattern, hour: i64) -> Self {
        let hours = pattern.hours.counts().iter();
        let severities = Severity::ALL.iter().zip(pattern.severities);
        Self {
            pattern: PatternView::of(pattern, hour),
            hours: hours
                .map(|(hour, count)| PatternHour {
                    start: hour_start(*hour).to_string(),
                    count: *count,
                })
                .collect(),
            hosts: PatternTally::from(&pattern.hosts),
            teams: PatternTally::from(&pattern.teams),
            severities: severities
                .filter(|(_, count)| *count > 0)
                .map(|(severity, count)| (severity.name(), count))
                .collect(),
            samples: pattern
                .samples
                .iter()
                .map(|sample| PatternSample {
                    id: sample.id.to_string(),
                    at: sample.at.to_string(),
                    host: sample.host.clone(),
                    text: sample.text.clone(),
                })
                .collect(),
            aliases: pattern.aliases.iter().map(ToString::to_string).collect(),
        }
    }
}

impl MiningView {
    /// As it is now.
    pub fn of(account: &Account, enabled: bool, now: Timestamp) -> Self {
        let text = |at: Option<Timestamp>| at.as_ref().map(Timestamp::to_string);
        Self {
            enabled,
            began: text(account.began),
            observed: account.observed,
            sampling: account.is_sampling(now),
            skipped: account.skipped,
            sampled: text(account.sampled_at),
            evicted: account.evicted,
        }
    }
}
