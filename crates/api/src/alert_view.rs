//! An alert, its moments and its deliveries as people look at them: times in RFC 3339, reasons in
//! words. From: the database. To: JSON.

use std::collections::BTreeMap;

use mutt_alert::{Alert, Moment};
use mutt_event::Timestamp;
use mutt_rules::{AlertSeverity, Environment, Handling};
use mutt_store::Delivery;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A problem, from its first event to its end.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct AlertView {
    /// Stays the same for its life.
    pub id: String,
    /// Host, rule and key: one problem over all its lives.
    pub signature: String,
    /// open, acknowledged, cleared or closed.
    pub state: &'static str,
    /// The rule's id.
    pub rule: String,
    /// The rule's revision.
    pub rule_revision: String,
    /// What tells it from the rule's other alerts.
    pub key: String,
    /// The device's one name.
    pub host: String,
    /// All hosts of an alert over several.
    pub hosts: Vec<String>,
    /// Where the host belongs.
    pub environment: Environment,
    /// The place where it stands.
    pub site: Option<String>,
    /// What the rule asks for.
    pub handling: Handling,
    /// How bad it is now.
    pub severity: AlertSeverity,
    /// How bad it was at worst.
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
    /// The labels of the event that opened it.
    pub labels: BTreeMap<String, String>,
    /// The id of the message that opened it.
    pub correlation_id: String,
    /// When its first event was stored, in RFC 3339.
    pub first_seen: String,
    /// When its last event was stored, in RFC 3339.
    pub last_seen: String,
    /// How many events it stands for; of a storm: how many alerts.
    pub count: u64,
    /// How often its problem came back.
    pub reopened: u32,
    /// Why nobody is told of it at the moment, in words; empty: it is told.
    pub quiet: Vec<String>,
    /// Whether destinations know of it as a problem that is there.
    pub told: bool,
    /// Whether its problem comes and goes.
    pub flapping: bool,
    /// How many notices were made of it.
    pub notices: u32,
    /// Who acknowledged it.
    pub acknowledged_by: Option<String>,
    /// Who works on it.
    pub taken_by: Option<String>,
    /// Its ticket in another system.
    pub ticket: Option<String>,
    /// When it ended, in RFC 3339.
    pub ended: Option<String>,
    /// Why it ended, in words.
    pub ended_since: Option<String>,
    /// The id of the message that cleared it.
    pub cleared_by: Option<String>,
}

impl From<&Alert> for AlertView {
    fn from(alert: &Alert) -> Self {
        Self {
            id: alert.id.clone(),
            signature: alert.signature.clone(),
            state: alert.state.name(),
            rule: alert.rule.id.clone(),
            rule_revision: alert.rule.revision.clone(),
            key: alert.key.clone(),
            host: alert.host.clone(),
            hosts: alert.hosts.clone(),
            environment: alert.environment,
            site: alert.site.clone(),
            handling: alert.handling,
            severity: alert.severity,
            worst: alert.worst,
            team: alert.team.clone(),
            summary: alert.summary.clone(),
            text: alert.text.clone(),
            reason: alert.reason.clone(),
            runbook: alert.runbook.clone(),
            labels: alert.labels.clone(),
            correlation_id: alert.cause.to_string(),
            first_seen: alert.first_seen.to_string(),
            last_seen: alert.last_seen.to_string(),
            count: alert.count,
            reopened: alert.reopened,
            quiet: alert.quiet.iter().map(ToString::to_string).collect(),
            told: alert.told.is_some(),
            flapping: alert.flapping.is_some(),
            notices: alert.notices,
            acknowledged_by: alert.acknowledged_by.clone(),
            taken_by: alert.taken_by.clone(),
            ticket: alert.ticket.clone(),
            ended: alert.ended_at.as_ref().map(Timestamp::to_string),
            ended_since: alert.ending.as_ref().map(ToString::to_string),
            cleared_by: alert.cleared_by.map(|id| id.to_string()),
        }
    }
}

/// Something that happened to an alert.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct MomentView {
    /// When, in RFC 3339.
    pub at: String,
    /// What, with what belongs to it: `what` names it.
    pub moment: Value,
}

impl From<&Moment> for MomentView {
    fn from(moment: &Moment) -> Self {
        // Values with text keys always serialise.
        let value = serde_json::to_value(&moment.what).unwrap_or_default();
        Self { at: moment.at.to_string(), moment: value }
    }
}

/// One notice for one destination.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Its number: the order of making, over all destinations.
    pub number: i64,
    /// The alert's id.
    pub alert_id: String,
    /// The alert's device.
    pub host: String,
    /// The alert's team.
    pub team: String,
    /// The alert's line for a person, as it was then.
    pub summary: String,
    /// The destination's name.
    pub destination: String,
    /// The notice's id.
    pub notice_id: String,
    /// What it tells: open, worse, update or clear.
    pub kind: &'static str,
    /// When it was made, in RFC 3339.
    pub made: String,
    /// waiting, delivered, dead or superseded.
    pub state: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// The destination's last answer, or the last error.
    pub answer: Option<String>,
    /// When it came to the state that it is in, in RFC 3339; null: it waits.
    pub done: Option<String>,
    /// How often it was put back from the dead letters.
    pub replays: u32,
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        let alert = &delivery.notice.alert;
        Self {
            number: delivery.number,
            alert_id: alert.id.clone(),
            host: alert.host.clone(),
            team: alert.team.clone(),
            summary: alert.summary.clone(),
            destination: delivery.destination.clone(),
            notice_id: delivery.notice.id.clone(),
            kind: delivery.notice.kind.name(),
            made: delivery.notice.at.to_string(),
            state: delivery.state.name(),
            attempts: delivery.attempts,
            answer: delivery.answer.clone(),
            done: delivery.done_at.as_ref().map(Timestamp::to_string),
            replays: delivery.replays,
        }
    }
}
