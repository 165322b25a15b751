//! How each worker of a process is opened, once it holds its lease. From: the ground that the
//! story stands on. To: the crew's places.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use mutt_event::{Parser, ParserConfig, Timestamp};
use mutt_journal::{Clock, Handle, Lane, Position, ReadBatch, ReadError, SimRedisLane};
use mutt_output::{Adapter, Gate, GateSettings, OutputStats, WebhookSettings};
use mutt_patterns::Limits;
use mutt_pipeline::{
    ARCHIVE_SYSLOG, Archiver, ArchiverParts, ArchiverSettings, CORRELATE, Correlation,
    CorrelationParts, Deliverer, DelivererParts, DelivererSettings, Inbox, JUDGE, Judge,
    JudgeParts, JudgeSettings, LaneJudge, LaneJudgeParts, LeaseSettings, Leased, MINE, Mine,
    MineParts, MiningSettings, ReaderStats, Rulebook, Standing, Stopwatch, Takes, Tenancy, Tenure,
    Watch,
};
use mutt_rules::{AlertSeverity, Handling};

use super::workers::{Archives, Trailed};
use super::{Opening, Under};
use crate::Bug;
use crate::disk::PlantedDisk;
use crate::net::{Moogsoft, Protocol, TTL, Watchman};
use crate::node::{Ground, PARTITIONS};
use crate::store::PlantedStore;
use crate::trail::{Trail, Whose};
use crate::world::DESTINATION;

type TheJudge = Judge<Handle<PlantedDisk>, PlantedStore>;
type TheLaneJudge = LaneJudge<SimRedisLane, PlantedStore>;
type TheMiner = Mine<SimRedisLane, PlantedStore>;
type TheDeliverer = Deliverer<PlantedStore, Moogsoft>;

/// What all workers of a crew are made of.
pub struct Site {
    pub ground: Ground,
    /// The rules as this process knows them.
    pub rules: Arc<ArcSwap<Rulebook>>,
    pub holder: &'static str,
    /// Since when inputs take messages into this journal.
    up_since: Timestamp,
    pub slept: Arc<AtomicU64>,
}

impl Site {
    pub fn new(
        ground: &Ground,
        rules: Arc<ArcSwap<Rulebook>>,
        holder: &'static str,
        up_since: Timestamp,
    ) -> Self {
        Self { ground: ground.clone(), rules, holder, up_since, slept: Arc::default() }
    }

    pub fn judge(self: &Arc<Self>, journal: Handle<PlantedDisk>) -> Under<Trailed<TheJudge>> {
        let site = Arc::clone(self);
        let up_since = self.up_since;
        let open = move |tenure: Tenure| -> Opening<Trailed<TheJudge>> {
            let on = &site.ground;
            let stats = ReaderStats::unseen(JUDGE);
            let trail = Trail::new(on.history.clone(), stats.clone(), Arc::clone(&site.rules));
            let parts = JudgeParts {
                journal: journal.clone(),
                database: on.store.with_trail(trail.clone()),
                parser: Arc::new(Parser::new(ParserConfig::default())),
                rules: Arc::clone(&site.rules),
                inbox: Inbox::default(),
                watch: Arc::new(Watch::default()),
                stats: stats.clone(),
                lease: Some(tenure.lease().clone()),
                up_since,
            };
            let (journal, now) = (journal.clone(), on.clock.now());
            Box::pin(async move {
                let worker = Judge::open(parts, settings(), now).await?;
                let next = time_of(&journal, stats.progress.done())?;
                let end = || journal.nothing_older_than(now).max(journal.last_append());
                trail.opened(next.unwrap_or_else(end), up_since);
                Ok(Trailed { worker, trail })
            })
        };
        Leased::new(self.tenancy(JUDGE.to_owned()), Box::new(open))
    }

    pub fn lane_judge(
        self: &Arc<Self>,
        partition: u16,
        lane: SimRedisLane,
    ) -> Under<Trailed<TheLaneJudge>> {
        let site = Arc::clone(self);
        let open = move |tenure: Tenure| -> Opening<Trailed<TheLaneJudge>> {
            let stats = ReaderStats::unseen(JUDGE);
            let line = (Whose::Lane(JUDGE, partition), stats.clone());
            let trail = site.trail_in_lanes([line].into_iter());
            let watched = site.ground.store.watched(site.watchman(&tenure));
            let parts = LaneJudgeParts {
                lane: lane.clone(),
                database: watched.with_trail(trail.clone()),
                parser: Arc::new(Parser::new(ParserConfig::default())),
                rules: Arc::clone(&site.rules),
                watch: Arc::new(Watch::default()),
                stats,
                lease: Some(tenure.lease().clone()),
            };
            let (now, up_since) = (site.ground.clock.now(), site.up_since);
            Box::pin(async move {
                let worker = LaneJudge::open(parts, &settings(), now).await?;
                trail.opened(Timestamp::ZERO, up_since);
                Ok(Trailed { worker, trail })
            })
        };
        Leased::new(self.tenancy(format!("{JUDGE}/{partition}")), Box::new(open))
    }

