//! The server: a stream for each partition, what each writer stored last, and a clock.
//!
//! From: writers' rounds, readers' questions, and who decides what befalls a call. To: the same as
//! Redis would answer by MUTT's scripts.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use mutt_event::Timestamp;

use super::super::blob;
use super::super::core::locked;
use super::super::pack::Entry;
use super::super::script::JUMP;
use super::super::trouble::Trouble;
use super::lane::{SimRedisLane, View};
use crate::append::Position;
use crate::batch::ReadBatch;

/// What the server is asked for, by whom it is decided what befalls it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SimCall {
    /// A round of a partition is to be stored.
    Append,
    /// A reader asks for entries.
    Read,
    /// A process looks how far a partition is.
    Look,
}

/// What befalls a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SimFate {
    /// It is done and answered.
    Done,
    /// The connection breaks before it is done.
    LostBefore,
    /// It is done, and the connection breaks before the answer.
    LostAfter,
    /// The server dies before it is done, or before what it did is on disk.
    DiesBefore,
    /// The server dies with what it did on disk, and has not answered.
    DiesAfter,
    /// As `LostAfter`, and the server forgets which round it was: what no server may do.
    Forgotten,
    /// A look in two steps: the time is new, all else is of the look before. No server may.
    Apart,
}

type Decide = Arc<dyn Fn(SimCall) -> SimFate + Send + Sync>;

/// A server. Clones are the same.
#[derive(Clone)]
pub struct SimRedis {
    server: Arc<Mutex<Server>>,
    /// None: whoever asks is told the truth, though the server be down.
    decide: Option<Decide>,
}

struct Server {
    identity: String,
    streams: Vec<Stream>,
    /// By partition and writer: the last round's number, and where it was stored.
    rounds: HashMap<(u16, u64), (u64, (u64, Timestamp))>,
    writers: u64,
    /// How often it has started.
    run: u64,
    is_up: bool,
    is_full: bool,
    clock: Box<dyn Fn() -> Timestamp + Send>,
}

#[derive(Default)]
struct Stream {
    entries: Vec<Stored>,
    next: u64,
    time: Timestamp,
    stored: u64,
    free: u64,
    /// The run that stored last.
    run: Option<u64>,
}

/// An entry of a stream.
struct Stored {
    first: u64,
    time: Timestamp,
    /// Where positions jump: the position after the last message before.
    before: Option<u64>,
    entry: Entry,
    is_damaged: bool,
}

impl Stored {
    fn end(&self) -> u64 {
        self.first + u64::from(self.entry.count)
    }
}

impl fmt::Debug for SimRedis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimRedis").finish_non_exhaustive()
    }
}

impl SimRedis {
    /// An empty server that goes by `clock`; `decide` is asked once a call, in the order of calls.
    pub fn new(
        identity: &str,
        partitions: u16,
        clock: impl Fn() -> Timestamp + Send + 'static,
        decide: impl Fn(SimCall) -> SimFate + Send + Sync + 'static,
    ) -> Self {
        let stream = |_| Stream { next: 1, ..Stream::default() };
        let server = Server {
            identity: identity.to_owned(),
            streams: (0..partitions).map(stream).collect(),
            rounds: HashMap::new(),
            writers: 0,
            run: 1,
            is_up: true,
            is_full: false,
            clock: Box::new(clock),
        };
        Self { server: Arc::new(Mutex::new(server)), decide: Some(Arc::new(decide)) }
    }

    /// The same, asked by somebody to whom nothing happens.
    pub fn truth(&self) -> Self {
        Self { decide: None, ..self.clone() }
    }

    /// Its partitions as one process sees them, which looks at each of them now.
    pub fn lanes(&self) -> Vec<SimRedisLane> {
        let partitions = self.partitions();
        (0..partitions).map(|partition| SimRedisLane::new(self.clone(), partition)).collect()
    }

    /// The journal's name.
    pub fn identity(&self) -> String {
        self.server().identity.clone()
    }

    /// Whether it answers.
    pub fn is_up(&self) -> bool {
        self.server().is_up
    }

    /// It dies: nobody is answered until it starts.
    pub fn stop(&self) {
        self.server().is_up = false;
    }

    /// It starts with what is on its disk: all that was done.
    pub fn start(&self) {
        let mut server = self.server();
        if !server.is_up {
            (server.is_up, server.run) = (true, server.run + 1);
        }
    }

    /// Whether it takes nothing more, for want of memory.
    pub fn set_full(&self, is_full: bool) {
        self.server().is_full = is_full;
    }

    /// Bits flip in one of its entries, by a number among them; answers which partition's and at
    /// which position, if there is any.
    pub fn damage(&self, pick: impl FnOnce(usize) -> usize) -> Option<(u16, Position)> {
        let mut server = self.server();
        let count = server.streams.iter().map(|stream| stream.entries.len()).sum();
        let which = if count == 0 { return None } else { pick(count) };
        let all = (0..).zip(&mut server.streams);
        let mut all = all.flat_map(|(n, stream)| stream.entries.iter_mut().map(move |e| (n, e)));
        let (partition, entry) = all.nth(which)?;
        entry.is_damaged = true;
        Some((partition, Position(entry.first)))
    }

