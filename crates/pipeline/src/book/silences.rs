//! Silences and maintenance windows as people write them: checked, and compiled for the
//! correlator. From: the catalog, and what somebody proposes. To: [`SilencePlan`]s.

use std::time::Duration;

use mutt_alert::{
    AlertField, Comparison, Holds, Matcher, Recurrence, Reminder, SilencePlan, WindowText,
};
use mutt_event::Timestamp;
use mutt_store::Kind;
use serde::{Deserialize, Serialize};

use super::BookFault;

/// The longest silence.
const SILENCE_MAX: Duration = Duration::from_secs(366 * 24 * 3_600);
/// The longest window, in minutes.
const WINDOW_MINUTES_MAX: u32 = 31 * 24 * 60;

/// What silences may be, and when their owners are reminded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SilenceLimits {
    /// One that is longer is broad: only an admin may save it.
    pub longest: Duration,
    /// So long before its end its owner is reminded of what it still hides.
    pub remind_before: Duration,
}

impl Default for SilenceLimits {
    fn default() -> Self {
        let (longest, remind_before) = (24 * 3_600, 15 * 60);
        Self {
            longest: Duration::from_secs(longest),
            remind_before: Duration::from_secs(remind_before),
        }
    }
}

/// How an alert's field is compared; the case of letters does not matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SilenceOperator {
    /// It is this text.
    #[default]
    Equals,
    /// All of it fits a pattern with `*`, `?` and `[a-z]`.
    Glob,
    /// A regular expression matches somewhere in it.
    Regex,
}

/// One thing that an alert has to be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SilenceMatcher {
    /// `host`, `site`, `labels.NAME`, `rule`, `team`, `severity`, `environment`, `key` or `summary`.
    pub field: String,
    /// How it is compared; missing: `equals`.
    #[serde(default)]
    pub operator: SilenceOperator,
    /// With what.
    pub value: String,
}

/// For a time nobody is told of some alerts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// Its name: letters, digits, `-`, `_`, `.`, `@`; 1 to 64 of them.
    pub name: String,
    /// What an alert has to be; all of it must be so.
    pub matchers: Vec<SilenceMatcher>,
    /// From when on, in RFC 3339.
    pub start: String,
    /// When it is over, in RFC 3339.
    pub end: String,
    /// Whose it is; missing: of who saves it.
    #[serde(default)]
    pub owner: String,
    /// The team that is reminded before it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub team: Option<String>,
    /// Why.
    pub reason: String,
}

/// Again and again, or once, nobody is told of some alerts while something is worked on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// Its name: letters, digits, `-`, `_`, `.`, `@`; 1 to 64 of them.
    pub name: String,
    /// What an alert has to be; all of it must be so.
    pub matchers: Vec<SilenceMatcher>,
    /// When it begins first: a local time such as `2026-11-29T22:00`; a day of the rule.
    pub start: String,
    /// The time zone, such as `Europe/Berlin`.
    pub zone: String,
    /// How long it lasts, in minutes.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 44640))]
    pub duration_minutes: u32,
    /// On which days (RFC 5545): `FREQ` DAILY, WEEKLY or MONTHLY, with `INTERVAL`, `BYDAY`,
    /// `BYMONTHDAY`, `WKST`, `COUNT`, `UNTIL`; missing: it is once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub rule: Option<String>,
    /// Days such as `2026-12-27` on which it is not (EXDATE).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Whose it is; missing: of who saves it.
    #[serde(default)]
    pub owner: String,
    /// Why.
    pub reason: String,
}

impl Silence {
    /// Compiles it.
    ///
    /// # Errors
    /// Every fault.
    pub fn plan(&self, limits: &SilenceLimits) -> Result<SilencePlan, Vec<BookFault>> {
        let mut faults = Faults::new(Kind::Silence, &self.name);
        faults.check_name();
        faults.check_words(&self.owner, &self.reason);
        let matchers = faults.matchers(&self.matchers);
        let holds = faults.take(Holds::once(&self.start, &self.end));
        if let Some(Holds::Once { start, end }) = &holds
            && end.since(*start) > SILENCE_MAX
        {
            faults.add("end", "is more than 366 days after the start: turn a rule off instead");
        }
        let reminder = Reminder {
            owner: self.owner.clone(),
            team: self.team.clone().unwrap_or_default(),
            before: limits.remind_before,
        };
        faults.into_plan(self.name.clone(), matchers, holds, Some(reminder))
    }

    /// Why only an admin may save it, if so.
    pub fn breadth(&self, plan: &SilencePlan, limits: &SilenceLimits) -> Vec<String> {
        let lasts = match plan.holds {
            Holds::Once { start, end } => end.since(start),
            Holds::Again(_) => Duration::ZERO,
        };
        breadth(plan, lasts, limits)
    }

    /// When it is over.
    pub fn ends(&self) -> Option<Timestamp> {
        match Holds::once(&self.start, &self.end) {
            Ok(Holds::Once { end, .. }) => Some(end),
            _ => None,
        }
    }
}

