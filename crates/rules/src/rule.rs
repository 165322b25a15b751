//! A rule as data: what a person writes, and its one canonical form.
//!
//! From: a rule file. To: the compiler; the revision that alerts carry.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::condition::Condition;
use crate::fault::is_within;
use crate::plan::some;
use crate::{
    Absent, AlertSeverity, Count, Environment, Fault, Flapping, Handling, Parent, Scenario,
};

/// How long an alert without a `clear` stays open after its last event, unless its rule says
/// otherwise.
pub const CLOSE_AFTER_DEFAULT: Duration = Duration::from_secs(24 * 60 * 60);

/// A rule: which events it owns, and what becomes of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Rule {
    /// Unique in its set.
    pub id: String,
    /// The lowest is tried first; equal ones go by id.
    pub priority: u32,
    /// Which events it owns.
    pub when: Condition,
    /// Which events end its alert of the same host and key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clear: Option<Condition>,
    /// What shall happen.
    pub handling: Handlings,
    /// Who is responsible; may be empty where nobody is told.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub team: String,
    /// The alert's severity; none: from the event's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<AlertSeverity>,
    /// A template for one line that people read; none: the event's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// A template for what tells one alert of the rule from another on the same host.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// When an alert without repeats closes itself.
    #[serde(skip_serializing_if = "CloseAfter::is_default")]
    pub close_after: CloseAfter,
    /// An ended alert whose problem is back within this time is opened again; none: 5 minutes.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "some")]
    pub reopen_within: Option<Duration>,
    /// One alert for each key over all hosts, not for each host.
    #[serde(skip_serializing_if = "is_false")]
    pub across_hosts: bool,
    /// An alert opens only with so many events within a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
    /// An alert is told only if it is not cleared within this time.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "some")]
    pub hold_for: Option<Duration>,
    /// A clear that comes at most so long before its problem ends it too.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "some")]
    pub early_clear: Option<Duration>,
    /// An alert opens where nothing matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absent>,
    /// An alert opens only with what follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Sequence>,
    /// How a problem that comes and goes is damped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flapping: Option<Flapping>,
    /// Rules whose open alerts quiet this one's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suppressed_by: Vec<Parent>,
    /// At most so many alerts a minute are told one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storm_per_minute: Option<u32>,
    /// Templates for what else the alert shall carry, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// It owns nothing, but gives its labels to every event that it fits, whoever owns it.
    #[serde(rename = "continue", skip_serializing_if = "is_false")]
    pub continues: bool,
    /// Whether it takes part.
    #[serde(skip_serializing_if = "Mode::is_live")]
    pub mode: Mode,
    /// Where to read what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    /// Who answers for the rule itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Why the rule is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Messages with the outcome expected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
    /// Messages over time, and what is told then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<Scenario>,
    /// Where its parts stand in its file, for faults; no part of its content.
    #[serde(skip)]
    pub(crate) lines: Lines,
}

/// For serde, which asks by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

/// Whether a rule takes part.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It judges, and its verdicts count.
    #[default]
    Live,
    /// It judges and is reported, but owns and clears nothing.
    Shadow,
    /// It is checked and kept, but judges nothing.
    Off,
}

impl Mode {
    /// The name as rules write it.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Live => "live",
            Mode::Shadow => "shadow",
            Mode::Off => "off",
        }
    }

    fn is_live(&self) -> bool {
        *self == Mode::Live
    }
}

/// A handling for each environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Handlings {
    /// For hosts of production.
    pub prod: Handling,
    /// For hosts of development.
    pub dev: Handling,
}

impl Handlings {
    /// Whether it suppresses everywhere, so that there is no alert.
    pub(crate) fn suppresses(self) -> bool {
        [self.prod, self.dev] == [Handling::Suppress; 2]
    }

    /// The one for an environment.
    pub fn of(&self, environment: Environment) -> Handling {
        match environment {
            Environment::Prod => self.prod,
            Environment::Dev => self.dev,
        }
    }
}

/// When an alert without repeats closes itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CloseAfter {
    /// 24 hours for a rule without a `clear`, never for one with.
    #[default]
    Default,
    /// It stays open until a clear.
    Never,
    /// After this long.
    After(Duration),
}

