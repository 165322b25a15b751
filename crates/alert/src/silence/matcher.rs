//! What a silence looks at: a field of an alert, and what it has to be. From: texts that people
//! wrote. To: yes or no for an alert. The case of letters does not matter, as in rules.

use mutt_rules::glob_to_regex;
use regex::bytes::{Regex, RegexBuilder};

use crate::Alert;

/// The most that a compiled regex may take, in bytes.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// Values that have nothing in common: what fits each of them tells nothing apart.
const UNLIKE: [&str; 5] = ["a", "0", "core-1.example.net", "Gi1/0/3", "~"];

/// A field of an alert.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum AlertField {
    /// The host; of an alert over several hosts each of them has to fit.
    Host,
    /// The rule's id.
    Rule,
    /// The team.
    Team,
    /// The site; an alert without one does not fit.
    Site,
    /// The severity of now.
    Severity,
    /// The environment.
    Environment,
    /// The key.
    Key,
    /// The summary.
    Summary,
    /// A label; an alert without it does not fit.
    Label(String),
}

impl AlertField {
    /// The field of that name: `host`, `labels.NAME`, …
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "host" => Self::Host,
            "rule" => Self::Rule,
            "team" => Self::Team,
            "site" => Self::Site,
            "severity" => Self::Severity,
            "environment" => Self::Environment,
            "key" => Self::Key,
            "summary" => Self::Summary,
            _ => Self::Label(name.strip_prefix("labels.").filter(|n| !n.is_empty())?.to_owned()),
        })
    }

    /// Whether it says where something stands, so that a silence by it is no broad one.
    pub fn is_place(&self) -> bool {
        matches!(self, Self::Host | Self::Site | Self::Label(_))
    }
}

/// How a value is compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Comparison {
    /// It is this text.
    Equals,
    /// It fits a pattern with `*`, `?` and `[a-z]`, as a whole.
    Glob,
    /// A regular expression matches somewhere in it.
    Regex,
}

/// One thing that has to be so.
#[derive(Clone, Debug)]
pub struct Matcher {
    field: AlertField,
    wanted: Wanted,
}

#[derive(Clone, Debug)]
enum Wanted {
    Text(String),
    Regex(Regex),
}

impl Matcher {
    /// Of its parts.
    ///
    /// # Errors
    /// A pattern that cannot be read.
    pub fn new(field: AlertField, comparison: Comparison, value: &str) -> Result<Self, String> {
        let wanted = match comparison {
            Comparison::Equals => Wanted::Text(value.to_owned()),
            Comparison::Glob => Wanted::Regex(regex(&glob_to_regex(value)?)?),
            Comparison::Regex => Wanted::Regex(regex(value)?),
        };
        Ok(Self { field, wanted })
    }

    /// The field that it looks at.
    pub fn field(&self) -> &AlertField {
        &self.field
    }

    /// Whether it fits whatever the field is.
    pub fn fits_everything(&self) -> bool {
        UNLIKE.iter().all(|value| self.fits_text(value))
    }

    /// Whether an alert is so.
    pub fn fits(&self, alert: &Alert) -> bool {
        match &self.field {
            AlertField::Host if alert.hosts.is_empty() => self.fits_text(&alert.host),
            AlertField::Host => alert.hosts.iter().all(|host| self.fits_text(host)),
            AlertField::Rule => self.fits_text(&alert.rule.id),
            AlertField::Team => self.fits_text(&alert.team),
            AlertField::Site => alert.site.as_ref().is_some_and(|site| self.fits_text(site)),
            AlertField::Severity => self.fits_text(alert.severity.name()),
            AlertField::Environment => self.fits_text(alert.environment.name()),
            AlertField::Key => self.fits_text(&alert.key),
            AlertField::Summary => self.fits_text(&alert.summary),
            AlertField::Label(name) => {
                alert.labels.get(name).is_some_and(|value| self.fits_text(value))
            }
        }
    }

    fn fits_text(&self, value: &str) -> bool {
        match &self.wanted {
            Wanted::Text(text) => text.eq_ignore_ascii_case(value),
            Wanted::Regex(regex) => regex.is_match(value.as_bytes()),
        }
    }
}

fn regex(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .unicode(false)
        .case_insensitive(true)
        .size_limit(REGEX_BYTES_MAX)
        .dfa_size_limit(REGEX_BYTES_MAX)
        .build()
        .map_err(|error| format!("bad regex: {error}"))
}
