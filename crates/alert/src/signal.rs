//! What goes into the state machine: one event that a rule wants, with all that an alert needs of
//! it. From: the engine, MUTT's own monitor. To: the correlator.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mutt_event::{MessageId, Severity, Timestamp};
use mutt_rules::{AlertSeverity, Environment, Handling, Handlings, Links, Plan};
use serde::{Deserialize, Serialize};

/// What an event says of a rule's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// The problem is there (again); for a rule of absence: what is expected came.
    Problem,
    /// The problem is over.
    Clear,
    /// Of a sequence: what has to come between.
    With,
    /// Of a sequence: what must not come between.
    Without,
    /// Of a sequence: what has to follow.
    Then,
}

/// One event that a rule wants.
#[derive(Clone, PartialEq, Debug)]
pub struct Signal {
    /// What it says.
    pub kind: SignalKind,
    /// The rule that matched, and what it asks for.
    pub plan: Arc<Plan>,
    /// What is counted, if the rule counts different values.
    pub distinct: Option<String>,
    /// The rest.
    pub facts: Facts,
}

/// What is known of an event.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Facts {
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
    /// The message as received, as much as an alert keeps.
    pub raw: String,
    /// Why this rule matched, in words.
    pub reason: String,
    /// What else the alert shall carry: the labels that the rules give.
    pub labels: BTreeMap<String, String>,
    /// What flaps, if the rule names something that other rules share.
    pub object: Option<String>,
    /// What the alert has in common with others.
    pub links: Links,
    /// The message itself; the alert's correlation id if it opens one.
    pub cause: MessageId,
    /// The syslog severity of the message, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub syslog_severity: Option<Severity>,
    /// When MUTT received it.
    pub received: Timestamp,
    /// When it was appended to the journal: the time that correlation runs on.
    pub at: Timestamp,
}

impl Facts {
    /// What is known of something without a message's words: who, and when.
    pub fn bare(host: &str, cause: MessageId, at: Timestamp) -> Self {
        Self {
            key: String::new(),
            host: host.to_owned(),
            environment: Environment::default(),
            site: None,
            handling: Handling::LogOnly,
            severity: AlertSeverity::Indeterminate,
            team: String::new(),
            summary: String::new(),
            text: String::new(),
            raw: String::new(),
            reason: String::new(),
            labels: BTreeMap::new(),
            object: None,
            links: Links::default(),
            cause,
            syslog_severity: None,
            received: at,
            at,
        }
    }
}

/// What stands for a message where none caused it: an id of no partition that a journal has. To
/// the millisecond, as its text has it, so that it is the same when read back.
pub(crate) fn no_message(at: Timestamp) -> MessageId {
    let appended = Timestamp::from_millis(at.as_millis());
    MessageId { appended, partition: MessageId::PARTITION_MAX, position: 0 }
}

/// The plan of one of MUTT's own alerts, which no rule describes: without a repeat for
/// `close_after` it closes itself.
pub fn own_plan(rule_id: &str, close_after: Option<Duration>) -> Plan {
    let handling = Handling::PageAndTicket;
    Plan {
        rule_id: rule_id.to_owned(),
        revision: env!("CARGO_PKG_VERSION").to_owned(),
        shape: String::new(),
        across_hosts: false,
        close_after,
        reopen_within: Duration::ZERO,
        count: None,
        hold_for: Duration::ZERO,
        early_clear: Duration::ZERO,
        absent: None,
        sequence: None,
        flapping: None,
        storm_per_minute: None,
        handling: Handlings { prod: handling, dev: handling },
        severity: None,
        team: String::new(),
        summary: None,
        runbook: None,
    }
}
