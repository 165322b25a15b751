//! The story: chance decides who does something next; at the end all is well and the rest drains.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use arc_swap::ArcSwap;
use mutt_event::{Parser, ParserConfig};
use mutt_journal::{Clock, SimDisk, Step as Written};
use mutt_pipeline::{
    ARCHIVE_SYSLOG, ARCHIVE_TRAP, Archiver, ArchiverParts, ArchiverSettings, Inbox, Judge,
    JudgeParts, JudgeSettings, ReaderStats, Rulebook, Step, StepError, Takes, Watch,
};
use mutt_store::Database;

use crate::dice::Dice;
use crate::faults::{Bug, PlantedDisk, PlantedStore, Weather};
use crate::net::{Moogsoft, Protocol, Receiver};
use crate::node::{Node, SimClock, start};
use crate::senders::Senders;
use crate::{messages, oracle};

/// Where alerts go.
pub const DESTINATION: &str = "moogsoft";
const ACTIONS: u32 = 600;
const DRAIN_ROUNDS: u32 = 20_000;
/// How much of the story a failure shows.
const STORY_MAX: usize = 60;

/// What a story was like, when all promises held.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Messages in the journal, repeats included.
    pub stored: usize,
    /// Messages acknowledged.
    pub acknowledged: usize,
    /// Messages that their sender repeated.
    pub repeated: usize,
    /// Notices that Moogsoft took.
    pub delivered: usize,
    /// Times that MUTT was killed or the power failed.
    pub crashes: u32,
}

/// A promise that was broken.
#[derive(Debug)]
pub struct Failure {
    /// The seed that shows it again.
    pub seed: u64,
    /// The bug that was planted.
    pub bug: Option<Bug>,
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
        writeln!(f, "seed {}: {}", self.seed, self.broken)?;
        write!(f, "see it again: mutt-sim --seed {}", self.seed)?;
        self.bug.map_or(Ok(()), |bug| write!(f, " --bug {}", bug.name()))
    }
}

/// A broken promise with its story, before the seed is put to it.
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

/// Everything.
pub struct World {
    dice: Dice,
    weather: Weather,
    clock: SimClock,
    disk: PlantedDisk,
    store: PlantedStore,
    rules: Arc<ArcSwap<Rulebook>>,
    senders: Senders,
    syslog: Receiver,
    traps: Receiver,
    moogsoft: Moogsoft,
    node: Node,
    /// Power fails in the middle of writes too, so that any sectors of a commit that nobody was
    /// told of may survive, others not. Over RELP such a remnant is not known as a repeat: it is
    /// not the end of the sender's last session, but that with holes.
    torn: bool,
    story: Vec<String>,
    crashes: u32,
}

impl World {
    pub fn new(seed: u64, bug: Option<Bug>) -> Result<Self, Failed> {
        let fail = |broken: String| Failed { broken, story: Vec::new() };
        let dice = Dice::new(seed);
        let weather = Weather::bad();
        let clock = SimClock::new();
        let disk = PlantedDisk { inner: SimDisk::new(), bug };
        let store = PlantedStore::new(dice.clone(), weather.clone(), bug);
        let protocol = if dice.chance(50) { Protocol::Tcp } else { Protocol::Relp };
        let lies = bug == Some(Bug::ConfirmOnSend);
        let receiver = |protocol| Receiver::new(protocol, dice.clone(), weather.clone(), lies);
        let moogsoft = Moogsoft::new(dice.clone(), weather.clone());
        let rules = Arc::new(ArcSwap::from_pointee(messages::rulebook().map_err(fail)?));
        let node = start(&disk, &store, &clock, &moogsoft).map_err(fail)?;
        let torn = dice.chance(30);
        Ok(Self {
            senders: Senders::new(dice.clone(), !torn),
            torn,
            syslog: receiver(protocol),
            traps: receiver(Protocol::Datagrams),
            story: vec![format!("archive over {protocol:?}")],
            crashes: 0,
            dice,
            weather,
            clock,
            disk,
            store,
            rules,
            moogsoft,
            node,
        })
    }

