//! One process's workers, each under its lease. From: the journal and the database. To: the story,
//! which steps them, lets them sleep, and wakes them up.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use mutt_event::Timestamp;
use mutt_journal::{Handle, SimRedisLane};
use mutt_pipeline::{
    ARCHIVE_SYSLOG, ARCHIVE_TRAP, CORRELATE, JUDGE, Leased, MINE, Rulebook, Seat, Step, StepError,
    Tenure, Worker,
};

use crate::disk::PlantedDisk;
use crate::node::Ground;
use crate::store::PlantedStore;
use crate::world::{DESTINATION, now};

mod site;
mod workers;

use site::Site;

/// A worker under its lease, which is opened when the lease was taken.
type Under<W> = Leased<PlantedStore, W, Open<W>>;
type Open<W> = Box<dyn FnMut(Tenure) -> Opening<W>>;
type Opening<W> = Pin<Box<dyn Future<Output = Result<W, StepError>>>>;

/// A worker of any kind under its lease; nothing that is simulated is ever pending.
pub trait Works {
    /// Does what there is to do.
    fn step(&mut self, time: Timestamp) -> Result<Result<Step, StepError>, String>;

    /// Ends well, and gives its lease back.
    fn stop(&mut self, time: Timestamp) -> Result<Result<(), StepError>, String>;

    /// Whether it holds its lease, as far as it knows.
    fn holds(&self) -> bool;
}

impl<W: Worker> Works for Under<W> {
    fn step(&mut self, time: Timestamp) -> Result<Result<Step, StepError>, String> {
        now(Leased::step(self, time))
    }

    fn stop(&mut self, time: Timestamp) -> Result<Result<(), StepError>, String> {
        now(Leased::stop(self, time))
    }

    fn holds(&self) -> bool {
        matches!(self.seat(), Some(Seat::Held { .. } | Seat::Unsure { .. }))
    }
}

/// A worker's place in a crew.
pub struct Place {
    /// The reader's name, or the destination's.
    pub kind: &'static str,
    /// Its partition, if it is of one alone.
    pub partition: Option<u16>,
    pub worker: Box<dyn Works>,
}

impl Place {
    fn new(kind: &'static str, partition: Option<u16>, worker: impl Works + 'static) -> Self {
        Self { kind, partition, worker: Box::new(worker) }
    }

    /// What it is called, as its lease is.
    pub fn name(&self) -> String {
        match self.partition {
            Some(partition) => format!("{}/{partition}", self.kind),
            None => self.kind.to_owned(),
        }
    }
}

/// The workers of one process; those of another have the same places.
pub struct Crew {
    pub name: &'static str,
    pub places: Vec<Place>,
    /// The journal as this process sees it, where each partition is a lane.
    lanes: Vec<SimRedisLane>,
    /// What it goes by, and what everybody is to.
    rules: [Arc<ArcSwap<Rulebook>>; 2],
    /// It stands still from, until.
    asleep: Option<(Timestamp, Timestamp)>,
    /// How long it stood still in all, in microseconds.
    slept: Arc<AtomicU64>,
}

impl Crew {
    /// Begins over one log, beside inputs that take messages since `up_since`; its workers open
    /// with their first step.
    pub fn of_log(
        ground: &Ground,
        journal: &Handle<PlantedDisk>,
        name: &'static str,
        up_since: Timestamp,
    ) -> Self {
        let site = Arc::new(Site::new(ground, Arc::clone(&ground.rules), name, up_since));
        let lane = || journal.clone();
        let places = vec![
            Place::new(JUDGE, None, site.judge(lane())),
            Place::new(ARCHIVE_SYSLOG, None, site.archiver(ARCHIVE_SYSLOG, (lane(), None))),
            Place::new(ARCHIVE_TRAP, None, site.archiver(ARCHIVE_TRAP, (lane(), None))),
            Place::new(DESTINATION, None, site.deliverer()),
        ];
        Self::with(&site, places, Vec::new())
    }

    /// Begins over the lanes of Redis, as a process of its own.
    pub fn of_lanes(ground: &Ground, name: &'static str, up_since: Timestamp) -> Self {
        let rules = Arc::new(ArcSwap::new(ground.rules.load_full()));
        let site = Arc::new(Site::new(ground, rules, name, up_since));
        let lanes = ground.redis.inner.lanes();
        let each = || (0..).zip(lanes.iter().cloned());
        let judge = |(n, lane)| Place::new(JUDGE, Some(n), site.lane_judge(n, lane));
        let mut places: Vec<Place> = each().map(judge).collect();
        places.push(Place::new(CORRELATE, None, site.correlation()));
        places.push(Place::new(MINE, None, site.miner(&lanes)));
        for kind in [ARCHIVE_SYSLOG, ARCHIVE_TRAP] {
            let archiver =
                |(n, lane)| Place::new(kind, Some(n), site.archiver(kind, (lane, Some(n))));
            places.extend(each().map(archiver));
        }
        places.push(Place::new(DESTINATION, None, site.deliverer()));
        Self::with(&site, places, lanes)
    }

    fn with(site: &Site, places: Vec<Place>, lanes: Vec<SimRedisLane>) -> Self {
        let rules = [&site.rules, &site.ground.rules].map(Arc::clone);
        let (name, slept) = (site.holder, Arc::clone(&site.slept));
        Self { name, places, lanes, rules, asleep: None, slept }
    }

    /// Looks how far a partition is, or all of them.
    pub fn looks(&self, partition: Option<u16>) {
        let all = (0..).zip(&self.lanes);
        let which = all.filter(|(n, _)| partition.is_none_or(|partition| partition == *n));
        which.for_each(|(_, lane)| lane.look());
    }

    /// Hears of the rules that are in force.
    pub fn follows(&self) {
        let [mine, all] = &self.rules;
        mine.store(all.load_full());
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
