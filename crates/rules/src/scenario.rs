//! Scenarios: messages over time, and of what somebody is told then. From: rule files. To: whoever
//! plays them through the whole of correlation, which this crate does not know.

use std::time::Duration;

use mutt_event::Timestamp;
use serde::Serialize;

use crate::plan::{duration, some};
use crate::{Rule, TrapExample};

/// When a scenario begins that says nothing of it: 2026-01-01T00:00:00Z, a Thursday.
const START_DEFAULT: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// How long a scenario lasts at most.
pub const SCENARIO_MAX: Duration = Duration::from_secs(31 * 24 * 3_600);

/// How many events a scenario has at most.
pub const SCENARIO_EVENTS_MAX: usize = 1_000;

/// What comes over a time, and all that is told of the rule's alerts then.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Scenario {
    /// What it shows.
    pub name: String,
    /// When it begins, in RFC 3339, where that matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// What comes, in order.
    pub events: Vec<ScenarioEvent>,
    /// How long it lasts; none: until the last event.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "some")]
    pub until: Option<Duration>,
    /// All notices of the rule's alerts, in order; none: nobody is told of anything.
    pub told: Vec<ScenarioNotice>,
}

/// A message or a trap in a scenario.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ScenarioEvent {
    /// How long after the begin.
    #[serde(serialize_with = "duration")]
    pub at: Duration,
    /// A syslog message as received; empty for a trap.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// A trap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trap: Option<TrapExample>,
    /// The device; default `example`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// A notice in a scenario.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ScenarioNotice {
    /// How long after the begin; parts of a second are cut off.
    #[serde(serialize_with = "duration")]
    pub at: Duration,
    /// What is told.
    pub kind: ScenarioKind,
    /// The alert's host, if that shall be checked too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The alert's key, if that shall be checked too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What is told of an alert.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScenarioKind {
    /// A problem began, or came back.
    Open,
    /// It became worse.
    Worse,
    /// It flaps, or not any more.
    Update,
    /// It is over.
    Clear,
}

impl ScenarioKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Worse, Self::Update, Self::Clear];

    /// The name as rules and notices write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Worse => "worse",
            Self::Update => "update",
            Self::Clear => "clear",
        }
    }
}

/// Reads the begin of a scenario.
pub(crate) fn read_start(text: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_micros(instant.as_microsecond()))
}

impl Scenario {
    /// When it begins.
    pub fn begins(&self) -> Timestamp {
        self.start.as_deref().and_then(read_start).unwrap_or(START_DEFAULT)
    }

    /// How long it lasts.
    pub fn lasts(&self) -> Duration {
        let last = self.events.last().map(|event| event.at).unwrap_or_default();
        self.until.unwrap_or(last)
    }

    /// The hosts that it names.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        let events = self.events.iter().map(ScenarioEvent::host);
        events.chain(self.told.iter().filter_map(|notice| notice.host.as_deref()))
    }
}

impl ScenarioEvent {
    /// The device.
    pub fn host(&self) -> &str {
        self.host.as_deref().unwrap_or(crate::example::HOST_DEFAULT)
    }
}

impl Rule {
    /// A fault of one of its scenarios.
    pub fn scenario_fault(&self, index: usize, message: impl Into<String>) -> crate::Fault {
        self.fault(format!("scenarios[{index}]"), message)
    }
}
