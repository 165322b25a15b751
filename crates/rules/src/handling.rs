//! What a rule asks for: a handling, an environment that chooses it, and an alert's severity.

use std::fmt;

use mutt_event::Severity;
use serde::{Deserialize, Serialize};

/// What shall happen to an event that a rule owns.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Handling {
    /// Page somebody and open a ticket.
    PageAndTicket,
    /// Page somebody.
    PageOnly,
    /// Open a ticket.
    TicketOnly,
    /// Send a mail.
    EmailOnly,
    /// Keep an alert, tell nobody.
    LogOnly,
    /// Known noise: counted, no alert.
    Suppress,
}

impl Handling {
    /// The name as rules write it.
    pub fn name(self) -> &'static str {
        match self {
            Handling::PageAndTicket => "page_and_ticket",
            Handling::PageOnly => "page_only",
            Handling::TicketOnly => "ticket_only",
            Handling::EmailOnly => "email_only",
            Handling::LogOnly => "log_only",
            Handling::Suppress => "suppress",
        }
    }

    /// Whether somebody is told.
    pub fn tells(self) -> bool {
        !matches!(self, Handling::LogOnly | Handling::Suppress)
    }

    /// Whether somebody is paged.
    pub fn pages(self) -> bool {
        matches!(self, Handling::PageAndTicket | Handling::PageOnly)
    }
}

impl fmt::Display for Handling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a host belongs: a rule has a handling for each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Production: every host that is not named as development.
    #[default]
    Prod,
    /// Development.
    Dev,
}

impl Environment {
    /// The name as rules write it.
    pub fn name(self) -> &'static str {
        match self {
            Environment::Prod => "prod",
            Environment::Dev => "dev",
        }
    }
}

/// An alert's severity, in Moogsoft's words and numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
#[allow(missing_docs)] // Moogsoft's own names
pub enum AlertSeverity {
    Clear = 0,
    Indeterminate = 1,
    Warning = 2,
    Minor = 3,
    Major = 4,
    Critical = 5,
}

impl AlertSeverity {
    /// Moogsoft's number, 0 to 5.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Moogsoft's name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            AlertSeverity::Clear => "clear",
            AlertSeverity::Indeterminate => "indeterminate",
            AlertSeverity::Warning => "warning",
            AlertSeverity::Minor => "minor",
            AlertSeverity::Major => "major",
            AlertSeverity::Critical => "critical",
        }
    }
}

/// The default where a rule names none: 0-2 critical, 3 major, 4 minor, 5 warning, 6-7
/// indeterminate.
impl From<Severity> for AlertSeverity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Emergency | Severity::Alert | Severity::Critical => AlertSeverity::Critical,
            Severity::Error => AlertSeverity::Major,
            Severity::Warning => AlertSeverity::Minor,
            Severity::Notice => AlertSeverity::Warning,
            Severity::Informational | Severity::Debug => AlertSeverity::Indeterminate,
        }
    }
}
