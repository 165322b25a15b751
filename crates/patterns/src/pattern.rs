//! A pattern: what the miner knows of messages of one kind. From: [`crate::Miner`]. To: the
//! database, and from there to the miner again.

use std::fmt;

use mutt_event::{MessageId, Severity, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Hours, Limits, Tally};

/// Names the ids of patterns, so that they differ from every other UUID.
const PATTERNS: Uuid = Uuid::from_u128(0x6d75_7474_7061_5e00_8f3a_c0de_7061_7474);

/// A pattern's id: made of its key and its first template, and kept when that widens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PatternId(Uuid);

impl PatternId {
    /// The same for the same key and first template. `again` is 0 but where that id is taken.
    pub(crate) fn new(key: &str, template: &str, again: u32) -> Self {
        let mut name = format!("{key}\0{template}");
        if again > 0 {
            name.push_str(&format!("\0{again}"));
        }
        Self(Uuid::new_v5(&PATTERNS, name.as_bytes()))
    }

    /// The id as a UUID of version 5.
    pub fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl From<Uuid> for PatternId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for PatternId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// What people made of a pattern.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Nothing yet.
    #[default]
    Open,
    /// A rule was made of it.
    Handled,
    /// It needs no rule.
    Ignored {
        /// Why, in words.
        reason: String,
    },
}

/// A message of a pattern.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// The message itself.
    pub id: MessageId,
    /// When it was appended to the journal.
    pub at: Timestamp,
    /// The device's one name.
    pub host: String,
    /// Its text, as much as a sample keeps.
    pub text: String,
}

/// Until when a pattern's triggers are not told again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Told {
    /// The end of the hour in which it surged.
    pub surging_until: Option<Timestamp>,
    /// The end of the window after it passed the threshold.
    pub threshold_until: Option<Timestamp>,
}

/// What is known of messages of one kind.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Pattern {
    /// Stays the same for its life.
    pub id: PatternId,
    /// The vendor's mnemonic, or the program; may be empty.
    pub key: String,
    /// The text with `<*>` for what varies, for people.
    pub template: String,
    /// The template as [`crate::Miner::restore`] reads it.
    pub form: String,
    /// How many events it stands for.
    pub count: u64,
    /// Append time of the first event.
    pub first_seen: Timestamp,
    /// Append time of the last event.
    pub last_seen: Timestamp,
    /// Events by host.
    pub hosts: Tally,
    /// Events by the hosts' team.
    pub teams: Tally,
    /// Events by syslog severity; the index is the RFC's number.
    pub severities: [u64; 8],
    /// Events by the hour.
    pub hours: Hours,
    /// The first messages, and a few of later ones.
    pub samples: Vec<Sample>,
    /// What people made of it.
    pub state: State,
    /// Ids of patterns that became one with this: whoever asks for one of them gets this.
    pub aliases: Vec<PatternId>,
    /// Until when its triggers are not told again.
    pub told: Told,
}

impl State {
    /// The name in the database and in the API.
    pub fn name(&self) -> &'static str {
        match self {
            State::Open => "open",
            State::Handled => "handled",
            State::Ignored { .. } => "ignored",
        }
    }
}

impl Pattern {
    /// The worst syslog severity that it came with.
    pub fn worst(&self) -> Option<Severity> {
        let number = self.severities.iter().position(|count| *count > 0)?;
        Severity::ALL.get(number).copied()
    }

    /// The most common syslog severity; of equal ones the worst.
    pub fn commonest(&self) -> Option<Severity> {
        let most = *self.severities.iter().max().filter(|most| **most > 0)?;
        let number = self.severities.iter().position(|count| *count == most)?;
        Severity::ALL.get(number).copied()
    }

    /// The team with the most of its messages.
    pub fn team(&self) -> Option<&str> {
        let teams = self.teams.names.iter();
        teams.max_by_key(|(name, count)| (**count, *name)).map(|(name, _)| name.as_str())
    }

    /// Takes over what another one knows, which became one with it.
    pub(crate) fn absorb(&mut self, other: Pattern, limits: &Limits) {
        self.count += other.count;
        self.first_seen = self.first_seen.min(other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        self.hosts.absorb(other.hosts, limits.hosts_max);
        self.teams.absorb(other.teams, limits.teams_max);
        for (own, more) in self.severities.iter_mut().zip(other.severities) {
            *own += more;
        }
        self.hours.absorb(&other.hours);
        self.samples.extend(other.samples);
        self.samples.sort_by_key(|sample| (sample.at, sample.id));
        self.samples.truncate(limits.samples_max);
        self.told.surging_until = self.told.surging_until.max(other.told.surging_until);
        self.told.threshold_until = self.told.threshold_until.max(other.told.threshold_until);
        // What was decided of the one was not decided of the other.
        if other.state == State::Open {
            self.state = State::Open;
        }
        // One that was never counted was never told of either.
        if other.count > 0 {
            self.aliases.push(other.id);
        }
        self.aliases.extend(other.aliases);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_key_and_template() {
        let id = PatternId::new("k", "t", 0);
        assert_eq!(id, PatternId::new("k", "t", 0));
        assert_ne!(id, PatternId::new("", "t", 0));
        assert_ne!(id, PatternId::new("k", "t", 1));
        assert_eq!(id.as_uuid().get_version_num(), 5);
    }
}
