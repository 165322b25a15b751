//! What is known of alerts and patterns, for people: found, one with its time line, numbers by the
//! hour; and
//! what people decide of them. From: the API. To: the tables, and from them to the judge.

use std::future::Future;

use mutt_alert::{Alert, AlertState, Decided, Moment};
use mutt_event::{MessageId, Timestamp};
use mutt_patterns::{Pattern, PatternDecided, PatternId};
use mutt_rules::AlertSeverity;
use serde::{Deserialize, Serialize};

use crate::{
    AuditEntry, Change, Database, Delivery, PatternChange, PatternQuery, StoreError, Urgency,
};

/// The most alerts, moments or deliveries that one question answers: one more than the longest page
/// of the API has, which asks for it to know whether there is another page.
pub const PAGE_ROWS_MAX: u32 = 1_001;

/// Microseconds in an hour.
const HOUR_MICROS: i64 = 3_600_000_000;

/// Which alerts, newest first; what is none or empty does not matter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AlertQuery {
    /// In one of these states.
    pub states: Vec<AlertState>,
    /// Of this host.
    pub host: Option<String>,
    /// Of this rule.
    pub rule: Option<String>,
    /// Of this team.
    pub team: Option<String>,
    /// Of this signature.
    pub signature: Option<String>,
    /// At least so bad now.
    pub severity: Option<AlertSeverity>,
    /// With this text in summary, key, host or first message, in any case of letters.
    pub text: Option<String>,
    /// Opened by this message: its correlation id.
    pub cause: Option<MessageId>,
    /// Seen at this time or later.
    pub since: Option<Timestamp>,
    /// Begun before this time.
    pub until: Option<Timestamp>,
    /// Older than the last one of the page before: when that began, and its id.
    pub before: Option<(Timestamp, String)>,
    /// At most so many, up to [`PAGE_ROWS_MAX`].
    pub limit: u32,
}

impl AlertQuery {
    /// Whether an alert is one of these; `before` and `limit` aside.
    pub fn fits(&self, alert: &Alert) -> bool {
        let is = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|w| w == has);
        (self.states.is_empty() || self.states.contains(&alert.state))
            && is(&self.host, &alert.host)
            && is(&self.rule, &alert.rule.id)
            && is(&self.team, &alert.team)
            && is(&self.signature, &alert.signature)
            && self.severity.is_none_or(|severity| alert.severity >= severity)
            && self.text.as_ref().is_none_or(|text| words(alert).contains(&text.to_lowercase()))
            && self.cause.is_none_or(|cause| cause.to_string() == alert.cause.to_string())
            && self.since.is_none_or(|since| alert.last_seen >= since)
            && self.until.is_none_or(|until| alert.first_seen < until)
    }
}

/// What is searched of an alert, in lower case.
pub(crate) fn words(alert: &Alert) -> String {
    [&alert.summary, &alert.key, &alert.host, &alert.text]
        .map(|text| text.to_lowercase())
        .join("\n")
}

/// Until when an alert is live: open ones for ever, ended ones while they may come back.
pub(crate) fn live_until(alert: &Alert) -> Option<Timestamp> {
    if alert.state.is_open() {
        return Some(Timestamp::from_micros(i64::MAX));
    }
    alert.reopens_until
}

/// What is counted by the hour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TallyKind {
    /// Messages received, by syslog severity.
    Received,
    /// Messages, by what became of them at the judge.
    Outcome,
    /// Messages that a rule owned, by rule.
    Matched,
    /// Alerts that opened, by rule.
    Alerts,
    /// Notices, by rule.
    Notices,
    /// Notices, by kind and handling.
    Handling,
    /// Messages received, by host.
    Host,
    /// Alerts that a shadow rule would have opened, by rule.
    ShadowAlerts,
    /// Notices that a shadow rule would have made, by rule.
    ShadowNotices,
    /// Those of them that would have paged: a problem began or came back, by rule.
    ShadowPages,
    /// Notices that page (a problem began, came back or became worse), by rule.
    Pages,
    /// The same, by the syslog severity of the message that opened the alert.
    PageSeverity,
    /// Alerts that opened, by host.
    HostAlerts,
    /// Notices that page, by host.
    HostPages,
    /// Messages received, by input.
    Input,
    /// Notices that a problem began, by how long after its message's receipt a destination took
    /// them: the upper edge of a range, in ms.
    PageDelay,
}

