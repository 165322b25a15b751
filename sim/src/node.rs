//! MUTT in the story: the real writer, and two sets of the real workers over what is simulated.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use mutt_event::Timestamp;
use mutt_journal::{Appender, Clock, Handle, Log, Options, Position, Writer, queue};
use mutt_pipeline::Rulebook;
use mutt_store::Database;

use crate::crew::Crew;
use crate::disk::PlantedDisk;
use crate::net::{Breaches, Moogsoft, Receiver};
use crate::store::{PlantedStore, Skew};
use crate::trail::History;
use crate::world::now;

/// How many partitions the journal has.
pub const PARTITIONS: u16 = 4;

/// What waits for the journal's writer takes so much memory at most, in bytes.
pub const QUEUE_BYTES: usize = 64 << 10;

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

/// What MUTT starts on, and finds again after a crash.
#[derive(Clone)]
pub struct Ground {
    pub disk: PlantedDisk,
    pub store: PlantedStore,
    pub clock: SimClock,
    pub skew: Skew,
    pub rules: Arc<ArcSwap<Rulebook>>,
    pub syslog: Receiver,
    pub traps: Receiver,
    pub moogsoft: Moogsoft,
    /// Whether a destination that was away is sent all that it missed.
    pub sends_all: bool,
    pub history: History,
    pub breaches: Breaches,
}

/// MUTT, running: one process with the journal and its workers, and another's workers that stand
/// by. Both read the same journal, which only a simulation can do.
pub struct Node {
    pub writer: Writer<PlantedDisk, SimClock>,
    pub appender: Appender,
    pub journal: Handle<PlantedDisk>,
    pub crews: [Crew; 2],
    pub up_since: Timestamp,
}

/// MUTT starts: opens the journal that is there; its workers open with their first step.
pub fn start(ground: &Ground) -> Result<Node, String> {
    let options = Options {
        partitions: PARTITIONS,
        segment_bytes: 16 << 10,
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
    let (appender, queue) = queue(PARTITIONS, QUEUE_BYTES);
    let writer = Writer::new(log, queue, ground.clock.clone()).with_wait(Duration::ZERO);
    let up_since = ground.clock.now();
    let crews = ["node-1", "node-2"].map(|name| Crew::new(ground, &journal, name, up_since));
    Ok(Node { writer, appender, journal, crews, up_since })
}