    pub fn correlation(self: &Arc<Self>) -> Under<Trailed<Correlation<PlantedStore>>> {
        let site = Arc::clone(self);
        let open = move |tenure: Tenure| -> Opening<Trailed<Correlation<PlantedStore>>> {
            let on = &site.ground;
            let stats = ReaderStats::unseen(CORRELATE);
            let trail = Trail::merged(on.history.clone(), stats.clone(), Arc::clone(&site.rules));
            let (now, up_since) = (on.clock.now(), site.up_since);
            let parts = CorrelationParts {
                journal: on.redis.inner.identity(),
                partitions: 0..PARTITIONS,
                database: on.store.with_trail(trail.clone()),
                rules: Arc::clone(&site.rules),
                inbox: Inbox::default(),
                watch: Arc::new(Watch::default()),
                stats: stats.clone(),
                lease: Some(tenure.lease().clone()),
                up_since,
            };
            Box::pin(async move {
                let worker = Correlation::open(parts, &settings(), now).await?;
                trail.opened(stats.progress.time(), up_since);
                Ok(Trailed { worker, trail })
            })
        };
        Leased::new(self.tenancy(CORRELATE.to_owned()), Box::new(open))
    }

    pub fn miner(self: &Arc<Self>, lanes: &[SimRedisLane]) -> Under<Trailed<TheMiner>> {
        let site = Arc::clone(self);
        let lanes = lanes.to_vec();
        let open = move |tenure: Tenure| -> Opening<Trailed<TheMiner>> {
            let stats: Vec<ReaderStats> = lanes.iter().map(|_| ReaderStats::unseen(MINE)).collect();
            let lines = (0..).zip(stats.clone()).map(|(n, stats)| (Whose::Lane(MINE, n), stats));
            let trail = site.trail_in_lanes(lines);
            let parts = MineParts {
                lanes: lanes.clone(),
                database: site.ground.store.with_trail(trail.clone()),
                parser: Arc::new(Parser::new(ParserConfig::default())),
                rules: Arc::clone(&site.rules),
                inbox: Inbox::default(),
                stats,
                mining: mining(),
                lease: Some(tenure.lease().clone()),
            };
            let (now, up_since) = (site.ground.clock.now(), site.up_since);
            Box::pin(async move {
                let worker = Mine::open(parts, &settings(), now).await?;
                trail.opened(Timestamp::ZERO, up_since);
                Ok(Trailed { worker, trail })
            })
        };
        Leased::new(self.tenancy(MINE.to_owned()), Box::new(open))
    }

    fn trail_in_lanes(&self, lines: impl Iterator<Item = (Whose, ReaderStats)>) -> Trail {
        Trail::in_lanes(self.ground.history.clone(), lines, Arc::clone(&self.rules))
    }

    pub fn archiver<L: Lane>(
        self: &Arc<Self>,
        name: &'static str,
        (lane, partition): (L, Option<u16>),
    ) -> Under<Archives<L>> {
        let site = Arc::clone(self);
        let open = move |tenure: Tenure| -> Opening<Archives<L>> {
            let on = &site.ground;
            let (takes, receivers) = match name {
                ARCHIVE_SYSLOG => (Takes::Syslog, &on.syslog),
                _ => (Takes::Traps, &on.traps),
            };
            let receiver = receivers.of(partition);
            let parts = ArchiverParts {
                journal: lane.clone(),
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
        let lease = partition.map_or_else(|| name.to_owned(), |n| format!("{name}/{n}"));
        Leased::new(self.tenancy(lease), Box::new(open))
    }

    pub fn deliverer(self: &Arc<Self>) -> Under<TheDeliverer> {
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
        Leased::new(self.tenancy("deliver/moogsoft".to_owned()), Box::new(open))
    }

    fn tenancy(self: &Arc<Self>, name: String) -> Tenancy<PlantedStore> {
        let site = Arc::clone(self);
        let sleeps = match self.ground.store.bug() {
            Some(Bug::StaleLeaseSend) => true,
            Some(Bug::LateSignals) => name.starts_with(JUDGE),
            _ => false,
        };
        let settings =
            LeaseSettings { name, holder: self.holder.to_owned(), ttl: TTL, silence: None };
        let since = move || {
            let clock = site.ground.clock.now().as_micros().unsigned_abs();
            let stood = site.slept.load(Ordering::Relaxed);
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
fn time_of(journal: &Handle<PlantedDisk>, at: Position) -> Result<Option<Timestamp>, ReadError> {
    let mut batch = ReadBatch::default();
    journal.reader(at).read(1, &mut batch)?;
    Ok(batch.records().next().map(|record| record.time))
}

fn settings() -> JudgeSettings {
    JudgeSettings {
        destinations: vec![DESTINATION.to_owned()],
        batch_bytes: 2 << 10,
        mining: Some(mining()),
        ..JudgeSettings::default()
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