    /// Plays the story to its end, and asks the oracles.
    pub fn play(mut self) -> Result<Summary, Failed> {
        match self.all() {
            Ok(summary) => Ok(summary),
            Err(broken) => {
                let from = self.story.len().saturating_sub(STORY_MAX);
                Err(Failed { broken, story: self.story.split_off(from) })
            }
        }
    }

    fn all(&mut self) -> Result<Summary, String> {
        for _ in 0..ACTIONS {
            self.clock.pass(Duration::from_millis(self.dice.below(40)));
            self.act()?;
        }
        self.drain()?;
        oracle::check(&oracle::Seen {
            senders: &self.senders,
            journal: &self.node.journal,
            store: &self.store,
            syslog: self.syslog.archive(),
            traps: self.traps.archive(),
            taken: self.moogsoft.taken(),
            crashes: self.crashes,
        })
    }

    fn act(&mut self) -> Result<(), String> {
        match self.dice.below(100) {
            0..28 => {
                let story = self.senders.send(&self.node.appender, self.clock.now())?;
                self.tell(story);
            }
            28..46 => self.write()?,
            46..60 => drop(self.judge()?),
            60..76 => drop(self.archive(ARCHIVE_SYSLOG)?),
            76..82 => drop(self.archive(ARCHIVE_TRAP)?),
            82..91 => drop(self.deliver()?),
            91..93 => self.clock.pass(Duration::from_millis(self.dice.below(5_000))),
            93..95 => self.syslog.reads(),
            95 => {
                self.tell("a relp sender reconnects".to_owned());
                self.senders.break_one();
            }
            96 => {
                self.tell("NetIM is killed".to_owned());
                self.syslog.kill();
            }
            97 => self.syslog.start(),
            98 => self.crash(false)?,
            _ => self.crash(true)?,
        }
        Ok(())
    }

    fn tell(&mut self, story: String) {
        self.story.push(format!("{} {story}", self.clock.now()));
    }

    fn write(&mut self) -> Result<(), String> {
        let dies = self.weather.is_bad() && self.dice.chance(2);
        if dies {
            // In the middle of its calls to the disk.
            self.disk.inner.die_after(self.dice.below(4));
        }
        if self.torn && self.weather.is_bad() && self.dice.chance(3) {
            self.disk.inner.fail_syncs(1);
        }
        let step = self.node.writer.step();
        self.senders.hear();
        if dies {
            self.disk.inner.fail_syncs(0);
            let power = self.torn && self.dice.chance(50);
            return self.crash(power);
        }
        self.disk.inner.fail_syncs(0);
        if let Written::Failed { why } = step {
            self.tell(format!("the journal failed: {why}"));
            let power = self.dice.chance(50);
            self.crash(power)?;
        }
        Ok(())
    }

    fn judge(&mut self) -> Result<bool, String> {
        let now_is = self.clock.now();
        let (step, story) = match &mut self.node.judge {
            Some(judge) => (now(judge.step(now_is))?, "judge"),
            None => {
                let parts = JudgeParts {
                    journal: self.node.journal.clone(),
                    database: self.store.clone(),
                    parser: Arc::new(Parser::new(ParserConfig::default())),
                    rules: Arc::clone(&self.rules),
                    inbox: Inbox::default(),
                    watch: Arc::new(Watch::default()),
                    stats: ReaderStats::unseen("judge"),
                };
                let settings = JudgeSettings {
                    destinations: vec![DESTINATION.to_owned()],
                    ..JudgeSettings::default()
                };
                let opened = now(Judge::open(parts, settings, now_is))?;
                (
                    opened.map(|judge| self.node.judge.insert(judge)).map(|_| Step::Progress),
                    "judge opens",
                )
            }
        };
        if step.is_err() {
            self.node.judge = None;
        }
        self.stepped(story, step)
    }

