//! MUTT in the story: the real writer and workers over what is simulated.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::{Appender, Clock, Handle, Log, Options, Position, Writer, queue};
use mutt_output::{Adapter, Gate, GateSettings, OutputStats, WebhookSettings};
use mutt_pipeline::{Archiver, Deliverer, DelivererParts, DelivererSettings, Judge, Standing};
use mutt_store::Database;

use crate::faults::{PlantedDisk, PlantedStore};
use crate::net::{Moogsoft, SimChannel};
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

/// MUTT, running.
pub struct Node {
    pub writer: Writer<PlantedDisk, SimClock>,
    pub appender: Appender,
    pub journal: Handle<PlantedDisk>,
    pub judge: Option<TheJudge>,
    pub syslog: Option<TheArchiver>,
    pub traps: Option<TheArchiver>,
    pub deliverer: Deliverer<PlantedStore, Moogsoft>,
}

/// MUTT starts: opens the journal that is there; its workers open with their first step.
pub fn start(
    disk: &PlantedDisk,
    store: &PlantedStore,
    clock: &SimClock,
    moogsoft: &Moogsoft,
) -> Result<Node, String> {
    let options = Options {
        partitions: PARTITIONS,
        segment_bytes: 64 << 10,
        retain_bytes: 1 << 30,
        reserve_bytes: 0,
        ..Options::default()
    };
    // The database may not answer at first; a real start tries again too.
    let cursors = (0..100).find_map(|_| now(store.cursors()).ok()?.ok());
    let cursors = cursors.ok_or("the database never answered")?;
    let above = cursors.iter().map(|cursor| cursor.position).max().unwrap_or(1);
    let (log, _) =
        Log::open(disk.clone(), options, Position(above)).map_err(|error| error.to_string())?;
    let journal = log.handle();
    let (appender, queue) = queue(PARTITIONS, 1 << 20);
    let writer = Writer::new(log, queue, clock.clone()).with_wait(Duration::ZERO);
    let parts = DelivererParts {
        database: store.clone(),
        http: moogsoft.clone(),
        adapter: Adapter::MoogsoftWebhook(WebhookSettings::new("http://moogsoft.invalid/")),
        gate: Gate::new(GateSettings::default()),
        stats: OutputStats::default().destination(DESTINATION),
        standing: Standing::default(),
    };
    let deliverer = Deliverer::new(parts, DelivererSettings::new(DESTINATION));
    Ok(Node { writer, appender, journal, judge: None, syslog: None, traps: None, deliverer })
}
