//! A problem from its first event to its end, and what is told of it. From: the correlator. To:
//! the database, and every destination.

use std::collections::BTreeMap;
use std::fmt;

use mutt_event::{MessageId, Severity, Timestamp};
use mutt_rules::{AlertSeverity, Environment, Handling, Links, Plan};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Facts;
use crate::quiet::{Flap, Quiet};
use crate::storm::StormOf;

/// Names the ids of alerts, so that they differ from every other UUID.
const ALERTS: Uuid = Uuid::from_u128(0x6d75_7474_616c_5e00_8f3a_c0de_616c_7274);

/// The most hosts that an alert names.
pub const HOSTS_MAX: usize = 32;

/// A rule as an alert remembers it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct RuleRef {
    /// The rule's id, unique in its set.
    pub id: String,
    /// The rule's revision, a hash of its content in hexadecimal.
    pub revision: String,
    /// How the rule tells its alerts apart; empty for MUTT's own alerts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shape: String,
}

impl RuleRef {
    pub(crate) fn of(plan: &Plan) -> Self {
        Self {
            id: plan.rule_id.clone(),
            revision: plan.revision.clone(),
            shape: plan.shape.clone(),
        }
    }
}

/// Where an alert stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// The problem is there.
    Open,
    /// The problem is there, and somebody knows.
    Acknowledged,
    /// A clear event ended it.
    Cleared,
    /// It ended otherwise; [`Alert::ending`] says how.
    Closed,
}

impl AlertState {
    /// All of them.
    pub const ALL: [AlertState; 4] =
        [AlertState::Open, AlertState::Acknowledged, AlertState::Cleared, AlertState::Closed];

    /// The name in the database and in the API.
    pub fn name(self) -> &'static str {
        match self {
            AlertState::Open => "open",
            AlertState::Acknowledged => "acknowledged",
            AlertState::Cleared => "cleared",
            AlertState::Closed => "closed",
        }
    }

    /// Whether the problem is there.
    pub fn is_open(self) -> bool {
        matches!(self, AlertState::Open | AlertState::Acknowledged)
    }
}

/// Why an alert ended.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// A clear event came, or what was absent.
    Clear,
    /// Nothing repeated it for its rule's `close_after`.
    Quiet,
    /// Too many alerts were open.
    Evicted,
    /// Its rule is deleted, or does not judge any more.
    RuleGone,
    /// Its rule tells its alerts apart in another way now.
    RuleKeyed,
    /// The database held another open one of the same signature.
    Twin,
    /// What it told of a pattern of messages is decided, or holds no longer.
    Pattern {
        /// Which of these, in words.
        why: String,
    },
    /// Somebody closed it.
    Hand {
        /// Who.
        who: String,
        /// Why, in their words.
        why: String,
    },
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Clear => f.write_str("its problem is over"),
            Ending::Quiet => f.write_str("nothing repeated it"),
            Ending::Evicted => f.write_str("too many alerts were open"),
            Ending::RuleGone => f.write_str("its rule is gone, or judges no more"),
            Ending::RuleKeyed => f.write_str("its rule tells its alerts apart otherwise now"),
            Ending::Twin => f.write_str("another of the same signature was open"),
            Ending::Pattern { why } => f.write_str(why),
            Ending::Hand { who, why } => write!(f, "{who} closed it: {why}"),
        }
    }
}

/// A problem, from its first event to its end; at most one is open per signature.
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
    /// What tells it from the rule's other alerts.
    pub key: String,
    /// The device's one name; for an alert over several hosts, that of its first event.
    pub host: String,
    /// All hosts of an alert over several hosts, as many as are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Where the host belongs.
    pub environment: Environment,
    /// The place where the host stands, if that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// What the rule asked for.
    pub handling: Handling,
    /// How bad it is now: by its last event.
    pub severity: AlertSeverity,
    /// How bad it was at worst.
    #[serde(default = "indeterminate")]
    pub worst: AlertSeverity,
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
    /// What it has in common with others.
    #[serde(default, skip_serializing_if = "Links::is_empty")]
    pub links: Links,
    /// What flaps, if other rules may share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The message that opened it: its correlation id.
    pub cause: MessageId,
    /// The syslog severity of that message, if it has one; alerts of before do not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub syslog_severity: Option<Severity>,
    /// When MUTT received that message.
    pub received: Timestamp,
    /// Append time of the first event.
    pub first_seen: Timestamp,
    /// Append time of the last event.
    pub last_seen: Timestamp,
    /// How many events it stands for; of a storm: how many alerts.
    pub count: u64,
    /// How often its problem came back before it was forgotten.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reopened: u32,
    /// It is told only if it is still there then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
    /// When it closes itself unless repeated.
    pub closes_at: Option<Timestamp>,
    /// Ended, it is opened again if its problem comes back before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopens_until: Option<Timestamp>,
    /// Its problem comes and goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flapping: Option<Flap>,
    /// The alert of the storm that it was part of when it opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storm: Option<String>,
    /// What the storm is made of that it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storm_of: Option<Box<StormOf>>,
    /// Why nobody is told of it at the moment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quiet: Vec<Quiet>,
    /// What destinations know of it; none: nothing, or that it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// Who acknowledged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<String>,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_by: Option<String>,
    /// Its ticket in another system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The message that cleared it.
    pub cleared_by: Option<MessageId>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
    /// How many notices were made of it so far.
    pub notices: u32,
    /// How many moments were written down of it so far.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub moments: u32,
}