impl CloseAfter {
    fn is_default(&self) -> bool {
        *self == CloseAfter::Default
    }

    /// The time, given whether the rule has a `clear`.
    pub fn resolve(self, has_clear: bool) -> Option<Duration> {
        match self {
            CloseAfter::Default => (!has_clear).then_some(CLOSE_AFTER_DEFAULT),
            CloseAfter::Never => None,
            CloseAfter::After(duration) => Some(duration),
        }
    }
}

impl Serialize for CloseAfter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            CloseAfter::Default => serializer.serialize_none(),
            CloseAfter::Never => serializer.serialize_str("never"),
            CloseAfter::After(time) => serializer.serialize_str(&crate::duration::text(*time)),
        }
    }
}

/// The rule's event, then another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Sequence {
    /// What has to follow, of the same host and key.
    pub then: Condition,
    /// At most so long after the first.
    #[serde(serialize_with = "crate::plan::duration")]
    pub within: Duration,
    /// What has to come between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<Condition>,
    /// What must not come between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without: Option<Condition>,
}

/// A message and what its rule makes of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Example {
    /// A syslog message as received; empty for a trap.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// A trap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trap: Option<TrapExample>,
    /// The device; default `example`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// What is expected.
    pub expect: Expect,
    /// The key expected, if that shall be checked too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A trap as an example.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TrapExample {
    /// snmpTrapOID.
    pub oid: String,
    /// Variables and their values; a whole number is sent as an integer, all else as text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub varbinds: BTreeMap<String, String>,
}

/// What an example expects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// The rule owns it.
    Match,
    /// It ends the rule's alert.
    Clear,
    /// Neither.
    Nothing,
}

impl Rule {
    /// The rule's one form, keys in a fixed order: the same rule from TOML, YAML or JSON gives
    /// the same text.
    pub fn canonical_json(&self) -> String {
        // Maps with text keys and no floats always serialise; an empty text would show in tests.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A rule in which nothing is written yet.
    pub(crate) fn blank() -> Self {
        Self {
            id: String::new(),
            priority: 0,
            when: Condition::All(Vec::new()),
            clear: None,
            // Of all handlings the one from which no fault follows.
            handling: Handlings { prod: Handling::LogOnly, dev: Handling::LogOnly },
            team: String::new(),
            severity: None,
            summary: None,
            key: String::new(),
            close_after: CloseAfter::Default,
            reopen_within: None,
            across_hosts: false,
            count: None,
            hold_for: None,
            early_clear: None,
            absent: None,
            sequence: None,
            flapping: None,
            suppressed_by: Vec::new(),
            storm_per_minute: None,
            labels: BTreeMap::new(),
            continues: false,
            mode: Mode::Live,
            runbook: None,
            owner: None,
            note: None,
            examples: Vec::new(),
            scenarios: Vec::new(),
            lines: Lines::default(),
        }
    }

    /// A fault of one of its parts, with the place where it stands.
    pub fn fault(&self, path: impl Into<String>, message: impl Into<String>) -> Fault {
        let path = path.into();
        Fault {
            file: self.lines.file.as_deref().map(str::to_owned),
            rule: Some(self.id.clone()),
            line: self.lines.find(&path),
            ..Fault::at(path, message)
        }
    }

    /// 12 hexadecimal digits of the SHA-256 of its canonical JSON.
    pub fn revision(&self) -> String {
        short_hash([self.canonical_json().as_bytes()])
    }
}

/// 12 hexadecimal digits of the SHA-256 of all parts.
pub(crate) fn short_hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Where a rule's parts stand, by path. Two rules are equal wherever they stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    /// The file, if the caller named it.
    pub file: Option<Arc<str>>,
    pub at: Vec<(String, u32)>,
}

impl PartialEq for Lines {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Lines {}

impl Lines {
    /// The line of a path, or of the nearest part around it.
    pub fn find(&self, path: &str) -> Option<u32> {
        self.at
            .iter()
            .filter(|(known, _)| is_within(path, known))
            .max_by_key(|(known, _)| known.len())
            .map(|(_, line)| *line)
    }
}