    fn server(&self) -> MutexGuard<'_, Server> {
        locked(&self.server)
    }

    pub(super) fn partitions(&self) -> u16 {
        self.server().streams.len() as u16
    }

    /// A number that no other writer has.
    pub(super) fn new_writer(&self) -> u64 {
        let mut server = self.server();
        server.writers += 1;
        server.writers
    }

    /// Stores a round, or says where it was stored before: first position and time.
    pub(super) fn append(
        &self,
        partition: u16,
        (writer, number): (u64, u64),
        round: &[Entry],
    ) -> Result<(u64, Timestamp), Trouble> {
        self.ask(SimCall::Append, |server, fate| {
            let known = server.rounds.get(&(partition, writer)).copied();
            if let Some((_, place)) = known.filter(|(last, _)| *last == number) {
                return Ok(place);
            }
            if server.is_full {
                return Err(Trouble::Refused {
                    text: "OOM command not allowed".to_owned(),
                    remedy: "raise maxmemory",
                });
            }
            let (now, run) = ((server.clock)(), server.run);
            let place = server.stream(partition)?.store(now, run, round);
            if fate != SimFate::Forgotten {
                server.rounds.insert((partition, writer), (number, place));
            }
            Ok(place)
        })
    }

    /// Reads about `max_bytes` from `from` on.
    pub(super) fn read(
        &self,
        partition: u16,
        (from, max_bytes): (u64, usize),
        into: &mut ReadBatch,
    ) -> Result<(), Trouble> {
        self.ask(SimCall::Read, |server, _| {
            server.stream(partition)?.read(partition, (from, max_bytes), into);
            Ok(())
        })
    }

    /// Takes a look, and keeps in `view` what it saw.
    pub(super) fn look(&self, partition: u16, view: &mut View) -> Result<(), Trouble> {
        self.ask(SimCall::Look, |server, fate| {
            view.seen = (server.clock)();
            if fate == SimFate::Apart {
                return Ok(());
            }
            let stream = server.stream(partition)?;
            (view.end, view.last_append) = (stream.next, stream.time);
            (view.stored, view.free) = (stream.stored, stream.free);
            Ok(())
        })
    }

    /// A position at least `bytes` before `from`, or the first.
    pub(super) fn seek_back(&self, partition: u16, from: u64, bytes: u64) -> Result<u64, Trouble> {
        self.ask(SimCall::Read, |server, _| {
            let stream = server.stream(partition)?;
            let before = stream.entries.iter().rev().skip_while(|entry| entry.first >= from);
            let mut left = bytes;
            for entry in before {
                left = left.saturating_sub(entry.entry.raw.len() as u64);
                if left == 0 {
                    return Ok(entry.first);
                }
            }
            Ok(from.min(1))
        })
    }

    /// The first position of `time` or later, or the end.
    pub(super) fn seek_time(&self, partition: u16, time: Timestamp) -> Result<u64, Trouble> {
        self.ask(SimCall::Read, |server, _| {
            let stream = server.stream(partition)?;
            let found = stream.entries.iter().find(|entry| entry.time >= time);
            Ok(found.map_or(stream.next, |entry| entry.first))
        })
    }

    fn ask<T>(
        &self,
        call: SimCall,
        does: impl FnOnce(&mut Server, SimFate) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let Some(decide) = &self.decide else { return does(&mut self.server(), SimFate::Done) };
        if !self.server().is_up {
            let (address, why) = ("redis.sim".to_owned(), "nobody is there".to_owned());
            return Err(Trouble::Unreachable { address, why });
        }
        let fate = decide(call);
        let mut server = self.server();
        let done = match fate {
            SimFate::LostBefore | SimFate::DiesBefore => Err(broken()),
            _ => does(&mut server, fate),
        };
        if matches!(fate, SimFate::DiesBefore | SimFate::DiesAfter) {
            server.is_up = false;
        }
        match fate {
            SimFate::LostAfter | SimFate::DiesAfter | SimFate::Forgotten => Err(broken()),
            _ => done,
        }
    }
}

fn broken() -> Trouble {
    Trouble::Broken("reset".to_owned())
}

impl Server {
    fn stream(&mut self, partition: u16) -> Result<&mut Stream, Trouble> {
        let stream = self.streams.get_mut(usize::from(partition));
        stream.ok_or(Trouble::Unexpected("a partition that there is not"))
    }
}

impl Stream {
    fn store(&mut self, now: Timestamp, run: u64, round: &[Entry]) -> (u64, Timestamp) {
        self.time = self.time.max(now);
        let mut before = None;
        if self.run.is_some_and(|last| last != run) {
            before = Some(self.next);
            self.next += JUMP;
            self.free += JUMP;
        }
        self.run = Some(run);
        let first = self.next;
        for entry in round {
            let (first, time, count) = (self.next, self.time, u64::from(entry.count));
            let (before, entry) = (before.take(), entry.clone());
            self.entries.push(Stored { first, time, before, entry, is_damaged: false });
            self.next += count;
            self.stored += count;
        }
        (first, self.time)
    }

    fn read(&self, partition: u16, (from, max_bytes): (u64, usize), into: &mut ReadBatch) {
        let (mut position, mut bytes) = (from, 0);
        let begin = self.entries.partition_point(|entry| entry.end() <= from);
        let mut entries = self.entries[begin..].iter();
        let is_whole = loop {
            if bytes >= max_bytes && !into.is_empty() {
                break false;
            }
            let Some(stored) = entries.next() else { break true };
            let given = stored.before.unwrap_or(stored.first).max(position);
            into.push_lost(position, given);
            into.push_free(given, stored.first);
            position = position.max(stored.first);
            if !stored.is_damaged {
                for (seq, payload) in (stored.first..).zip(blob::payloads(&stored.entry.raw)) {
                    if seq >= position {
                        into.push(seq, partition, stored.time, payload);
                        position = seq + 1;
                    }
                }
            }
            bytes += stored.entry.raw.len();
        };
        if is_whole {
            into.push_lost(position, self.next);
            position = position.max(self.next);
        }
        into.set_next(Position(position));
    }
}