impl Maintenance {
    /// Compiles it.
    ///
    /// # Errors
    /// Every fault.
    pub fn plan(&self) -> Result<SilencePlan, Vec<BookFault>> {
        let mut faults = Faults::new(Kind::Maintenance, &self.name);
        faults.check_name();
        faults.check_words(&self.owner, &self.reason);
        let matchers = faults.matchers(&self.matchers);
        if !(1..=WINDOW_MINUTES_MAX).contains(&self.duration_minutes) {
            faults.add("duration_minutes", format!("is not 1 to {WINDOW_MINUTES_MAX}"));
        }
        let read = faults.take(Recurrence::read(WindowText {
            start: &self.start,
            zone: &self.zone,
            rule: self.rule.as_deref(),
            except: &self.except,
            length: self.lasts(),
        }));
        let holds = read.map(|recurrence| Holds::Again(Box::new(recurrence)));
        faults.into_plan(plan_name(&self.name), matchers, holds, None)
    }

    /// Why only an admin may save it, if so.
    pub fn breadth(&self, plan: &SilencePlan, limits: &SilenceLimits) -> Vec<String> {
        breadth(plan, self.lasts(), limits)
    }

    fn lasts(&self) -> Duration {
        Duration::from_secs(u64::from(self.duration_minutes) * 60)
    }
}

/// What a maintenance window of this name is called among silences.
pub fn plan_name(maintenance: &str) -> String {
    format!("maintenance/{maintenance}")
}

fn breadth(plan: &SilencePlan, lasts: Duration, limits: &SilenceLimits) -> Vec<String> {
    let mut why = Vec::new();
    if !plan.matchers.iter().any(|matcher| matcher.field().is_place()) {
        why.push("it names no host, site or label".to_owned());
    }
    if plan.matchers.iter().any(Matcher::fits_everything) {
        why.push("one of its matchers fits everything".to_owned());
    }
    if lasts > limits.longest {
        let hours = limits.longest.as_secs() / 3_600;
        why.push(format!("it lasts longer than {hours} h (alerts.silence_hours_max)"));
    }
    why
}

/// Faults of one item as they are found.
struct Faults<'a> {
    kind: Kind,
    name: &'a str,
    found: Vec<BookFault>,
}

impl<'a> Faults<'a> {
    fn new(kind: Kind, name: &'a str) -> Self {
        Self { kind, name, found: Vec::new() }
    }

    fn add(&mut self, path: &str, message: impl Into<String>) {
        self.found.push(BookFault::of(self.kind, self.name, path, message));
    }

    fn take<T>(&mut self, read: Result<T, Vec<(&'static str, String)>>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(found) => {
                found.into_iter().for_each(|(path, message)| self.add(path, message));
                None
            }
        }
    }

    fn check_name(&mut self) {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte);
        if !(1..=64).contains(&self.name.len()) || !self.name.bytes().all(good) {
            self.add("name", "use 1 to 64 letters, digits, `-`, `_`, `.`, `@`");
        }
        if self.name == "preview" {
            self.add("name", "`preview` is a path of the API: use another name");
        }
    }

    fn check_words(&mut self, owner: &str, reason: &str) {
        if owner.trim().is_empty() {
            self.add("owner", "is missing: say whose it is");
        }
        if reason.trim().is_empty() {
            self.add("reason", "is missing: say why nobody shall be told");
        }
    }

    fn matchers(&mut self, matchers: &[SilenceMatcher]) -> Vec<Matcher> {
        if matchers.is_empty() {
            self.add("matchers", "are missing: name a host, a site or a label");
        }
        let mut compiled = Vec::with_capacity(matchers.len());
        for (index, matcher) in matchers.iter().enumerate() {
            let comparison = match matcher.operator {
                SilenceOperator::Equals => Comparison::Equals,
                SilenceOperator::Glob => Comparison::Glob,
                SilenceOperator::Regex => Comparison::Regex,
            };
            let Some(field) = AlertField::from_name(&matcher.field) else {
                let message = format!(
                    "`{}` is no field: use host, site, labels.NAME, rule, team, severity, \
                     environment, key or summary",
                    matcher.field
                );
                self.add(&format!("matchers[{index}].field"), message);
                continue;
            };
            match Matcher::new(field, comparison, &matcher.value) {
                Ok(matcher) => compiled.push(matcher),
                Err(message) => self.add(&format!("matchers[{index}].value"), message),
            }
        }
        compiled
    }

    fn into_plan(
        self,
        name: String,
        matchers: Vec<Matcher>,
        holds: Option<Holds>,
        reminder: Option<Reminder>,
    ) -> Result<SilencePlan, Vec<BookFault>> {
        match holds {
            Some(holds) if self.found.is_empty() => {
                Ok(SilencePlan { name, matchers, holds, reminder })
            }
            _ => Err(self.found),
        }
    }
}