    fn archive(&mut self, name: &str) -> Result<bool, String> {
        let now_is = self.clock.now();
        let (takes, receiver) = match name {
            ARCHIVE_SYSLOG => (Takes::Syslog, &self.syslog),
            _ => (Takes::Traps, &self.traps),
        };
        let archiver = match takes {
            Takes::Syslog => &mut self.node.syslog,
            Takes::Traps => &mut self.node.traps,
        };
        let step = match archiver {
            Some(archiver) => now(archiver.step(now_is))?,
            None => {
                let parts = ArchiverParts {
                    journal: self.node.journal.clone(),
                    database: self.store.clone(),
                    channel: receiver.channel(),
                    stats: ReaderStats::unseen(name),
                };
                let overlap_bytes = if receiver.protocol == Protocol::Tcp { 16 << 10 } else { 0 };
                let settings =
                    ArchiverSettings { overlap_bytes, ..ArchiverSettings::new(name, takes) };
                let opened = now(Archiver::open(parts, settings, now_is))?;
                opened.map(|opened| *archiver = Some(opened)).map(|()| Step::Progress)
            }
        };
        if step.is_err() {
            *archiver = None;
        }
        self.stepped(name, step)
    }

    fn deliver(&mut self) -> Result<bool, String> {
        let step = now(self.node.deliverer.step(self.clock.now()))?;
        self.stepped("deliverer", step)
    }

    /// Whether the worker went on. One that lost its cursors is opened anew, the rest may not be.
    fn stepped(&mut self, who: &str, step: Result<Step, StepError>) -> Result<bool, String> {
        match step {
            Ok(step) => Ok(step == Step::Progress),
            // A commit whose answer was lost shows as this: the cursor has moved.
            Err(error @ StepError::Fenced(_)) => {
                self.tell(format!("{who} starts anew: {error}"));
                Ok(true)
            }
            Err(error @ StepError::Store(_)) if self.weather.is_bad() => {
                self.tell(format!("{who} starts anew: {error}"));
                Ok(true)
            }
            Err(error) => Err(format!("{who}: {error}")),
        }
    }

    /// MUTT is gone and starts again: killed, or the power failed and the disk forgot.
    fn crash(&mut self, power: bool) -> Result<(), String> {
        self.tell(if power { "the power fails" } else { "MUTT is killed" }.to_owned());
        self.crashes += 1;
        self.disk.inner = match power {
            true => self.disk.inner.crash(self.dice.below(u64::MAX)),
            false => self.disk.inner.restart(),
        };
        self.senders.lose_connections();
        self.syslog.sender_is_gone();
        self.traps.sender_is_gone();
        self.node = start(&self.disk, &self.store, &self.clock, &self.moogsoft)?;
        oracle::nothing_is_lost(&self.senders, &self.node.journal)
    }

    /// All is well from now on: everything that is under way must come to its end.
    fn drain(&mut self) -> Result<(), String> {
        self.tell("all is well again".to_owned());
        self.weather.clear_up();
        self.syslog.start();
        for _ in 0..DRAIN_ROUNDS {
            let again = self.senders.send_again(&self.node.appender, self.clock.now())?;
            self.write()?;
            let mut busy = again;
            busy |= self.judge()?;
            busy |= self.archive(ARCHIVE_SYSLOG)?;
            busy |= self.archive(ARCHIVE_TRAP)?;
            busy |= self.deliver()?;
            self.syslog.reads();
            if busy {
                self.clock.pass(Duration::from_millis(1));
                continue;
            }
            let waiting = now(self.store.waiting(DESTINATION, 1))?;
            let waiting = waiting.map_err(|error| error.to_string())?.len();
            let cursors = now(self.store.cursors())?.map_err(|error| error.to_string())?;
            let end = self.node.journal.end().0;
            if waiting == 0 && cursors.len() == 12 && cursors.iter().all(|c| c.position == end) {
                return Ok(());
            }
            self.clock.pass(Duration::from_millis(500));
        }
        Err("it never drained".to_owned())
    }
}
