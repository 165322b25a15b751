//! One process's workers, each under its lease. From: the journal and the database. To: the story,
//! which steps them, lets them sleep, and wakes them up.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mutt_event::{Parser, ParserConfig, Timestamp};
use mutt_journal::{Clock, Handle, Position, ReadBatch};
use mutt_output::{Adapter, Gate, GateSettings, OutputStats, WebhookSettings};
use mutt_patterns::Limits;
use mutt_pipeline::{
    ARCHIVE_SYSLOG, ARCHIVE_TRAP, Archiver, ArchiverParts, ArchiverSettings, Deliverer,
    DelivererParts, DelivererSettings, Inbox, JUDGE, Judge, JudgeParts, JudgeSettings,
    LeaseSettings, Leased, MiningSettings, ReaderStats, Standing, Step, StepError, Stopwatch,
    Takes, Tenancy, Tenure, Watch, Worker,
};
use mutt_rules::{AlertSeverity, Handling};

use crate::Bug;
use crate::disk::PlantedDisk;
use crate::net::{Moogsoft, Protocol, SimChannel, TTL, Watchman};
use crate::node::{Ground, SimClock};
use crate::store::PlantedStore;
use crate::trail::Trail;
use crate::world::DESTINATION;

type TheJudge = Judge<Handle<PlantedDisk>, PlantedStore>;
type TheArchiver = Archiver<Handle<PlantedDisk>, PlantedStore, SimChannel>;
type TheDeliverer = Deliverer<PlantedStore, Moogsoft>;

/// A worker under its lease, which is opened when the lease was taken.
type Under<W> = Leased<PlantedStore, W, Open<W>>;
type Open<W> = Box<dyn FnMut(Tenure) -> Opening<W>>;
type Opening<W> = Pin<Box<dyn Future<Output = Result<W, StepError>>>>;

/// The workers of one process.
pub struct Crew {
    pub name: &'static str,
    pub judge: Under<Judges>,
    pub syslog: Under<Archives>,
    pub traps: Under<Archives>,
    pub deliverer: Under<TheDeliverer>,
    /// It stands still from, until.
    asleep: Option<(Timestamp, Timestamp)>,
    /// How long it stood still in all, in microseconds.
    slept: Arc<AtomicU64>,
}

/// What all workers of a crew are made of.
struct Site {
    ground: Ground,
    journal: Handle<PlantedDisk>,
    holder: &'static str,
    /// Since when inputs take messages into this journal.
    up_since: Timestamp,
    slept: Arc<AtomicU64>,
}

impl Crew {
    /// Begins, beside inputs that take messages since `up_since`; its workers open with their first step.
    pub fn new(
        ground: &Ground,
        journal: &Handle<PlantedDisk>,
        name: &'static str,
        up_since: Timestamp,
    ) -> Self {
        let slept = Arc::new(AtomicU64::new(0));
        let (ground, journal) = (ground.clone(), journal.clone());
        let site = Site { ground, journal, holder: name, up_since, slept: Arc::clone(&slept) };
        let site = Arc::new(site);
        Self {
            name,
            judge: site.judge(),
            syslog: site.archiver(ARCHIVE_SYSLOG),
            traps: site.archiver(ARCHIVE_TRAP),
            deliverer: site.deliverer(),
            asleep: None,
            slept,
        }
    }

    /// It stands still.
    pub fn sleeps(&mut self, now: Timestamp, until: Timestamp) {
        self.asleep.get_or_insert((now, until));
    }

    /// Whether it stands still now.
    pub fn is_asleep(&mut self, now: Timestamp) -> bool {
        let Some((since, until)) = self.asleep else { return false };
        if now < until {
            return true;
        }
        self.asleep = None;
        self.slept.fetch_add(now.since(since).as_micros() as u64, Ordering::Relaxed);
        false
    }
}

impl Site {
    fn judge(self: &Arc<Self>) -> Under<Judges> {
        let site = Arc::clone(self);
        let up_since = self.up_since;
        let open = move |tenure: Tenure| -> Opening<Judges> {
            let on = &site.ground;
            let stats = ReaderStats::unseen(JUDGE);
            let trail = Trail::new(on.history.clone(), stats.clone(), on.rules.clone());
            let parts = JudgeParts {
                journal: site.journal.clone(),
                database: on.store.with_trail(trail.clone()),
                parser: Arc::new(Parser::new(ParserConfig::default())),
                rules: Arc::clone(&on.rules),
                inbox: Inbox::default(),
                watch: Arc::new(Watch::default()),
                stats: stats.clone(),
                lease: Some(tenure.lease().clone()),
                up_since,
            };
            let settings = JudgeSettings {
                destinations: vec![DESTINATION.to_owned()],
                batch_bytes: 2 << 10,
                mining: Some(mining()),
                ..JudgeSettings::default()
            };
            let (journal, now) = (site.journal.clone(), on.clock.now());
            Box::pin(async move {
                let judge = Judge::open(parts, settings, now).await?;
                let next = time_of(&journal, stats.progress.done())?;
                let end = || journal.nothing_older_than(now).max(journal.last_append());
                trail.opened(next.unwrap_or_else(end), up_since);
                Ok(Judges { judge, trail })
            })
        };
        Leased::new(self.tenancy(JUDGE), Box::new(open))
    }

