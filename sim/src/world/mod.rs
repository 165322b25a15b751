//! The story: chance decides who does something next; at the end all is well and the rest drains.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use arc_swap::ArcSwap;
use mutt_alert::reference::Hidden;
use mutt_event::Timestamp;
use mutt_journal::{Clock, Lane, Position, SimDisk};
use mutt_pipeline::{JUDGE, Step, StepError};
use mutt_store::{Cursor, Database, StoreError};

use crate::dice::Dice;
use crate::disk::PlantedDisk;
use crate::net::{Breaches, Moogsoft, Protocol, Receiver, Receivers, TTL};
use crate::node::{Ground, Journal, Node, PARTITIONS, SimClock, start, true_lanes};
use crate::redis::PlantedRedis;
use crate::senders::Senders;
use crate::store::{PlantedStore, Skew, Weather};
use crate::tale::{Form, Tale, Trouble};
use crate::{Summary, oracle, rules};

mod acts;
mod lanes;
mod troubles;

/// Where alerts go.
pub const DESTINATION: &str = "moogsoft";
const DRAIN_ROUNDS: u32 = 20_000;
/// How much of the story a failure shows.
const STORY_MAX: usize = 60;

/// A promise that was broken.
#[derive(Debug)]
pub struct Failure {
    /// The story that shows it again.
    pub tale: Tale,
    /// What was wrong.
    pub broken: String,
    /// The last things that happened.
    pub story: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.story {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "seed {}: {}", self.tale.seed, self.broken)?;
        write!(f, "see it again: {}", self.tale)
    }
}

/// A broken promise with its story, before it is said whose it is.
pub struct Failed {
    pub broken: String,
    pub story: Vec<String>,
}

/// The result of a future that is never pending: everything simulated answers at once.
pub fn now<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err("a worker waits for something that nobody does".to_owned()),
    }
}

/// What is not done yet: notices, decisions and signals that wait, cursors that are not at the end.
#[derive(PartialEq, Eq, Default, Debug)]
struct Left {
    notices: usize,
    decisions: usize,
    signals: usize,
    cursors: usize,
}

/// Everything.
pub struct World {
    tale: Tale,
    dice: Dice,
    weathers: Vec<Weather>,
    is_drained: bool,
    ground: Ground,
    senders: Senders,
    node: Node,
    /// So much time passes between two actions at most, in milliseconds.
    pace: u64,
    /// Power fails in the middle of writes too, so that any sectors of a commit that nobody was
    /// told of may survive, others not. Over RELP such a remnant is not known as a repeat: it is
    /// not the end of the sender's last session, but that with holes.
    torn: bool,
    /// Bits of what is stored flip, so that some of it is lost.
    flips: bool,
    /// The database's clock jumps forward too: then two may send at once for a while, and what
    /// Moogsoft was told last is perhaps not the latest.
    jumps_forward: bool,
    /// Of a planted bug: the revision of which only half is loaded.
    half_loaded: Option<u64>,
    /// The silences.
    hidden: Vec<Hidden>,
    /// When the alerts that people decided about were first seen.
    about: BTreeMap<String, Timestamp>,
    began: Timestamp,
    story: Vec<String>,
    summary: Summary,
}

