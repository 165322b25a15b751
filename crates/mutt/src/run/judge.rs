//! The judge, built and driven. From: journal and rules. To: alerts and notices in the database.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use arc_swap::ArcSwap;
use mutt_event::{Parser, Timestamp};
use mutt_journal::{Clock, Handle, RealDisk, SystemClock};
use mutt_pipeline::repeats::Limits;
use mutt_pipeline::{Inbox, JUDGE, Judge, JudgeParts, JudgeSettings, ReaderStats, Rulebook, Watch};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::build::ms;
use super::lease::Leasing;
use super::store::Calling;
use super::worker::{self, Running, Wake};
use crate::config::Settings;
use crate::config::value::size;
use crate::status::Status;

/// What the judge is made of, again after each failure.
#[derive(Clone)]
pub struct Parts {
    /// Where messages come from.
    pub journal: Handle<RealDisk>,
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
    let tenancy = leasing.tenancy(JUDGE, Duration::ZERO);
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

fn judge_settings(settings: &Settings) -> JudgeSettings {
    let from = &settings.judge;
    JudgeSettings {
        destinations: settings.destinations.iter().map(|to| to.name.to_string()).collect(),
        commit_delay: ms(from.commit_delay_ms),
        rebuild_bytes: from.rebuild_bytes,
        text_bytes_max: size(from.text_bytes_max),
        repeats: repeats(from),
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
