//! What became of messages at a reader. From: a worker's step. To: the ledger, and back after a
//! restart.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What became of a message at a reader; the parts of the ledger.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Outcome {
    /// Archive: the receiver has it.
    Archived,
    /// Archive: sent, and the protocol knows no answer.
    Unconfirmed,
    /// Archive: not sent back where it came from (NetIM's own traps).
    Withheld,
    /// Archive: skipped, since the operator chose that for a backlog over its limit.
    Skipped,
    /// Passed over: another reader's kind of message.
    Elsewhere,
    /// Judge: a rule owns it and it is told (an alert, or a repeat of one).
    Alerting,
    /// Judge: a rule owns it and it is only logged.
    Logged,
    /// Judge: a rule says that it is noise.
    Suppressed,
    /// Judge: no rule owns it.
    Unhandled,
    /// Judge: a repeat by its sender of what was stored before.
    Repeated,
    /// Judge: not judged, since it failed the checks of SNMP version 3 at its receipt.
    Unauthenticated,
    /// Gone before this reader read it: damaged or trimmed.
    Lost,
    /// No message: a position that the journal left free.
    Free,
}

impl Outcome {
    /// All of them; index is the number.
    pub const ALL: [Outcome; 13] = [
        Outcome::Archived,
        Outcome::Unconfirmed,
        Outcome::Withheld,
        Outcome::Skipped,
        Outcome::Elsewhere,
        Outcome::Alerting,
        Outcome::Logged,
        Outcome::Suppressed,
        Outcome::Unhandled,
        Outcome::Repeated,
        Outcome::Unauthenticated,
        Outcome::Lost,
        Outcome::Free,
    ];

    /// The name in metrics and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Archived => "archived",
            Outcome::Unconfirmed => "unconfirmed",
            Outcome::Withheld => "withheld",
            Outcome::Skipped => "skipped",
            Outcome::Elsewhere => "elsewhere",
            Outcome::Alerting => "alerting",
            Outcome::Logged => "logged",
            Outcome::Suppressed => "suppressed",
            Outcome::Unhandled => "unhandled",
            Outcome::Repeated => "repeated",
            Outcome::Unauthenticated => "unauthenticated",
            Outcome::Lost => "lost",
            Outcome::Free => "free",
        }
    }
}

/// How many messages had each outcome at a reader, since the journal began.
///
/// Serialised as an object of those that are not 0, by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts([u64; Outcome::ALL.len()]);

impl Counts {
    /// Adds `n` messages of this outcome.
    pub fn add(&mut self, outcome: Outcome, n: u64) {
        self.0[outcome as usize] += n;
    }

    /// The number of messages of this outcome.
    pub fn get(&self, outcome: Outcome) -> u64 {
        self.0[outcome as usize]
    }

    /// The same without this outcome, and how many there were of it.
    pub fn without(mut self, outcome: Outcome) -> (Self, u64) {
        let n = std::mem::take(&mut self.0[outcome as usize]);
        (self, n)
    }

    /// The sum over all outcomes.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Counts) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    /// Each outcome with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Outcome, u64)> {
        Outcome::ALL.into_iter().zip(self.0)
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().filter(|(_, count)| *count > 0))
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut counts = Counts::default();
        for (outcome, count) in BTreeMap::<Outcome, u64>::deserialize(deserializer)? {
            counts.add(outcome, count);
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survive_their_text_by_name() {
        let mut counts = Counts::default();
        for (n, outcome) in Outcome::ALL.into_iter().enumerate() {
            counts.add(outcome, n as u64);
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.name());
        }
        counts.add(Outcome::Lost, u64::MAX / 4);
        let text = serde_json::to_string(&counts).unwrap();
        assert!(!text.contains("archived"), "{text}");
        assert!(text.contains(r#""unconfirmed":1"#), "{text}");
        assert_eq!(serde_json::from_str::<Counts>(&text).unwrap(), counts);
        assert!(serde_json::from_str::<Counts>(r#"{"vanished":1}"#).is_err());
    }
}