impl World {
    pub fn new(tale: Tale) -> Result<Self, Failed> {
        let fail = |broken: String| Failed { broken, story: Vec::new() };
        let dice = Dice::new(tale.seed);
        let mut weathers = Vec::new();
        let mut weather = |trouble| {
            let weather = Weather::new(tale.has(trouble));
            weathers.push(weather.clone());
            weather
        };
        let (bug, clock, skew) = (tale.bug, SimClock::new(), Skew::default());
        let disk = PlantedDisk { inner: SimDisk::new(), bug };
        let database = weather(Trouble::Database);
        let store = PlantedStore::new(dice.clone(), database, clock.clone(), skew.clone(), bug);
        let flips = dice.chance(10) && tale.has(Trouble::Flips);
        // What a killed receiver had not read, TCP cannot send again if it is lost by then.
        let over_tcp = dice.chance(50) && !flips;
        let protocol = if over_tcp { Protocol::Tcp } else { Protocol::Relp };
        let slow = weather(Trouble::Receivers);
        let ways = if tale.form == Form::Lanes { PARTITIONS } else { 1 };
        let receiver = |protocol| {
            Receivers::new(ways, || Receiver::new(protocol, dice.clone(), slow.clone(), bug))
        };
        let fails = weather(Trouble::Destination);
        let moogsoft = Moogsoft::new(dice.clone(), fails, clock.clone());
        let off_by = match tale.form {
            Form::Lanes => *dice.pick(&[0, 0, 2, -2]),
            Form::Log => 0,
        };
        let breaks = weather(Trouble::Redis);
        let redis = PlantedRedis::new(dice.clone(), breaks, (clock.clone(), off_by), bug);
        let revision = 1 + dice.below(rules::REVISIONS);
        let ground = Ground {
            form: tale.form,
            redis,
            rules: Arc::new(ArcSwap::new(rules::book(revision).map_err(fail)?)),
            syslog: receiver(protocol),
            traps: receiver(Protocol::Datagrams),
            sends_all: dice.chance(50),
            history: Arc::default(),
            breaches: Breaches::default(),
            disk,
            store,
            clock,
            skew,
            moogsoft,
        };
        let node = start(&ground).map_err(fail)?;
        let torn = dice.chance(30);
        let jumps_forward = dice.chance(20);
        let pace = *dice.pick(&[40, 40, 400, 1_500]);
        let all = if ground.sends_all { "all" } else { "the latest" };
        let begin = format!("rules {revision}, archive over {protocol:?}, sends {all}");
        Ok(Self {
            senders: Senders::new(dice.clone(), !torn || tale.form == Form::Lanes),
            began: ground.clock.now(),
            is_drained: false,
            half_loaded: None,
            hidden: Vec::new(),
            about: BTreeMap::new(),
            story: vec![begin],
            summary: Summary { stories: 1, ..Summary::default() },
            tale,
            torn,
            flips,
            jumps_forward,
            pace,
            dice,
            weathers,
            ground,
            node,
        })
    }

    /// Plays the story to its end, and asks the oracles.
    pub fn play(mut self) -> Result<Summary, Failed> {
        match self.all() {
            Ok(()) => Ok(self.summary),
            Err(broken) => {
                let from = self.story.len().saturating_sub(STORY_MAX);
                Err(Failed { broken, story: self.story.split_off(from) })
            }
        }
    }

    fn all(&mut self) -> Result<(), String> {
        for _ in 0..self.tale.actions {
            self.ground.clock.pass(Duration::from_millis(self.dice.below(self.pace)));
            self.act()?;
        }
        self.drain()?;
        if let Some(breach) = self.ground.breaches.first() {
            return Err(breach);
        }
        let counted = match &self.node.journal {
            Journal::Log(_, handle) => {
                self.check(std::slice::from_ref(handle), self.ground.clock.now())
            }
            Journal::Lanes(_) => self.check(&true_lanes(&self.ground), self.judged_by_all()?),
        }?;
        self.counts(counted);
        Ok(())
    }

    /// Asks the oracles, of the journal up to its time `end`.
    fn check<L: Lane>(&self, lanes: &[L], end: Timestamp) -> Result<oracle::Counted, String> {
        let history = self.ground.history.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let check = if self.flips { oracle::check_damaged } else { oracle::check };
        check(&oracle::Seen {
            senders: &self.senders,
            form: self.tale.form,
            lanes,
            store: self.ground.store.truth(),
            syslog: self.ground.syslog.archive(),
            traps: self.ground.traps.archive(),
            taken: self.ground.moogsoft.taken(),
            end,
            sends_all: self.ground.sends_all,
            one_sends: self.ground.skew.jumped_at() == Timestamp::ZERO,
            decisions: self.summary.decisions as usize,
            about: &self.about,
            history,
        })
    }

    /// The journal's time that the judges of all partitions have reached.
    fn judged_by_all(&self) -> Result<Timestamp, String> {
        let cursors = self.cursors()?;
        let judges = cursors.iter().filter(|cursor| cursor.reader == JUDGE);
        Ok(judges.map(|cursor| cursor.time).min().unwrap_or_default())
    }

    fn cursors(&self) -> Result<Vec<Cursor>, String> {
        now(self.ground.store.truth().cursors())?.map_err(|error| error.to_string())
    }

    fn counts(&mut self, counted: oracle::Counted) {
        self.summary = Summary {
            time: self.ground.clock.now().since(self.began),
            stored: counted.stored,
            acknowledged: self.senders.acknowledged.len(),
            repeated: counted.repeated,
            alerts: counted.alerts,
            notices: counted.notices,
            delivered: counted.delivered,
            lost: counted.lost,
            database_faults: self.ground.store.faults(),
            destination_faults: self.ground.moogsoft.faults(),
            redis_faults: self.summary.redis_faults + self.ground.redis.faults(),
            ..self.summary
        };
    }

    fn tell(&mut self, story: impl Into<String>) {
        self.story.push(format!("{} {}", self.ground.clock.now(), story.into()));
    }

    /// Whether such trouble may come now.
    fn may(&self, trouble: Trouble) -> bool {
        !self.is_drained && self.tale.has(trouble)
    }

