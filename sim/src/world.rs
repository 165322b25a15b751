//! The story: chance decides who does something next; at the end all is well and the rest drains.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use arc_swap::ArcSwap;
use mutt_journal::{Clock, SimDisk, Step as Written};
use mutt_pipeline::{ARCHIVE_SYSLOG, ARCHIVE_TRAP, Step, StepError};
use mutt_store::Database;

use crate::dice::Dice;
use crate::faults::{Bug, PlantedDisk, PlantedStore, Weather};
use crate::net::{Moogsoft, Protocol, Receiver};
use crate::node::{Ground, Node, SimClock, start};
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
    ground: Ground,
    senders: Senders,
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
        let store = PlantedStore::new(dice.clone(), weather.clone(), clock.clone(), bug);
        let protocol = if dice.chance(50) { Protocol::Tcp } else { Protocol::Relp };
        let lies = bug == Some(Bug::ConfirmOnSend);
        let receiver = |protocol| Receiver::new(protocol, dice.clone(), weather.clone(), lies);
        let moogsoft = Moogsoft::new(dice.clone(), weather.clone());
        let rules = Arc::new(ArcSwap::from_pointee(messages::rulebook().map_err(fail)?));
        let (syslog, traps) = (receiver(protocol), receiver(Protocol::Datagrams));
        let ground = Ground { disk, store, clock, rules, syslog, traps, moogsoft };
        let node = start(&ground).map_err(fail)?;
        let torn = dice.chance(30);
        Ok(Self {
            senders: Senders::new(dice.clone(), !torn),
            torn,
            story: vec![format!("archive over {protocol:?}")],
            crashes: 0,
            dice,
            weather,
            ground,
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
            self.ground.clock.pass(Duration::from_millis(self.dice.below(40)));
            self.act()?;
        }
        self.drain()?;
        oracle::check(&oracle::Seen {
            senders: &self.senders,
            journal: &self.node.journal,
            store: &self.ground.store,
            syslog: self.ground.syslog.archive(),
            traps: self.ground.traps.archive(),
            taken: self.ground.moogsoft.taken(),
            crashes: self.crashes,
        })
    }

    fn act(&mut self) -> Result<(), String> {
        match self.dice.below(100) {
            0..28 => {
                let story = self.senders.send(&self.node.appender, self.ground.clock.now())?;
                self.tell(story);
            }
            28..46 => self.write()?,
            46..60 => drop(self.judge()?),
            60..76 => drop(self.archive(ARCHIVE_SYSLOG)?),
            76..82 => drop(self.archive(ARCHIVE_TRAP)?),
            82..91 => drop(self.deliver()?),
            91..93 => self.ground.clock.pass(Duration::from_millis(self.dice.below(5_000))),
            93..95 => self.ground.syslog.reads(),
            95 => {
                self.tell("a relp sender reconnects".to_owned());
                self.senders.break_one();
            }
            96 => {
                self.tell("NetIM is killed".to_owned());
                self.ground.syslog.kill();
            }
            97 => self.ground.syslog.start(),
            98 => self.crash(false)?,
            _ => self.crash(true)?,
        }
        Ok(())
    }

    fn tell(&mut self, story: String) {
        self.story.push(format!("{} {story}", self.ground.clock.now()));
    }

    fn write(&mut self) -> Result<(), String> {
        let dies = self.weather.is_bad() && self.dice.chance(2);
        if dies {
            // In the middle of its calls to the disk.
            self.ground.disk.inner.die_after(self.dice.below(4));
        }
        if self.torn && self.weather.is_bad() && self.dice.chance(3) {
            self.ground.disk.inner.fail_syncs(1);
        }
        let step = self.node.writer.step();
        self.senders.hear();
        if dies {
            self.ground.disk.inner.fail_syncs(0);
            let power = self.torn && self.dice.chance(50);
            return self.crash(power);
        }
        self.ground.disk.inner.fail_syncs(0);
        if let Written::Failed { why } = step {
            self.tell(format!("the journal failed: {why}"));
            let power = self.dice.chance(50);
            self.crash(power)?;
        }
        Ok(())
    }

    fn judge(&mut self) -> Result<bool, String> {
        let step = now(self.node.judge.step(self.ground.clock.now()))?;
        self.stepped("judge", step)
    }

    fn archive(&mut self, name: &str) -> Result<bool, String> {
        let archiver = match name {
            ARCHIVE_SYSLOG => &mut self.node.syslog,
            _ => &mut self.node.traps,
        };
        let step = now(archiver.step(self.ground.clock.now()))?;
        self.stepped(name, step)
    }

    fn deliver(&mut self) -> Result<bool, String> {
        let step = now(self.node.deliverer.step(self.ground.clock.now()))?;
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
        self.ground.disk.inner = match power {
            true => self.ground.disk.inner.crash(self.dice.below(u64::MAX)),
            false => self.ground.disk.inner.restart(),
        };
        self.senders.lose_connections();
        self.ground.syslog.sender_is_gone();
        self.ground.traps.sender_is_gone();
        self.node = start(&self.ground)?;
        oracle::nothing_is_lost(&self.senders, &self.node.journal)
    }

    /// All is well from now on: everything that is under way must come to its end.
    fn drain(&mut self) -> Result<(), String> {
        self.tell("all is well again".to_owned());
        self.weather.clear_up();
        self.ground.syslog.start();
        for _ in 0..DRAIN_ROUNDS {
            let again = self.senders.send_again(&self.node.appender, self.ground.clock.now())?;
            self.write()?;
            let mut busy = again;
            busy |= self.judge()?;
            busy |= self.archive(ARCHIVE_SYSLOG)?;
            busy |= self.archive(ARCHIVE_TRAP)?;
            busy |= self.deliver()?;
            self.ground.syslog.reads();
            if busy {
                self.ground.clock.pass(Duration::from_millis(1));
                continue;
            }
            let waiting = now(self.ground.store.waiting(DESTINATION, 1))?;
            let waiting = waiting.map_err(|error| error.to_string())?.len();
            let cursors = now(self.ground.store.cursors())?.map_err(|error| error.to_string())?;
            let end = self.node.journal.end().0;
            if waiting == 0 && cursors.len() == 12 && cursors.iter().all(|c| c.position == end) {
                return Ok(());
            }
            self.ground.clock.pass(Duration::from_millis(500));
        }
        Err("it never drained".to_owned())
    }
}
