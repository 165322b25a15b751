//! MUTT in the story: the real workers of several processes, and the journal that they share. Over
//! one log there are two sets of them, and the real writer; over lanes there are three, and the
//! writer of one more process that takes messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use mutt_event::Timestamp;
use mutt_journal::{
    Appender, Clock, Handle, Log, Options, Position, SimRedisLane, SimWriter, Writer, queue,
};
use mutt_pipeline::Rulebook;
use mutt_store::Database;

use crate::crew::Crew;
use crate::disk::PlantedDisk;
use crate::net::{Breaches, Moogsoft, Receivers};
use crate::redis::PlantedRedis;
use crate::store::{PlantedStore, Skew};
use crate::tale::Form;
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
    pub form: Form,
    pub disk: PlantedDisk,
    pub redis: PlantedRedis,
    pub store: PlantedStore,
    pub clock: SimClock,
    pub skew: Skew,
    pub rules: Arc<ArcSwap<Rulebook>>,
    pub syslog: Receivers,
    pub traps: Receivers,
    pub moogsoft: Moogsoft,
    /// Whether a destination that was away is sent all that it missed.
    pub sends_all: bool,
    pub history: History,
    pub breaches: Breaches,
}

/// MUTT, running.
pub struct Node {
    pub appender: Appender,
    pub journal: Journal,
    /// Processes' workers. Those over one log read the same, which only a simulation can do.
    pub crews: Vec<Crew>,
    /// Since when inputs take messages.
    pub up_since: Timestamp,
}

/// Where messages are stored, and by whom.
pub enum Journal {
    Log(Box<Writer<PlantedDisk, SimClock>>, Handle<PlantedDisk>),
    Lanes(SimWriter),
}

/// The lanes as they are, whatever a process knows of them.
pub fn true_lanes(ground: &Ground) -> Vec<SimRedisLane> {
    ground.redis.inner.truth().lanes()
}

/// MUTT starts: opens the journal that is there; its workers open with their first step.
pub fn start(ground: &Ground) -> Result<Node, String> {
    match ground.form {
        Form::Log => start_over_log(ground),
        Form::Lanes => {
            let (appender, writer) = takes_messages(ground);
            let (journal, up_since) = (Journal::Lanes(writer), ground.clock.now());
            let names = ["node-1", "node-2", "node-3"];
            let crews = names.map(|name| Crew::of_lanes(ground, name, up_since)).into();
            Ok(Node { appender, journal, crews, up_since })
        }
    }
}

/// A process begins that takes messages into the lanes.
pub fn takes_messages(ground: &Ground) -> (Appender, SimWriter) {
    let (appender, queue) = queue(PARTITIONS, QUEUE_BYTES);
    (appender, SimWriter::new(ground.redis.inner.clone(), queue))
}

fn start_over_log(ground: &Ground) -> Result<Node, String> {
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
    let handle = log.handle();
    let (appender, queue) = queue(PARTITIONS, QUEUE_BYTES);
    let writer = Writer::new(log, queue, ground.clock.clone()).with_wait(Duration::ZERO);
    let up_since = ground.clock.now();
    let names = ["node-1", "node-2"];
    let crews = names.map(|name| Crew::of_log(ground, &handle, name, up_since)).into();
    Ok(Node { appender, journal: Journal::Log(Box::new(writer), handle), crews, up_since })
}