impl TallyKind {
    /// All of them.
    pub const ALL: [TallyKind; 16] = [
        TallyKind::Received,
        TallyKind::Outcome,
        TallyKind::Matched,
        TallyKind::Alerts,
        TallyKind::Notices,
        TallyKind::Handling,
        TallyKind::Host,
        TallyKind::ShadowAlerts,
        TallyKind::ShadowNotices,
        TallyKind::ShadowPages,
        TallyKind::Pages,
        TallyKind::PageSeverity,
        TallyKind::HostAlerts,
        TallyKind::HostPages,
        TallyKind::Input,
        TallyKind::PageDelay,
    ];

    /// The name in the database and the API.
    pub fn name(self) -> &'static str {
        match self {
            TallyKind::Received => "received",
            TallyKind::Outcome => "outcome",
            TallyKind::Matched => "matched",
            TallyKind::Alerts => "alerts",
            TallyKind::Notices => "notices",
            TallyKind::Handling => "handling",
            TallyKind::Host => "host",
            TallyKind::ShadowAlerts => "shadow_alerts",
            TallyKind::ShadowNotices => "shadow_notices",
            TallyKind::ShadowPages => "shadow_pages",
            TallyKind::Pages => "pages",
            TallyKind::PageSeverity => "page_severity",
            TallyKind::HostAlerts => "host_alerts",
            TallyKind::HostPages => "host_pages",
            TallyKind::Input => "input",
            TallyKind::PageDelay => "page_delay",
        }
    }
}

/// A number of an hour; in a change: how much it grows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Tally {
    /// Hours since the epoch.
    pub hour: i64,
    /// What is counted.
    pub kind: TallyKind,
    /// Of which rule, host, …
    pub name: String,
    /// How many.
    pub value: u64,
}

/// The hour of a time, in hours since the epoch.
pub fn hour_of(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(HOUR_MICROS)
}

/// When an hour began.
pub fn hour_start(hour: i64) -> Timestamp {
    Timestamp::from_micros(hour.saturating_mul(HOUR_MICROS))
}

/// What people ask of alerts.
pub trait History: Database {
    /// Alerts, newest first.
    fn alerts(
        &self,
        query: &AlertQuery,
    ) -> impl Future<Output = Result<Vec<Alert>, StoreError>> + Send;

    /// One alert.
    fn alert(&self, id: &str) -> impl Future<Output = Result<Option<Alert>, StoreError>> + Send;

    /// What happened to an alert after the moment of this number, oldest first, each with its
    /// number; at most `limit`.
    fn moments(
        &self,
        alert_id: &str,
        after: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(i64, Moment)>, StoreError>> + Send;

    /// What was sent of an alert to whom and what they answered, in the order of making; at most
    /// `limit`.
    fn deliveries(
        &self,
        alert_id: &str,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Delivery>, StoreError>> + Send;

    /// The numbers of a kind, of the hours from `from` up to but not `until`; by hour and name.
    fn tallies(
        &self,
        kind: TallyKind,
        from: i64,
        until: i64,
    ) -> impl Future<Output = Result<Vec<Tally>, StoreError>> + Send;

    /// Patterns, in the order of the query.
    fn found_patterns(
        &self,
        query: &PatternQuery,
    ) -> impl Future<Output = Result<Vec<Pattern>, StoreError>> + Send;

    /// One pattern, by its id or by that of one that became one with it.
    fn pattern(
        &self,
        id: PatternId,
    ) -> impl Future<Output = Result<Option<Pattern>, StoreError>> + Send;

    /// Writes down what somebody decided of a pattern, for the judge to do.
    fn decide_pattern(
        &self,
        decided: PatternDecided,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        let patterns = PatternChange { decide: vec![decided], ..PatternChange::default() };
        let (urgency, audit) = (Urgency::Person, vec![audit]);
        self.commit(Change { urgency, patterns, audit, ..Change::default() })
    }

    /// Writes down what somebody decided, for the judge to do.
    fn decide(
        &self,
        decided: Decided,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        let (urgency, decide, audit) = (Urgency::Person, vec![decided], vec![audit]);
        self.commit(Change { urgency, decide, audit, ..Change::default() })
    }
}
