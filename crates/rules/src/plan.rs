//! How a rule's events become alerts: the settings of counting, pairs, absence, sequences,
//! flapping, parents and storms, as data.
//!
//! From: a rule. To: `mutt-alert`, which does as they say; here nothing is counted.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::fault::did_you_mean;
use crate::inventory::check_label;
use crate::template::without_event;
use crate::{AlertSeverity, Handlings, Rule};

/// How long an ended alert waits for its problem to come back, unless its rule says otherwise.
pub const REOPEN_WITHIN_DEFAULT: Duration = Duration::from_secs(5 * 60);

/// At least so many within a time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Count {
    /// How many, 2 to 1,000.
    pub at_least: u32,
    /// The sliding window: the first and the last of them are not further apart.
    #[serde(serialize_with = "duration")]
    pub within: Duration,
    /// A template: how many different values of it are counted; empty: how many events.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub distinct: String,
}

/// Nothing that matches, where something should.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Absent {
    /// For how long; none: in the whole of each of the `between` times.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none", serialize_with = "some")]
    pub after: Option<Duration>,
    /// When something is expected at all; none: always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between: Option<Between>,
    /// Who is expected before anything was seen of them.
    #[serde(skip_serializing_if = "Expected::is_nobody")]
    pub expect: Expected,
}

/// The days of a week as rules write them, from Monday on.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A time of day, in a zone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Between {
    /// Minutes after midnight, 0 to 1,439.
    #[serde(serialize_with = "time_of_day")]
    pub from: u16,
    /// Minutes after midnight; not after `from`: on the next day.
    #[serde(serialize_with = "time_of_day")]
    pub to: u16,
    /// The zone's name in the IANA database.
    pub zone: String,
    /// On which days it begins, Monday is 1; empty: on all.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "names_of_days")]
    pub days: Vec<u8>,
}

/// Who is expected: each host with each key.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Expected {
    /// Hosts by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Hosts that the inventory has by name, with all of these: `site`, `team`, `environment`,
    /// `labels.NAME`, each with its value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub inventory: BTreeMap<String, String>,
    /// Keys; none: the empty one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

impl Expected {
    /// Only those that were seen once.
    pub fn is_nobody(&self) -> bool {
        *self == Self::default()
    }
}

/// How much a problem that comes and goes is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Flapping {
    /// It flaps once its penalty is above this; each time that it begins or ends adds 1.
    pub suppress_above: u32,
    /// It is calm again once its penalty is below this.
    pub release_below: u32,
    /// The penalty halves in this time.
    #[serde(serialize_with = "duration")]
    pub half_life: Duration,
    /// A template: what flaps; rules that render the same share its penalty. Empty: the alert.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub object: String,
}

/// How it is damped where a rule says no more than that it is.
impl Default for Flapping {
    fn default() -> Self {
        Self {
            suppress_above: 5,
            release_below: 2,
            half_life: Duration::from_secs(5 * 60),
            object: String::new(),
        }
    }
}

/// What a parent has in common with its children.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Same {
    /// The host.
    Host,
    /// The site that the inventory knows.
    Site,
    /// The parent's host is named by the inventory's label `upstream` of the child's.
    Upstream,
    /// The inventory's label of this name.
    Label(String),
}

impl fmt::Display for Same {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Same::Host => f.write_str("host"),
            Same::Site => f.write_str("site"),
            Same::Upstream => f.write_str("upstream"),
            Same::Label(name) => write!(f, "labels.{name}"),
        }
    }
}

impl FromStr for Same {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "host" => Ok(Same::Host),
            "site" => Ok(Same::Site),
            "upstream" => Ok(Same::Upstream),
            other => match other.strip_prefix("labels.") {
                Some(name) => check_label(name).map(|()| Same::Label(name.to_owned())),
                None => Err(format!(
                    "`{other}` is not known here.{} It is one of host, site, upstream, labels.NAME.",
                    did_you_mean(other, ["host", "site", "upstream"])
                )),
            },
        }
    }
}

impl Serialize for Same {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A rule whose open alert quiets those of another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Parent {
    /// The parent's rule.
    pub rule: String,
    /// What they have in common.
    pub same: Same,
}

/// A sequence's times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SequencePlan {
    /// `then` comes at most this long after `when`.
    pub within: Duration,
    /// Whether something else has to come between them.
    pub needs_with: bool,
}

