//! What a process says of itself. From: each process that has a database, every few seconds, as JSON
//! in the table of reports. To: whoever looks at all processes at once.
//!
//! Members may be missing, so that processes of two versions read each other.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How often a process says it.
pub const REPORT_EVERY: std::time::Duration = std::time::Duration::from_secs(3);

/// What a process says of itself.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ProcessReport {
    /// Its command: `run`, `alert`, `forward` or `web`.
    pub role: String,
    /// Its jobs: ingest, alert, forward, web.
    pub roles: Vec<String>,
    /// Its version.
    pub version: String,
    /// When it started, in RFC 3339.
    pub started: String,
    /// Whether it can take messages now.
    pub ready: bool,
    /// Its checks, as `/readyz?verbose` has them.
    pub checks: Vec<CheckReport>,
    /// Its inputs that listen, counted since it started.
    pub inputs: Vec<InputReport>,
    /// Archive channels, counted since it started.
    pub channels: Vec<ChannelReport>,
    /// Destinations of alerts.
    pub destinations: Vec<DestinationReport>,
    /// Ways out of which it does the work now: `archive/syslog`, a destination's name, ….
    pub ways: Vec<WayReport>,
    /// The journal as it sees it.
    pub journal: JournalReport,
}

/// One check.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CheckReport {
    /// Its name.
    pub name: String,
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Whether it makes the process unready.
    pub needed: bool,
    /// What is wrong.
    pub wrong: Option<String>,
    /// What else there is to say.
    pub note: Option<String>,
}

/// An input, since the process started.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct InputReport {
    /// `syslog_udp`, `relp`, ….
    pub input: String,
    /// Messages received.
    pub received: u64,
    /// Messages stored and synced.
    pub stored: u64,
    /// Datagrams that the kernel dropped before they were received.
    pub kernel_dropped: u64,
    /// Messages received and not stored, by reason.
    pub refused: Vec<RefusedReport>,
}

/// Messages that were not stored for one reason.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RefusedReport {
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// An archive's channel, since the process started.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ChannelReport {
    /// Its name: `archive/syslog`, ….
    pub name: String,
    /// Whether it is open.
    pub open: bool,
    /// Messages handed to the system.
    pub sent: u64,
    /// Messages that the receiver has.
    pub confirmed: u64,
    /// Bytes that the receiver has.
    pub confirmed_bytes: u64,
    /// Times that it was lost or not to be had.
    pub errors: u64,
}

/// A destination of alerts, as the process knows it that sends there.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DestinationReport {
    /// Its name.
    pub name: String,
    /// Whether this process is the one that sends there now.
    pub holds: bool,
    /// Notices a second at most; 0: no limit.
    pub per_second: u64,
    /// Notices at once at most.
    pub burst: u64,
    /// closed, open, half_open or paused; null: nothing was sent yet.
    pub breaker: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// Nothing is sent before that, in RFC 3339; null: it may be now.
    pub not_before: Option<String>,
    /// The last answer, in words.
    pub last_answer: Option<String>,
    /// When it came, in RFC 3339.
    pub last_answer_at: Option<String>,
    /// When the destination last took something, in RFC 3339.
    pub last_success_at: Option<String>,
    /// The last failure or refusal.
    pub last_error: Option<String>,
    /// When that was, in RFC 3339.
    pub last_error_at: Option<String>,
}

/// A way out.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct WayReport {
    /// `archive/syslog`, a destination's name, ….
    pub name: String,
    /// Why nothing is taken there now.
    pub down: Option<String>,
}

/// The journal.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct JournalReport {
    /// On disk, or in Redis.
    pub bytes: u64,
    /// What may not be trimmed, of the limit: 0 to 1.
    pub used: f64,
    /// Why nothing is taken now.
    pub stuck: Option<String>,
    /// Positions that never held a readable message.
    pub lost: u64,
    /// Messages found damaged since the process started.
    pub damaged: u64,
    /// Messages dropped unread by choice, since the process started.
    pub dropped: u64,
}
