//! Looks after the process once a second: what may be trimmed, what is wrong, what is too old.
//!
//! From: the readers' progress, the ledger, the status. To: the journal's writer (how far it may
//! trim), the judge (MUTT's own alerts), the database (what it may delete).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::{Clock, Control, Position, SystemClock};
use mutt_pipeline::monitor::{Remote, Watched};
use mutt_pipeline::{Inbox, Monitor, MonitorConfig, Observation, Progress, Standing, Watch};
use mutt_store::{Database, Keep, Outcome, SqlStore, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::build::{self, ms};
use crate::admin::Sources;
use crate::config::Settings;
use crate::config::settings::DatabaseSettings;

/// How often the writer is told how far it may trim.
const TRIM_EVERY: Duration = Duration::from_millis(200);
/// How often MUTT looks at itself.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often what lasts is told again, so that a signal lost in a crash is made up for.
const AGAIN_AFTER: Duration = Duration::from_secs(60);
/// How often old alerts and deliveries are deleted.
const PRUNE_EVERY: Duration = Duration::from_secs(600);

/// Tells the writer how far all readers have come, until `stop`.
pub async fn trim(readers: Vec<Progress>, control: Control, stop: CancellationToken) {
    while sleep(TRIM_EVERY, &stop).await {
        let lowest = readers.iter().map(Progress::committed).min().unwrap_or(Position::FIRST);
        control.set_lowest_cursor(lowest);
    }
}

/// Deletes what is older than the settings keep, until `stop`.
pub async fn prune(store: SqlStore, settings: DatabaseSettings, stop: CancellationToken) {
    while sleep(PRUNE_EVERY, &stop).await {
        let now = SystemClock.now();
        let days = |days: u64| now.before(Duration::from_secs(days * 24 * 3_600));
        let keep = Keep {
            delivered: days(settings.keep_days),
            dead: days(settings.keep_dead_days),
            cleared: days(settings.keep_days),
            closed: days(settings.keep_closed_days),
            tallies: days(settings.keep_hours_days),
        };
        loop {
            match store.prune(keep).await {
                Ok(pruned) if pruned == mutt_store::Pruned::default() => break,
                Ok(pruned) => tracing::debug!(?pruned, "database: pruned"),
                Err(error) => {
                    tracing::warn!(%error, "database: prune will be tried again");
                    break;
                }
            }
        }
    }
}

/// What the self-observation works with.
pub struct Observer {
    /// Where figures come from.
    pub sources: Sources,
    /// Each destination of messages or alerts, and how it is.
    pub destinations: Vec<(String, Standing)>,
    /// How the judge's commits are.
    pub judge: Standing,
    /// When watched hosts were heard.
    pub watch: Arc<Watch>,
    /// Where own alerts go.
    pub inbox: Inbox,
    /// Wakes the judge for them.
    pub judge_called: Arc<Notify>,
    /// What was lost before this run; what is lost from here on is told.
    pub lost_before: u64,
}

/// Messages lost to any reader, since the journal began.
///
/// # Errors
/// When the database does not answer.
pub async fn lost(store: &SqlStore) -> Result<u64, StoreError> {
    Ok(store.cursors().await?.iter().map(|cursor| cursor.counts.get(Outcome::Lost)).sum())
}

/// Watches and tells, until `stop`.
pub async fn observe(observer: Observer, settings: Arc<Settings>, stop: CancellationToken) {
    let open = match observer.sources.store.open_alerts().await {
        Ok(open) => open,
        // Without them an alert that is over by now is cleared at the next change, not at once.
        Err(error) => {
            tracing::warn!(%error, "own alerts that are open are not known");
            Vec::new()
        }
    };
    let mut monitor = Monitor::new(monitor_config(&settings), &open);
    let mut lost_seen = observer.lost_before;
    let mut first = true;
    while sleep(LOOK_EVERY, &stop).await {
        let mut seen = observer.look(lost_seen).await;
        lost_seen = seen.lost;
        if std::mem::take(&mut first) {
            // The monitor compares with its first look; damage found at the start counts too.
            seen.lost = observer.lost_before;
        }
        let signals = monitor.observe(SystemClock.now(), &seen);
        if !signals.is_empty() {
            observer.inbox.put(signals);
            observer.judge_called.notify_one();
        }
    }
}

impl Observer {
    async fn look(&self, lost_seen: u64) -> Observation {
        let status = &self.sources.status;
        let mut destinations = Vec::new();
        for (name, standing) in &self.destinations {
            let down = standing.trouble().map(|trouble| trouble.why.clone());
            status.destination(name, down.clone());
            destinations.push(Remote { name: name.clone(), down });
        }
        status.worker("judge/commit", self.judge.trouble().map(|trouble| trouble.why.clone()));
        let parts = status.parts();
        let refused = self.sources.in_force.now().refused;
        // A database that does not answer is told by the judge's standing; the rest still counts.
        let lost = lost(&self.sources.store).await.unwrap_or(lost_seen);
        Observation {
            journal_usage: self.sources.journal.usage(),
            destinations,
            inputs: parts.inputs.into_iter().map(|(name, down)| Remote { name, down }).collect(),
            inputs_up_since: parts.inputs_up_since,
            heard: self.heard(),
            rules_refused: refused.map(|refused| refused.words()),
            lost,
        }
    }

    fn heard(&self) -> BTreeMap<String, Timestamp> {
        self.watch.heard().map(|(host, at)| (host.to_owned(), at)).collect()
    }
}

fn monitor_config(settings: &Settings) -> MonitorConfig {
    let watch = &settings.watch;
    let silent_after = ms(watch.silent_after_ms);
    MonitorConfig {
        instance: settings.instance.name.to_string(),
        team: watch.team.clone(),
        handling: build::handling(watch.handling),
        down_after: ms(watch.down_after_ms),
        watched: watch.hosts.iter().cloned().map(|host| Watched { host, silent_after }).collect(),
        again_after: AGAIN_AFTER,
    }
}

/// Sleeps; answers whether to go on.
async fn sleep(most: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(most) => true,
        () = stop.cancelled() => false,
    }
}
