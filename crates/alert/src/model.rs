//! What goes into the state machine and what comes out: signals, alerts, notices.

use std::collections::BTreeMap;
use std::time::Duration;

use mutt_event::{MessageId, Timestamp};
use mutt_rules::{AlertSeverity, Environment, Handling};
use serde::{Deserialize, Serialize};

/// A rule as an alert remembers it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct RuleRef {
    /// The rule's id, unique in its set.
    pub id: String,
    /// The rule's revision, a hash of its content in hexadecimal.
    pub revision: String,
}

/// What an event says of a rule's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// The problem is there (again).
    Problem,
    /// The problem is over.
    Clear,
}

/// One event that a rule wants, with all that an alert needs of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Signal {
    /// Problem or clear.
    pub kind: SignalKind,
    /// The rule that matched.
    pub rule: RuleRef,
    /// What tells one alert of the rule from another on the same host; may be empty.
    pub key: String,
    /// The device's one name.
    pub host: String,
    /// Where the host belongs.
    pub environment: Environment,
    /// The place where the host stands, if that is known.
    pub site: Option<String>,
    /// What the rule asks for there.
    pub handling: Handling,
    /// How bad it is.
    pub severity: AlertSeverity,
    /// Who is responsible.
    pub team: String,
    /// One line for a person.
    pub summary: String,
    /// The message's text, as much as an alert keeps.
    pub text: String,
    /// Why this rule matched, in words.
    pub reason: String,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// What else the alert shall carry: the labels that the rules give.
    pub labels: BTreeMap<String, String>,
    /// The message itself; the alert's correlation id if it opens one.
    pub cause: MessageId,
    /// When MUTT received it.
    pub received: Timestamp,
    /// When it was appended to the journal: the time that correlation runs on.
    pub at: Timestamp,
    /// With no repeat for this long the alert closes itself; none: it stays open until a clear.
    pub close_after: Option<Duration>,
}

/// Where an alert stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// The problem is there.
    Open,
    /// A clear event ended it.
    Cleared,
    /// It had no repeat for its rule's `close_after`.
    Closed,
}

/// A problem, from its first event to its end; at most one is open per rule, host and key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// Stays the same for its life: made of signature and cause.
    pub id: String,
    /// Host, rule and key joined by `::`: one problem, over all its lives.
    pub signature: String,
    /// Where it stands.
    pub state: AlertState,
    /// The rule that opened it.
    pub rule: RuleRef,
    /// What tells it from the rule's other alerts on the host.
    pub key: String,
    /// The device's one name.
    pub host: String,
    /// Where the host belongs.
    pub environment: Environment,
    /// The place where the host stands, if that was known; none in alerts stored before this was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// What the rule asked for.
    pub handling: Handling,
    /// How bad it is.
    pub severity: AlertSeverity,
    /// Who is responsible.
    pub team: String,
    /// One line for a person.
    pub summary: String,
    /// The text of the message that opened it.
    pub text: String,
    /// Why, in words.
    pub reason: String,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// The labels that the rules gave the event that opened it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The message that opened it: its correlation id.
    pub cause: MessageId,
    /// When MUTT received that message.
    pub received: Timestamp,
    /// Append time of the first event.
    pub first_seen: Timestamp,
    /// Append time of the last event.
    pub last_seen: Timestamp,
    /// How many events it stands for.
    pub count: u64,
    /// When it closes itself unless repeated.
    pub closes_at: Option<Timestamp>,
    /// The message that cleared it.
    pub cleared_by: Option<MessageId>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How many notices were made of it so far.
    pub notices: u32,
}

/// What a notice tells.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A problem began.
    Open,
    /// An open problem became worse.
    Worse,
    /// A problem is over.
    Clear,
}

impl NoticeKind {
    /// The name in payloads and metrics.
    pub fn name(self) -> &'static str {
        match self {
            NoticeKind::Open => "open",
            NoticeKind::Worse => "worse",
            NoticeKind::Clear => "clear",
        }
    }
}

/// Something that each destination has to be told.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// Stays the same however often it is sent: the alert's id and a number.
    pub id: String,
    /// What it tells.
    pub kind: NoticeKind,
    /// When it was made, on the journal's time.
    pub at: Timestamp,
    /// When MUTT received the message that caused it.
    pub received: Timestamp,
    /// The message that caused it.
    pub cause: MessageId,
    /// The alert as it was then.
    pub alert: Alert,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_stored_before_it_had_site_and_labels_still_reads() {
        let stored = r#"{
            "id":"a","signature":"r1::x","state":"open","rule":{"id":"x","revision":"1"},"key":"",
            "host":"r1","environment":"prod","handling":"page_only","severity":"major","team":"noc",
            "summary":"s","text":"t","reason":"r","runbook":null,
            "cause":"00000000-0000-8000-8000-000000000001","received":1,"first_seen":1,
            "last_seen":1,"count":1,"closes_at":null,"cleared_by":null,"ended_at":null,"notices":1
        }"#;
        let alert: Alert = serde_json::from_str(stored).unwrap();
        assert_eq!((&alert.site, alert.labels.len()), (&None, 0));
        let again = serde_json::to_string(&alert).unwrap();
        assert!(!again.contains("site") && !again.contains("labels"), "{again}");
    }
}