    /// All is well from now on: everything that is under way must come to its end.
    fn drain(&mut self) -> Result<(), String> {
        self.tell("all is well again");
        self.is_drained = true;
        self.weathers.iter().for_each(Weather::clear_up);
        self.ground.disk.inner.set_capacity(None);
        self.ground.redis.inner.start();
        self.ground.redis.inner.set_full(false);
        self.ground.syslog.start();
        self.loads_the_rest()?;
        let mut done_since = None;
        for _ in 0..DRAIN_ROUNDS {
            let again = self.senders.send_again(&self.node.appender, self.ground.clock.now())?;
            self.write()?;
            let busy = self.all_work()? || again;
            self.ground.syslog.reads();
            let time = self.ground.clock.now();
            if busy || !self.is_done()? {
                done_since = None;
            } else if time.since(*done_since.get_or_insert(time)) > 2 * TTL {
                // A judge is there by now, and did all that is due.
                return Ok(());
            }
            self.ground.clock.pass(Duration::from_millis(if busy { 1 } else { 500 }));
        }
        Err(format!("it never drained: {:?}", self.left()?))
    }

    /// Every worker does a step; whether one of them went on. Over lanes all judges do before the
    /// correlator, who so has come as far as they.
    fn all_work(&mut self) -> Result<bool, String> {
        let (crews, places) = (self.node.crews.len(), self.node.crews[0].places.len());
        let mut busy = false;
        for crew in &self.node.crews {
            crew.follows();
            crew.looks(None);
        }
        let by_crew = (0..crews).flat_map(|crew| (0..places).map(move |place| (crew, place)));
        let by_place = (0..places).flat_map(|place| (0..crews).map(move |crew| (crew, place)));
        let order: Vec<(usize, usize)> = match self.tale.form {
            Form::Log => by_crew.collect(),
            Form::Lanes => by_place.collect(),
        };
        for (crew, place) in order {
            busy |= self.step(crew, place)?;
        }
        Ok(busy)
    }

    fn is_done(&self) -> Result<bool, String> {
        Ok(self.left()? == Left::default())
    }

    /// What is left to be done.
    fn left(&self) -> Result<Left, String> {
        let store = self.ground.store.truth();
        let text = |error: mutt_store::StoreError| error.to_string();
        let notices = now(store.waiting(DESTINATION, u32::MAX))?.map_err(text)?.len();
        let decisions = now(store.decisions(u32::MAX))?.map_err(text)?.len();
        let signals = now(store.signals())?.map_err(text)?.len();
        let cursors = match &self.node.journal {
            Journal::Log(_, handle) => self.behind(&vec![handle.end(); usize::from(PARTITIONS)])?,
            Journal::Lanes(_) => {
                let ends = true_lanes(&self.ground).iter().map(Lane::end).collect::<Vec<_>>();
                self.behind(&ends)?
            }
        };
        Ok(Left { notices, decisions, signals, cursors })
    }

    /// How many cursors of readers have not reached the end of their partition.
    fn behind(&self, ends: &[Position]) -> Result<usize, String> {
        let readers = oracle::readers(self.tale.form);
        let cursors = self.cursors()?;
        let is_there = |reader: &str, (partition, end): (u16, &Position)| {
            let of = |c: &&Cursor| c.reader == reader && c.partition == partition;
            cursors.iter().find(of).is_some_and(|cursor| cursor.position == end.0)
        };
        let behind = readers
            .iter()
            .flat_map(|reader| (0..).zip(ends).filter(|lane| !is_there(reader, *lane)));
        Ok(behind.count())
    }

    /// Steps one worker of a crew. Whether it went on; one that lost its cursors or its lease is
    /// opened anew, the rest may not be.
    fn step(&mut self, crew: usize, place: usize) -> Result<bool, String> {
        let time = self.ground.clock.now();
        let crew = &mut self.node.crews[crew];
        let place = &mut crew.places[place];
        let step = place.worker.step(time)?;
        let error = match step {
            Ok(step) => return Ok(step == Step::Progress),
            Err(error) => error,
        };
        let who = format!("{} of {}", place.name(), crew.name);
        let is_expected = match &error {
            // A commit whose answer was lost shows as this too: the cursor has moved.
            StepError::Fenced(_) => true,
            StepError::Store(StoreError::Unavailable(_) | StoreError::Full(_)) => {
                self.may(Trouble::Database)
            }
            StepError::Store(_) => false,
            StepError::Journal(_) => self.may(Trouble::Redis),
        };
        if !is_expected {
            return Err(format!("{who}: {error}"));
        }
        self.tell(format!("{who} starts anew: {error}"));
        Ok(true)
    }
}