    fn archiver(self: &Arc<Self>, name: &'static str) -> Under<Archives> {
        let site = Arc::clone(self);
        let open = move |tenure: Tenure| -> Opening<Archives> {
            let on = &site.ground;
            let (takes, receiver) = match name {
                ARCHIVE_SYSLOG => (Takes::Syslog, &on.syslog),
                _ => (Takes::Traps, &on.traps),
            };
            let parts = ArchiverParts {
                journal: site.journal.clone(),
                database: on.store.clone(),
                channel: receiver.channel(site.watchman(&tenure)),
                stats: ReaderStats::unseen(name),
                tenure,
            };
            let overlap_bytes = if receiver.protocol == Protocol::Tcp { 16 << 10 } else { 0 };
            let settings = ArchiverSettings { overlap_bytes, ..ArchiverSettings::new(name, takes) };
            let clock = on.clock.clone();
            Box::pin(async move {
                let archiver = Archiver::open(parts, settings, clock.now()).await?;
                Ok(Archives { archiver, clock })
            })
        };
        Leased::new(self.tenancy(name), Box::new(open))
    }

    fn deliverer(self: &Arc<Self>) -> Under<TheDeliverer> {
        let site = Arc::clone(self);
        let open = move |tenure: Tenure| -> Opening<TheDeliverer> {
            let on = &site.ground;
            let parts = DelivererParts {
                database: on.store.clone(),
                http: on.moogsoft.watched(site.watchman(&tenure)),
                adapter: Adapter::MoogsoftWebhook(WebhookSettings::new("http://moogsoft.invalid/")),
                gate: Gate::new(GateSettings::default()),
                stats: OutputStats::default().destination(DESTINATION),
                standing: Standing::default(),
                tenure,
            };
            let sends_all = on.sends_all;
            let settings = DelivererSettings { sends_all, ..DelivererSettings::new(DESTINATION) };
            Box::pin(std::future::ready(Ok(Deliverer::new(parts, settings))))
        };
        Leased::new(self.tenancy("deliver/moogsoft"), Box::new(open))
    }

    fn tenancy(self: &Arc<Self>, worker: &str) -> Tenancy<PlantedStore> {
        let holder = self.holder.to_owned();
        let settings = LeaseSettings { name: worker.to_owned(), holder, ttl: TTL };
        let site = Arc::clone(self);
        let since = move || {
            let clock = site.ground.clock.now().as_micros().unsigned_abs();
            let stood = site.slept.load(Ordering::Relaxed);
            let sleeps = site.ground.store.bug() == Some(Bug::StaleLeaseSend);
            Duration::from_micros(if sleeps { clock - stood } else { clock })
        };
        Tenancy::new(self.ground.store.clone(), settings, Stopwatch::new(since))
    }

    fn watchman(&self, tenure: &Tenure) -> Watchman {
        Watchman {
            lease: tenure.lease().clone(),
            holder: self.holder,
            truth: self.ground.store.truth().clone(),
            clock: self.ground.clock.clone(),
            skew: self.ground.skew.clone(),
            breaches: self.ground.breaches.clone(),
        }
    }
}

/// When the message at a position was appended; none: there is none.
fn time_of(
    journal: &Handle<PlantedDisk>,
    at: Position,
) -> Result<Option<Timestamp>, mutt_journal::ReadError> {
    let mut batch = ReadBatch::default();
    journal.reader(at).read(1, &mut batch)?;
    Ok(batch.records().next().map(|record| record.time))
}

/// A judge with the trail that it leaves.
pub struct Judges {
    judge: TheJudge,
    trail: Trail,
}

impl Worker for Judges {
    async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        self.trail.begins();
        self.judge.step(now).await
    }

    async fn stop(&mut self, now: Timestamp) -> Result<(), StepError> {
        self.judge.stop(now).await
    }
}

/// An archiver and the clock that its end goes by.
pub struct Archives {
    archiver: TheArchiver,
    clock: SimClock,
}

impl Worker for Archives {
    async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        self.archiver.step(now).await
    }

    async fn stop(&mut self, _: Timestamp) -> Result<(), StepError> {
        self.archiver.stop(&self.clock, Duration::ZERO).await.map(|_| ())
    }
}

/// Longer than any story.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3_600);

/// Patterns are counted and never told: their alerts are not the reference's.
fn mining() -> MiningSettings {
    let limits =
        Limits { learning: YEAR, threshold_count: 0, surge_count_min: 0, ..Limits::default() };
    MiningSettings {
        limits,
        keep: YEAR,
        team: String::new(),
        handling: Handling::LogOnly,
        severity: AlertSeverity::Warning,
    }
}
