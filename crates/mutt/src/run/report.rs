//! What this process says of itself, every few seconds. From: its status, counters and ways out. To: the
//! database's table of reports, where a process that serves people finds those of all.

use std::sync::Arc;

use mutt_api::report::{
    ChannelReport, CheckReport, DestinationReport, InputReport, JournalReport, ProcessReport,
    REPORT_EVERY, RefusedReport, WayReport,
};
use mutt_event::{Input, Timestamp};
use mutt_input::InputStats;
use mutt_journal::{Clock, SystemClock};
use mutt_output::{Asked, OutputStats};
use mutt_store::{Reports, SqlStore};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::archive;
use super::deliver::worker_name;
use super::role::Role;
use super::watch::Way;
use crate::admin::{Check, Journal, Sources, is_ready};
use crate::config::Settings;
use crate::config::settings::Destination;

/// What a process reports from.
pub struct Reporter {
    /// Its name among all: who takes leases.
    pub name: String,
    /// Its jobs.
    pub role: Role,
    /// Its settings.
    pub settings: Arc<Settings>,
    /// Where its figures come from.
    pub sources: Sources,
    /// What inputs count.
    pub input: InputStats,
    /// What ways out count.
    pub output: OutputStats,
    /// Its ways out.
    pub ways: Vec<Way>,
}

impl Reporter {
    /// Reports until `stop`, then takes it back.
    pub async fn run(self, store: SqlStore, stop: CancellationToken) {
        let started = SystemClock.now();
        loop {
            // Texts and numbers always serialise.
            let body = serde_json::to_string(&self.report(started)).unwrap_or_default();
            if let Err(error) = store.report(&self.name, &body).await {
                tracing::debug!(%error, "not reported");
            }
            if stop.run_until_cancelled(sleep(REPORT_EVERY)).await.is_none() {
                break;
            }
        }
        if let Err(error) = store.withdraw_report(&self.name).await {
            tracing::debug!(%error, "the report stays until it is old");
        }
    }

    fn report(&self, started: Timestamp) -> ProcessReport {
        let live = self.sources.live();
        let checks = self.sources.checks(live.away.clone());
        let now = SystemClock.now();
        let asked = self.output.asked();
        let inputs = Input::ALL.into_iter().filter_map(|input| self.input(input));
        let channels = archive::names(&self.settings.archive);
        let destinations = self.settings.destinations.iter();
        let holds = |way: &&Way| self.sources.status.holds(&way.worker);
        ProcessReport {
            role: self.role.name().to_owned(),
            roles: self.role.jobs().into_iter().map(str::to_owned).collect(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: started.to_string(),
            ready: is_ready(&checks),
            checks: checks.into_iter().map(check).collect(),
            inputs: inputs.collect(),
            channels: channels.iter().filter_map(|name| self.channel(name)).collect(),
            destinations: destinations
                .map(|to| self.destination(to, asked.get(to.name.as_str()), now))
                .collect(),
            ways: self.ways.iter().filter(holds).map(way).collect(),
            journal: journal(&self.sources.journal),
        }
    }

    fn input(&self, input: Input) -> Option<InputReport> {
        let figures = self.input.figures(input)?;
        let refused = figures.refused.into_iter();
        let refused = refused.map(|(reason, count)| RefusedReport { reason: reason.into(), count });
        Some(InputReport {
            input: input.name().to_owned(),
            received: figures.received,
            stored: figures.stored,
            kernel_dropped: figures.kernel_dropped,
            refused: refused.collect(),
        })
    }

    fn channel(&self, name: &str) -> Option<ChannelReport> {
        let figures = self.output.channel_figures(name)?;
        Some(ChannelReport {
            name: name.to_owned(),
            open: figures.open,
            sent: figures.sent,
            confirmed: figures.confirmed,
            confirmed_bytes: figures.confirmed_bytes,
            errors: figures.errors,
        })
    }

    fn destination(
        &self,
        to: &Destination,
        asked: Option<&Asked>,
        now: Timestamp,
    ) -> DestinationReport {
        let holds = self.sources.status.holds(&worker_name(to.name.as_str()));
        let paced = DestinationReport {
            name: to.name.to_string(),
            holds,
            per_second: to.rate_per_s,
            burst: to.burst,
            ..DestinationReport::default()
        };
        let Some(asked) = asked else { return paced };
        DestinationReport {
            breaker: Some(asked.state.name().to_owned()),
            failures: asked.failures,
            not_before: (asked.not_before > now).then(|| asked.not_before.to_string()),
            last_answer: Some(asked.answer.clone()),
            last_answer_at: Some(asked.at.to_string()),
            last_success_at: asked.taken_at.map(|at| at.to_string()),
            last_error: asked.error.as_ref().map(|(_, error)| error.clone()),
            last_error_at: asked.error.as_ref().map(|(at, _)| at.to_string()),
            ..paced
        }
    }
}

fn check(check: Check) -> CheckReport {
    let Check { name, wrong, needed, note } = check;
    CheckReport { name, ok: wrong.is_none(), needed, wrong, note }
}

fn way(way: &Way) -> WayReport {
    let down = way.standing.trouble().map(|trouble| trouble.why.clone());
    WayReport { name: way.name.clone(), down }
}

/// The journal's figures, as people are shown them.
pub fn journal(journal: &Journal) -> JournalReport {
    let figures = journal.figures();
    JournalReport {
        bytes: figures.bytes,
        used: figures.usage,
        stuck: figures.stuck,
        lost: figures.lost,
        damaged: figures.damaged,
        dropped: figures.dropped,
    }
}