/// All that correlation needs to know of a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The rule's id.
    pub rule_id: String,
    /// The rule's revision.
    pub revision: String,
    /// How its alerts are told apart: alerts of another one are other problems.
    pub shape: String,
    /// One alert for each key over all hosts.
    pub across_hosts: bool,
    /// With no repeat for this long an alert closes itself; none: never.
    pub close_after: Option<Duration>,
    /// An alert that is back within this time is the same.
    pub reopen_within: Duration,
    /// An alert opens only with so many events.
    pub count: Option<Count>,
    /// An alert is told only if it is still there after this time.
    pub hold_for: Duration,
    /// A clear so long before its problem ends it too.
    pub early_clear: Duration,
    /// Alerts tell what did not come.
    pub absent: Option<Absent>,
    /// An alert opens only with what follows.
    pub sequence: Option<SequencePlan>,
    /// How much a problem that comes and goes is told.
    pub flapping: Option<Flapping>,
    /// At most so many alerts a minute are told one by one; none: as the settings say.
    pub storm_per_minute: Option<u32>,
    /// What shall happen, where no event says it.
    pub handling: Handlings,
    /// How bad it is, where no event says it.
    pub severity: Option<AlertSeverity>,
    /// Who is responsible; empty: the host's team.
    pub team: String,
    /// One line for a person, where no event says it; it may hold `{host}` and `{key}`.
    pub summary: Option<String>,
    /// Where to read what to do.
    pub runbook: Option<String>,
}

impl Plan {
    /// The plan of a rule.
    pub fn of(rule: &Rule, revision: String) -> Self {
        let has_clear = rule.clear.is_some() || rule.absent.is_some();
        let across = if rule.across_hosts { "across" } else { "" };
        Self {
            rule_id: rule.id.clone(),
            revision,
            shape: crate::rule::short_hash([across.as_bytes(), rule.key.as_bytes()]),
            across_hosts: rule.across_hosts,
            close_after: rule.close_after.resolve(has_clear),
            reopen_within: rule.reopen_within.unwrap_or(REOPEN_WITHIN_DEFAULT),
            count: rule.count.clone(),
            hold_for: rule.hold_for.unwrap_or_default(),
            early_clear: rule.early_clear.unwrap_or_default(),
            absent: rule.absent.clone(),
            sequence: rule.sequence.as_ref().map(|sequence| SequencePlan {
                within: sequence.within,
                needs_with: sequence.with.is_some(),
            }),
            flapping: rule.flapping.clone(),
            storm_per_minute: rule.storm_per_minute,
            handling: rule.handling,
            severity: rule.severity,
            team: rule.team.clone(),
            summary: rule.summary.clone(),
            runbook: rule.runbook.clone(),
        }
    }

    /// The rule's summary of something that did not come, if it has one.
    pub fn absent_summary(&self, host: &str, key: &str) -> Option<String> {
        without_event(self.summary.as_ref()?, host, key).ok()
    }
}

impl Plan {
    /// How long an event matters for what becomes of a later one.
    pub fn window(&self) -> Duration {
        let absent = self.absent.as_ref().and_then(|absent| absent.after);
        let flapping = self.flapping.as_ref().map(|flapping| 8 * flapping.half_life);
        let others = [
            self.count.as_ref().map(|count| count.within),
            self.sequence.map(|sequence| sequence.within),
            absent,
            flapping,
        ];
        let others = others.into_iter().flatten().max().unwrap_or_default();
        others.max(self.hold_for).max(self.early_clear)
    }
}

/// What an alert has in common with others, as keys that parents and children share.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Links {
    /// While an alert with one of these in `parent_as` is open, this one is quiet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub child_of: Vec<String>,
    /// As what it quiets others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parent_as: Vec<String>,
}

impl Links {
    /// Whether it has nothing in common with any.
    pub fn is_empty(&self) -> bool {
        self.child_of.is_empty() && self.parent_as.is_empty()
    }
}

pub(crate) fn duration<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&crate::duration::text(*time))
}

/// For serde, which asks by reference.
#[allow(clippy::ref_option)]
pub(crate) fn some<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => duration(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// For serde, which asks by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn time_of_day<S: Serializer>(minutes: &u16, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&clock(*minutes))
}

/// Minutes after midnight as people write them.
pub(crate) fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn names_of_days<S: Serializer>(days: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(days.iter().filter_map(|day| day_name(*day)))
}

/// The name of a day, Monday is 1.
pub(crate) fn day_name(day: u8) -> Option<&'static str> {
    DAYS.get(usize::from(day).checked_sub(1)?).copied()
}
