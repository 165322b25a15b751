//! Looks after the process once a second: what may be trimmed, what is wrong, what is too old.
//!
//! From: the readers' progress, the ledger, the status. To: the journal's writer (how far it may
//! trim), the judge (MUTT's own alerts), the database (what it may delete).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mutt_alert::Signal;
use mutt_event::Timestamp;
use mutt_journal::{Clock, Control, Position, SystemClock};
use mutt_pipeline::monitor::{Remote, Watched};
use mutt_pipeline::{
    CORRELATE, Inbox, MINE, Monitor, MonitorConfig, Observation, Progress, Standing, Watch,
};
use mutt_store::{Change, Database, Keep, Outcome, SignalChange, SqlStore, StoreError};
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

/// Where MUTT's own alerts go.
pub enum Tells {
    /// To the judge of this process, which is woken.
    Judge(Inbox, Arc<Notify>),
    /// Through the database to the correlator, wherever it is.
    Posted,
}

/// Where messages or alerts go.
#[derive(Clone)]
pub struct Way {
    /// The destination's name.
    pub name: String,
    /// The worker that sends there.
    pub worker: String,
    /// How it is.
    pub standing: Standing,
}

/// What the self-observation works with.
pub struct Observer {
    /// Where figures come from.
    pub sources: Sources,
    /// The database.
    pub store: SqlStore,
    /// Where messages and alerts go; several ways may lead to one destination.
    pub ways: Vec<Way>,
    /// How the judge's commits are.
    pub judge: Standing,
    /// When watched hosts were heard.
    pub watch: Arc<Watch>,
    /// Where own alerts go.
    pub tells: Tells,
    /// What was lost before this run; what is lost from here on is told.
    pub lost_before: u64,
}

/// Messages lost to any reader, since the journal began.
///
/// # Errors
/// When the database does not answer.
pub async fn lost(store: &SqlStore) -> Result<u64, StoreError> {
    // The miner may be left behind by the trimming; nothing but a pattern's count misses that.
    let cursors = store.cursors().await?;
    let of_all = cursors.iter().filter(|cursor| cursor.reader != MINE);
    Ok(of_all.map(|cursor| cursor.counts.get(Outcome::Lost)).sum())
}

/// Watches and tells, until `stop`.
pub async fn observe(observer: Observer, settings: Arc<Settings>, stop: CancellationToken) {
    let mut monitor = observer.monitor(&settings).await;
    let mut lost_seen = observer.lost_before;
    let mut first = true;
    let mut mine = observer.mine();
    while sleep(LOOK_EVERY, &stop).await {
        let now_mine = observer.mine();
        if now_mine != mine {
            // What another process told until now is told, and cleared, from here.
            monitor = observer.monitor(&settings).await;
            mine = now_mine;
        }
        let mut seen = observer.look(lost_seen, &mine).await;
        lost_seen = seen.lost;
        if std::mem::take(&mut first) {
            // The monitor compares with its first look; damage found at the start counts too.
            seen.lost = observer.lost_before;
        }
        let signals = monitor.observe(SystemClock.now(), &seen);
        if !signals.is_empty() {
            observer.tell(signals).await;
        }
    }
}

/// What this process is the one to tell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Mine {
    /// The journal, the rules, hosts that are silent, what is lost.
    all: bool,
    /// Ways, by their place.
    ways: Vec<bool>,
}

impl Observer {
    /// In one process all of it is its own; of several each tells what it holds the lease of.
    fn mine(&self) -> Mine {
        let status = &self.sources.status;
        let is_mine = |worker: &str| match self.tells {
            Tells::Judge(..) => true,
            Tells::Posted => status.holds(worker),
        };
        Mine {
            all: is_mine(CORRELATE),
            ways: self.ways.iter().map(|way| is_mine(&way.worker)).collect(),
        }
    }

    async fn monitor(&self, settings: &Settings) -> Monitor {
        let open = match self.store.open_alerts().await {
            Ok(open) => open,
            // Without them an alert that is over by now is cleared at the next change, not at once.
            Err(error) => {
                tracing::warn!(%error, "own alerts that are open are not known");
                Vec::new()
            }
        };
        Monitor::new(monitor_config(settings), &open)
    }

    async fn tell(&self, signals: Vec<Signal>) {
        match &self.tells {
            Tells::Judge(inbox, called) => {
                inbox.put(signals);
                called.notify_one();
            }
            // What does not arrive is told again within a minute.
            Tells::Posted => {
                let told = match mutt_pipeline::post(signals) {
                    Ok(post) => {
                        let signals = SignalChange { post, ..SignalChange::default() };
                        self.store.commit(Change { signals, ..Change::default() }).await
                    }
                    Err(error) => Err(error),
                };
                if let Err(error) = told {
                    tracing::warn!(%error, "own alerts were not told, trying again");
                }
            }
        }
    }

    async fn look(&self, lost_seen: u64, mine: &Mine) -> Observation {
        let status = &self.sources.status;
        let mut down: BTreeMap<&str, Option<String>> = BTreeMap::new();
        for (way, _) in self.ways.iter().zip(&mine.ways).filter(|(_, mine)| **mine) {
            let why = way.standing.trouble().map(|trouble| trouble.why.clone());
            let known = down.entry(&way.name).or_default();
            *known = known.take().or(why);
        }
        let mut destinations = Vec::new();
        for (name, down) in down {
            status.destination(name, down.clone());
            destinations.push(Remote { name: name.to_owned(), down });
        }
        status.worker("judge/commit", self.judge.trouble().map(|trouble| trouble.why.clone()));
        if !mine.all {
            return Observation { destinations, lost: lost_seen, ..Observation::default() };
        }
        let refused = self.sources.in_force.as_ref().and_then(|rules| rules.now().refused);
        // A database that does not answer is told by the judge's standing; the rest still counts.
        let lost = lost(&self.store).await.unwrap_or(lost_seen);
        let parts = status.parts();
        Observation {
            journal_usage: self.sources.journal.usage(),
            destinations,
            inputs: parts.inputs.into_iter().map(|(name, down)| Remote { name, down }).collect(),
            secrets: self.sources.secrets.health().map(|well| {
                let (name, down) = ("secrets".to_owned(), well.err());
                Remote { name, down }
            }),
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
