//! What a backtest found, as it is shown to people and programs.
//!
//! From: the comparison. To: JSON. Numbers are integers, times are microseconds since 1970 (UTC).

use std::collections::BTreeMap;

use mutt_event::{MessageId, Timestamp};
use mutt_rules::{AlertSeverity, Handling, Match};
use mutt_store::Counts;
use serde::Serialize;

use super::{AlertSample, Compared, Progress};

/// What became of the messages under each of the two sets, and what differs.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    /// How far the backtest was when it was asked.
    pub progress: Progress,
    /// Messages that both sets have judged.
    pub events: u64,
    /// Messages left out, since their sender had sent them before.
    pub repeated: u64,
    /// Messages left out since they failed the checks of SNMP version 3 at their receipt.
    pub unauthenticated: u64,
    /// Messages left out, since the journal had lost them: damaged, or trimmed meanwhile.
    pub unreadable: u64,
    /// When the first message was appended (lines: received); none without one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub first: Option<Timestamp>,
    /// When the last one was.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub last: Option<Timestamp>,
    /// What the live set made of them.
    pub live: SetReport,
    /// What the draft made of them.
    pub draft: SetReport,
    /// All messages, compared.
    pub all: Tally,
    /// Those that a rule wants, by its id; one that went from a rule to another counts at both.
    pub by_rule: Tallies<String>,
    /// Likewise by the team that is responsible; `""` is none.
    pub by_team: Tallies<String>,
    /// All messages by the hour (UTC) of their append (lines: of their receipt): the key is the
    /// second since 1970 that it begins with.
    #[cfg_attr(feature = "openapi", schema(value_type = Tallies<String>))]
    // JSON's keys are text
    pub by_hour: Tallies<i64>,
    /// Alerts and notices of each rule, by both sets.
    pub alerts_by_rule: BTreeMap<String, AlertsOfRule>,
    /// Alerts, by signature.
    pub alerts: Compared,
    /// Times that somebody would have been paged, by the alert's signature: it began, came back or
    /// became worse, and its handling pages.
    pub pages: Compared,
    /// Alerts that the sets differ in: those first of which one pages more often.
    pub alert_samples: Vec<AlertSample>,
    /// Alerts and pages that were not compared, since there were too many.
    pub alerts_left_out: u64,
    /// Some messages that the sets judge differently.
    pub samples: Vec<Sample>,
    /// Differences that are no sample, since there are enough of their kind or in all.
    pub samples_left_out: u64,
}

impl Report {
    /// A report of nothing yet.
    pub(super) fn new(progress: Progress, live: SetReport, draft: SetReport) -> Self {
        Self {
            progress,
            events: 0,
            repeated: 0,
            unauthenticated: 0,
            unreadable: 0,
            first: None,
            last: None,
            live,
            draft,
            all: Tally::default(),
            by_rule: Tallies::default(),
            by_team: Tallies::default(),
            by_hour: Tallies::default(),
            alerts_by_rule: BTreeMap::new(),
            alerts: Compared::default(),
            pages: Compared::default(),
            alert_samples: Vec::new(),
            alerts_left_out: 0,
            samples: Vec::new(),
            samples_left_out: 0,
        }
    }
}

/// What one set made of the messages.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetReport {
    /// The rules' hash.
    pub rules: String,
    /// The catalog's revision; 0: none.
    pub revision: u64,
    /// Messages by what became of them; those without any message are left out.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, u64>))]
    pub outcomes: Counts,
    /// Alerts opened.
    pub opened: u64,
    /// How often an open alert became worse.
    pub worse: u64,
    /// Alerts ended by a clear.
    pub cleared: u64,
    /// Alerts ended since nothing repeated them for their rule's `close_after`.
    pub closed: u64,
    /// Alerts closed early, since too many were open.
    pub evicted: u64,
    /// Alerts open after the last message.
    pub still_open: u64,
    /// What somebody would have been told, unless MUTT only observes.
    pub notices: Notices,
}

/// Alerts and notices of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alerts {
    /// Alerts that opened.
    pub alerts: u64,
    /// Notices that a problem began or came back: what would have paged or opened a ticket.
    pub opens: u64,
    /// All notices.
    pub notices: u64,
}

/// Alerts and notices of a rule, by both sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertsOfRule {
    /// By the live set.
    pub live: Alerts,
    /// By the draft.
    pub draft: Alerts,
}

