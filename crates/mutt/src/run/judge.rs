//! The judge, built and driven. From: journal and rules. To: alerts and notices in the database.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use arc_swap::ArcSwap;
use mutt_event::{Parser, Timestamp};
use mutt_journal::{AnyLane, Clock, Lane, SystemClock};
use mutt_pipeline::repeats::Limits;
use mutt_pipeline::{
    Inbox, JUDGE, Judge, JudgeParts, JudgeSettings, MiningSettings, ReaderStats, Rulebook, Watch,
};
use mutt_rules::AlertSeverity;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::build::{self, ms};
use super::lease::Leasing;
use super::store::Calling;
use super::worker::{self, Running, Wake};
use crate::config::Settings;
use crate::config::settings::{OwnSeverity, PatternsSettings};
use crate::config::value::size;
use crate::status::Status;

/// What the judge is made of, again after each failure.
#[derive(Clone)]
pub struct Parts {
    /// Where messages come from.
    pub journal: AnyLane,
    /// Where alerts go.
    pub database: Calling,
    /// Reads fields.
    pub parser: Arc<Parser>,
    /// The rules in force.
    pub rules: Arc<ArcSwap<Rulebook>>,
    /// MUTT's own alerts.
    pub inbox: Inbox,
    /// Hosts that must not fall silent.
    pub watch: Arc<Watch>,
    /// Counters.
    pub stats: ReaderStats,
    /// Since when inputs take messages.
    pub up_since: Timestamp,
}

/// Starts the judge's thread; `called` wakes it for MUTT's own alerts.
///
/// # Errors
/// If the system gives no thread.
pub fn start(
    settings: &Settings,
    parts: Parts,
    called: Arc<Notify>,
    leasing: &Leasing,
    status: Status,
    stop: CancellationToken,
) -> Result<Running> {
    let wake = Wake { journal: Some(parts.journal.notify()), called };
    let settings = judge_settings(settings);
    let tenancy = (leasing.tenancy(JUDGE, Duration::ZERO), None);
    worker::start(JUDGE, wake, status, stop, tenancy, move |tenure| {
        let (parts, settings) = (parts.clone(), settings.clone());
        async move {
            let parts = JudgeParts {
                journal: parts.journal,
                database: parts.database,
                parser: parts.parser,
                rules: parts.rules,
                inbox: parts.inbox,
                watch: parts.watch,
                stats: parts.stats,
                lease: Some(tenure.lease().clone()),
                up_since: parts.up_since,
            };
            Ok(Judge::open(parts, settings, SystemClock.now()).await?)
        }
    })
}

/// How judges and the correlator work.
pub fn judge_settings(settings: &Settings) -> JudgeSettings {
    let from = &settings.judge;
    JudgeSettings {
        destinations: settings.destinations.iter().map(|to| to.name.to_string()).collect(),
        commit_delay: ms(from.commit_delay_ms),
        rebuild_bytes: from.rebuild_bytes,
        text_bytes_max: size(from.text_bytes_max),
        repeats: repeats(from),
        mining: settings.patterns.enabled.then(|| mining(&settings.patterns)),
        ..JudgeSettings::default()
    }
}

/// How senders' repeats are known.
pub fn repeats(from: &crate::config::settings::JudgeSettings) -> Limits {
    Limits {
        window: ms(from.repeats_ms),
        keys_max: size(from.repeats_keys_max),
        tails_max: size(from.repeats_relp_max),
        ..Limits::default()
    }
}

/// How patterns are mined.
fn mining(from: &PatternsSettings) -> MiningSettings {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let hours = |hours: u64| Duration::from_secs(hours.saturating_mul(3_600));
    let default = mutt_patterns::Limits::default();
    MiningSettings {
        limits: mutt_patterns::Limits {
            patterns_max: size(from.patterns_max),
            key_patterns_max: size(from.key_patterns_max),
            hosts_max: size(from.hosts_max),
            samples_max: size(from.samples_max),
            events_per_second_max: from.events_per_second_max,
            sample_every: from.sample_every,
            learning: hours(from.learning_hours),
            threshold_count: from.threshold_count,
            threshold_hours: small(from.threshold_hours),
            surge_count_min: from.surge_count_min,
            surge_factor: f64::from(small(from.surge_factor)),
            surge_history_hours: small(from.surge_history_hours),
            ..default
        },
        keep: hours(from.keep_days.saturating_mul(24)),
        team: from.team.clone(),
        handling: build::handling(from.handling),
        severity: match from.severity {
            OwnSeverity::Critical => AlertSeverity::Critical,
            OwnSeverity::Major => AlertSeverity::Major,
            OwnSeverity::Minor => AlertSeverity::Minor,
            OwnSeverity::Warning => AlertSeverity::Warning,
            OwnSeverity::Indeterminate => AlertSeverity::Indeterminate,
        },
    }
}