impl Alert {
    /// An open alert that no event was counted of so far.
    pub fn new(signature: &str, plan: &Plan, facts: &Facts) -> Self {
        Self {
            id: alert_id(signature, facts.cause),
            signature: signature.to_owned(),
            state: AlertState::Open,
            rule: RuleRef::of(plan),
            key: facts.key.clone(),
            host: facts.host.clone(),
            hosts: Vec::new(),
            environment: facts.environment,
            site: facts.site.clone(),
            handling: facts.handling,
            severity: facts.severity,
            worst: facts.severity,
            team: facts.team.clone(),
            summary: facts.summary.clone(),
            text: facts.text.clone(),
            reason: facts.reason.clone(),
            runbook: plan.runbook.clone(),
            labels: facts.labels.clone(),
            links: facts.links.clone(),
            object: facts.object.clone(),
            cause: facts.cause,
            syslog_severity: facts.syslog_severity,
            received: facts.received,
            first_seen: facts.at,
            last_seen: facts.at,
            count: 0,
            reopened: 0,
            held_until: None,
            closes_at: None,
            reopens_until: None,
            flapping: None,
            storm: None,
            storm_of: None,
            quiet: Vec::new(),
            told: None,
            acknowledged_by: None,
            taken_by: None,
            ticket: None,
            cleared_by: None,
            ended_at: None,
            ending: None,
            notices: 0,
            moments: 0,
        }
    }
}

/// The same for the same first message of the same problem, however often it is judged.
fn alert_id(signature: &str, cause: MessageId) -> String {
    let mut name = signature.as_bytes().to_vec();
    name.extend_from_slice(cause.as_uuid().as_bytes());
    Uuid::new_v5(&ALERTS, &name).to_string()
}

/// What destinations were told of an open alert last.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// The severity at worst that they know of.
    pub severity: AlertSeverity,
    /// Whether they know that it flaps.
    #[serde(default, skip_serializing_if = "is_false")]
    pub flapping: bool,
    /// The count that a storm's alert had.
    #[serde(default, skip_serializing_if = "is_no_storm")]
    pub storm: u64,
}

fn indeterminate() -> AlertSeverity {
    AlertSeverity::Indeterminate
}

/// For serde, which asks by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// For serde, which asks by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_no_storm(number: &u64) -> bool {
    *number == 0
}

/// For serde, which asks by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

/// What a notice tells.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A problem began, or came back.
    Open,
    /// An open problem became worse.
    Worse,
    /// Something else about an open problem changed: it flaps, or not any more; a storm grew.
    Update,
    /// A problem is over.
    Clear,
}

impl NoticeKind {
    /// The name in payloads and metrics.
    pub fn name(self) -> &'static str {
        match self {
            NoticeKind::Open => "open",
            NoticeKind::Worse => "worse",
            NoticeKind::Update => "update",
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
    /// When MUTT received the message that caused it; without one: when it was made.
    pub received: Timestamp,
    /// The message that caused it; without one: that which opened the alert.
    pub cause: MessageId,
    /// The alert as it was then.
    pub alert: Alert,
    /// It is told long after its cause, since MUTT or the destination was away.
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
}

impl Notice {
    /// Whether somebody is paged: a problem began, came back or became worse, and its handling
    /// pages.
    pub fn pages(&self) -> bool {
        matches!(self.kind, NoticeKind::Open | NoticeKind::Worse) && self.alert.handling.pages()
    }
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