/// Notices (a problem began, became worse, is over), by what their alert asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[allow(missing_docs)] // the handlings' own names
pub struct Notices {
    pub page_and_ticket: u64,
    pub page_only: u64,
    pub ticket_only: u64,
    pub email_only: u64,
}

impl Notices {
    pub(super) fn add(&mut self, handling: Handling) {
        match handling {
            Handling::PageAndTicket => self.page_and_ticket += 1,
            Handling::PageOnly => self.page_only += 1,
            Handling::TicketOnly => self.ticket_only += 1,
            Handling::EmailOnly => self.email_only += 1,
            Handling::LogOnly | Handling::Suppress => {}
        }
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.page_and_ticket + self.page_only + self.ticket_only + self.email_only
    }
}

/// How the draft judges a message otherwise than the live set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Both have a rule that owns it; another one, or with another key, handling, severity or
    /// team.
    Changed,
    /// Only the draft owns it.
    Gained,
    /// Only the live set owns it.
    Lost,
    /// Only by the draft it ends this rule's alert of this key.
    ClearGained,
    /// Only by the live set it does.
    ClearLost,
}

impl Difference {
    /// How many there are.
    pub(super) const COUNT: usize = 5;
}

/// Messages, compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tally {
    /// Messages that the live set owns.
    pub live: u64,
    /// Messages that the draft owns.
    pub draft: u64,
    /// Messages that both judge alike: no owner, or the same rule, key, handling, severity and
    /// team.
    pub same: u64,
    /// Messages that both own, but not alike.
    pub changed: u64,
    /// Messages that only the draft owns.
    pub gained: u64,
    /// Messages that only the live set owns.
    pub lost: u64,
    /// Clears that only the draft sees, whoever owns the message.
    pub clears_gained: u64,
    /// Clears that only the live set sees.
    pub clears_lost: u64,
}

impl Tally {
    /// Counts a message's owners; no difference: they are the same.
    pub(super) fn add(&mut self, difference: Option<Difference>) {
        *match difference {
            None => &mut self.same,
            Some(Difference::Changed) => &mut self.changed,
            Some(Difference::Gained) => &mut self.gained,
            Some(Difference::Lost) => &mut self.lost,
            Some(Difference::ClearGained) => &mut self.clears_gained,
            Some(Difference::ClearLost) => &mut self.clears_lost,
        } += 1;
    }

    /// How many messages it holds.
    pub(super) fn messages(&self) -> u64 {
        self.same + self.changed + self.gained + self.lost
    }

    pub(super) fn merge(&mut self, other: &Tally) {
        self.live += other.live;
        self.draft += other.draft;
        self.same += other.same;
        self.changed += other.changed;
        self.gained += other.gained;
        self.lost += other.lost;
        self.clears_gained += other.clears_gained;
        self.clears_lost += other.clears_lost;
    }
}

/// Tallies by rule, team or hour.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tallies<K: Ord> {
    /// Those that came first, up to the limit.
    pub of: BTreeMap<K, Tally>,
    /// How often a message was not counted here, since the limit was reached.
    pub left_out: u64,
}

/// A message that the sets judge differently.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sample {
    /// How.
    pub difference: Difference,
    /// The device's one name.
    pub host: String,
    /// When it was appended (lines: received).
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub time: Timestamp,
    /// Where it is found.
    #[serde(flatten)]
    pub place: Place,
    /// What the live set makes of it: its owner, or for a clear the rule that it ends.
    pub live: Option<Wanted>,
    /// What the draft makes of it.
    pub draft: Option<Wanted>,
}

/// Where a sample is found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Place {
    /// In the journal.
    Message {
        /// The message's id.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        message_id: MessageId,
    },
    /// Among the lines.
    Line {
        /// Its number, from 1.
        line: u64,
        /// Its text, or the beginning of it.
        text: String,
    },
}

/// What a rule makes of a message: all that the comparison looks at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wanted {
    /// The rule's id.
    pub rule: String,
    /// What tells its alert from the rule's others on the host.
    pub key: String,
    /// What happens.
    pub handling: Handling,
    /// How bad it is.
    pub severity: AlertSeverity,
    /// Who is responsible.
    pub team: String,
}

impl From<&Match> for Wanted {
    fn from(found: &Match) -> Self {
        Self {
            rule: found.rule_id.clone(),
            key: found.key.clone(),
            handling: found.handling,
            severity: found.severity,
            team: found.team.clone(),
        }
    }
}
