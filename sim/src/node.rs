//! MUTT in the story: the real writer and workers over what is simulated.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use mutt_event::{Parser, ParserConfig, Timestamp};
use mutt_journal::{Appender, Clock, Handle, Log, Options, Position, Writer, queue};
use mutt_output::{Adapter, Gate, GateSettings, OutputStats, WebhookSettings};
use mutt_pipeline::{
    ARCHIVE_SYSLOG, ARCHIVE_TRAP, Archiver, ArchiverParts, ArchiverSettings, Deliverer,
    DelivererParts, DelivererSettings, Inbox, JUDGE, Judge, JudgeParts, JudgeSettings,
    LeaseSettings, Leased, ReaderStats, Rulebook, Standing, Step, StepError, Stopwatch, Takes,
    Tenancy, Tenure, Watch, Worker,
};
use mutt_store::Database;

use crate::faults::{PlantedDisk, PlantedStore};
use crate::net::{Moogsoft, Protocol, Receiver, SimChannel};
use crate::world::{DESTINATION, now};

const PARTITIONS: u16 = 4;

/// Time passes when the story says so.
#[derive(Clone)]
pub struct SimClock(Arc<AtomicI64>);

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

impl SimClock {
    /// Some day in November.
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_795_608_000_000_000)))
    }

    pub fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_micros() as i64, Ordering::Relaxed);
    }
}

type TheJudge = Judge<PlantedDisk, PlantedStore>;
type TheArchiver = Archiver<PlantedDisk, PlantedStore, SimChannel>;
type TheDeliverer = Deliverer<PlantedStore, Moogsoft>;

/// A worker under its lease, which is opened when the lease was taken.
pub type Under<W> = Leased<PlantedStore, W, Open<W>>;
type Open<W> = Box<dyn FnMut(Tenure) -> Opening<W>>;
type Opening<W> = Pin<Box<dyn Future<Output = Result<W, StepError>>>>;

/// What MUTT starts on, and finds again after a crash.
#[derive(Clone)]
pub struct Ground {
    pub disk: PlantedDisk,
    pub store: PlantedStore,
    pub clock: SimClock,
    pub rules: Arc<ArcSwap<Rulebook>>,
    pub syslog: Receiver,
    pub traps: Receiver,
    pub moogsoft: Moogsoft,
}

/// MUTT, running.
pub struct Node {
    pub writer: Writer<PlantedDisk, SimClock>,
    pub appender: Appender,
    pub journal: Handle<PlantedDisk>,
    pub judge: Under<TheJudge>,
    pub syslog: Under<Archives>,
    pub traps: Under<Archives>,
    pub deliverer: Under<TheDeliverer>,
}

/// MUTT starts: opens the journal that is there; its workers open with their first step.
pub fn start(ground: &Ground) -> Result<Node, String> {
    let options = Options {
        partitions: PARTITIONS,
        segment_bytes: 64 << 10,
        retain_bytes: 1 << 30,
        reserve_bytes: 0,
        ..Options::default()
    };
    // The database may not answer at first; a real start tries again too.
    let cursors = (0..100).find_map(|_| now(ground.store.cursors()).ok()?.ok());
    let cursors = cursors.ok_or("the database never answered")?;
    let above = cursors.iter().map(|cursor| cursor.position).max().unwrap_or(1);
    let (log, _) = Log::open(ground.disk.clone(), options, Position(above))
        .map_err(|error| error.to_string())?;
    let journal = log.handle();
    let (appender, queue) = queue(PARTITIONS, 1 << 20);
    let writer = Writer::new(log, queue, ground.clock.clone()).with_wait(Duration::ZERO);
    Ok(Node {
        writer,
        appender,
        judge: judge(ground, journal.clone()),
        syslog: archiver(ground, journal.clone(), ARCHIVE_SYSLOG),
        traps: archiver(ground, journal.clone(), ARCHIVE_TRAP),
        deliverer: deliverer(ground),
        journal,
    })
}

fn judge(ground: &Ground, journal: Handle<PlantedDisk>) -> Under<TheJudge> {
    let on = ground.clone();
    let up_since = ground.clock.now();
    let open = move |tenure: Tenure| -> Opening<TheJudge> {
        let parts = JudgeParts {
            journal: journal.clone(),
            database: on.store.clone(),
            parser: Arc::new(Parser::new(ParserConfig::default())),
            rules: Arc::clone(&on.rules),
            inbox: Inbox::default(),
            watch: Arc::new(Watch::default()),
            stats: ReaderStats::unseen(JUDGE),
            lease: Some(tenure.lease().clone()),
            up_since,
        };
        let settings = JudgeSettings {
            destinations: vec![DESTINATION.to_owned()],
            ..JudgeSettings::default()
        };
        Box::pin(Judge::open(parts, settings, on.clock.now()))
    };
    Leased::new(tenancy(ground, JUDGE), Box::new(open))
}

fn archiver(ground: &Ground, journal: Handle<PlantedDisk>, name: &'static str) -> Under<Archives> {
    let on = ground.clone();
    let open = move |tenure| -> Opening<Archives> {
        let (takes, receiver) = match name {
            ARCHIVE_SYSLOG => (Takes::Syslog, &on.syslog),
            _ => (Takes::Traps, &on.traps),
        };
        let parts = ArchiverParts {
            journal: journal.clone(),
            database: on.store.clone(),
            channel: receiver.channel(),
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
    Leased::new(tenancy(ground, name), Box::new(open))
}

fn deliverer(ground: &Ground) -> Under<TheDeliverer> {
    let on = ground.clone();
    let open = move |tenure| -> Opening<TheDeliverer> {
        let parts = DelivererParts {
            database: on.store.clone(),
            http: on.moogsoft.clone(),
            adapter: Adapter::MoogsoftWebhook(WebhookSettings::new("http://moogsoft.invalid/")),
            gate: Gate::new(GateSettings::default()),
            stats: OutputStats::default().destination(DESTINATION),
            standing: Standing::default(),
            tenure,
        };
        let settings = DelivererSettings { sends_all: true, ..DelivererSettings::new(DESTINATION) };
        let deliverer = Deliverer::new(parts, settings);
        Box::pin(std::future::ready(Ok(deliverer)))
    };
    Leased::new(tenancy(ground, "deliver/moogsoft"), Box::new(open))
}

fn tenancy(ground: &Ground, worker: &str) -> Tenancy<PlantedStore> {
    let settings = LeaseSettings {
        name: worker.to_owned(),
        holder: "node-1".to_owned(),
        ttl: Duration::from_secs(10),
    };
    let clock = ground.clock.clone();
    let since = move || Duration::from_micros(clock.now().as_micros().unsigned_abs());
    Tenancy::new(ground.store.clone(), settings, Stopwatch::new(since))
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
