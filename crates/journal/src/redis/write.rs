//! Group commit for one lane: stores whatever waits in one round trip, and answers when it is safe.
//!
//! From: the dispatcher's parts. To: the stream, then the answer to each sender. While a round is
//! under way the next one forms in the queue.
//!
//! A round has a number, which the server remembers with where the round was stored: so one whose
//! answer was lost is sent again, as it is, and never stored twice. What the server has refused may
//! be formed anew, under the next number.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::{Cmd, Pipeline};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::blob;
use super::core::{Core, locked};
use super::dispatch::Part;
use super::durability;
use super::keys::Keys;
use super::link::Answers;
use super::pack;
use super::script::{JUMP, Script, Scripted};
use super::trouble::Trouble;
use super::watcher::timestamp;
use crate::append::{AppendError, Position, WhenFull};
use crate::receipt::Run;
use crate::stats::JournalStats;

/// About the most that one round takes, in bytes before compression.
const ROUND_BYTES: usize = 1 << 20;
/// How long the server remembers a writer's last round.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
/// The pause after a failure doubles from the first to the second.
const PAUSE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// Stores the parts of one lane.
pub(super) struct LaneWriter {
    core: Arc<Core>,
    queue: UnboundedReceiver<Part>,
    /// Parts that wait for Redis, oldest first.
    held: VecDeque<Part>,
    link: Option<Scripted>,
    /// Where the server remembers the last round.
    key: String,
    /// The last round's number.
    number: u64,
    pause: Duration,
    stats: JournalStats,
}

/// Parts that are stored together, or not at all.
struct Round {
    parts: Vec<Part>,
    /// Count, bytes before compression and blob of each entry.
    entries: Vec<(u16, usize, Vec<u8>)>,
    began: Instant,
    /// It may be stored although no answer said so; then it must not be formed anew.
    unsure: bool,
}

impl LaneWriter {
    pub fn new(core: Arc<Core>, queue: UnboundedReceiver<Part>, stats: JournalStats) -> Self {
        let key = Keys::writer(&core.site.options.prefix, core.partition, Uuid::now_v7());
        let held = VecDeque::new();
        Self { core, queue, held, link: None, key, number: 0, pause: Duration::ZERO, stats }
    }

    /// Works until the dispatcher is gone and everything is answered.
    pub async fn run(mut self) {
        self.probe().await;
        while let Some(round) = self.form().await {
            self.number += 1;
            self.store(round).await;
        }
    }

    /// Takes what waits; none when nothing more will come.
    async fn form(&mut self) -> Option<Round> {
        let mut parts = Vec::new();
        let mut bytes = 0;
        while bytes < ROUND_BYTES {
            let part = match self.held.pop_front() {
                Some(part) => part,
                None if parts.is_empty() => self.next().await?,
                None => match self.queue.try_recv() {
                    Ok(part) => part,
                    Err(_) => break,
                },
            };
            // Of a batch that another lane has refused no more is stored than was on its way.
            if !part.ticket.is_over() {
                bytes += part.piece.raw.len();
                parts.push(part);
            }
        }
        let entries = pack::pack(parts.iter().map(|part| &*part.piece.raw));
        let seal = |entry: pack::Entry| {
            (entry.count, entry.raw.len(), blob::encode(entry.count, &entry.raw))
        };
        let entries = entries.into_iter().map(seal).collect();
        Some(Round { parts, entries, began: Instant::now(), unsure: false })
    }

    /// Waits for a part. As long as the lane is in trouble it sees meanwhile whether that is over,
    /// since senders that do not wait are refused before they get here.
    async fn next(&mut self) -> Option<Part> {
        while self.core.writing.get().is_some() {
            let pause = self.grow_pause();
            if let Ok(part) = timeout(pause, self.queue.recv()).await {
                return part;
            }
            self.probe().await;
        }
        self.queue.recv().await
    }

    /// Sees whether the lane can be written to.
    async fn probe(&mut self) {
        let connected = self.connect().await;
        self.core.note_writing(connected.as_ref().err());
        self.link = connected.ok();
    }

    /// Stores a round, or gives it back: who does not wait is answered, the rest is held.
    async fn store(&mut self, mut round: Round) {
        loop {
            let trouble = match self.send(&mut round).await {
                Ok((first, time)) => return self.answer(round, first, time),
                Err(trouble) => trouble,
            };
            self.link = None;
            self.core.note_writing(Some(&trouble));
            let why = trouble.to_string();
            self.hold_queue(&why);
            if !round.unsure {
                let parts = self.refuse(round.parts, &why);
                parts.into_iter().rev().for_each(|part| self.held.push_front(part));
                if self.closing() {
                    self.held.drain(..).for_each(close);
                }
                return self.rest().await;
            }
            if round.began.elapsed() > self.core.site.options.response_timeout() {
                if self.closing() {
                    let parts = round.parts.into_iter().chain(self.held.drain(..));
                    return parts.for_each(close);
                }
                self.refuse_unsure(&mut round, &why);
            }
            self.rest().await;
        }
    }

    /// Sends a round and waits until it is as safe as the options ask for.
    async fn send(&mut self, round: &mut Round) -> Result<(u64, u64), Trouble> {
        let scripted = match self.link.take().filter(|scripted| scripted.link.is_open()) {
            Some(scripted) => scripted,
            None => self.connect().await?,
        };
        let options = &self.core.site.options;
        let mut commands = Pipeline::new();
        commands.add_command(self.call(&scripted, round));
        let mut blocking = Duration::ZERO;
        if options.replicas > 0 {
            commands.cmd("WAIT").arg(options.replicas).arg(options.response_timeout_ms);
            blocking = options.response_timeout();
        }
        let began = Instant::now();
        let sent = scripted.link.send(&commands, blocking).await;
        let placed = sent.and_then(|mut answers| Ok((answers.list()?, answers)));
        let (place, waited) = placed.inspect_err(|trouble| round.unsure |= trouble.unsure())?;
        // It is stored; whatever is wrong from here on, it is not formed anew.
        round.unsure = true;
        let stored = safe(place, waited, options.replicas)?;
        self.stats.took(began.elapsed());
        self.link = Some(scripted);
        Ok(stored)
    }

    fn call(&self, scripted: &Scripted, round: &Round) -> Cmd {
        let keys = &self.core.keys;
        let mut call = scripted.call(Script::Append, &[&keys.events, &keys.state, &self.key]);
        call.arg(self.core.site.identity.to_string()).arg(self.number);
        call.arg(REMEMBERED.as_secs()).arg(JUMP);
        for (count, raw, blob) in &round.entries {
            call.arg(*count).arg(*raw).arg(blob);
        }
        call
    }

    /// A connection to the lane's master, which is as durable as the options ask for.
    async fn connect(&self) -> Result<Scripted, Trouble> {
        let site = &self.core.site;
        let connecting = async {
            let link = site.masters.open(self.core.keys.slot).await?;
            let weak = durability::check(&link, &site.masters, &site.options).await?;
            *locked(&self.core.weak) = weak;
            Scripted::load(link).await
        };
        let patience = site.options.patience();
        let silent = |_| Trouble::Unreachable {
            address: "its master".to_owned(),
            why: format!("no connection within {} ms", patience.as_millis()),
        };
        timeout(patience, connecting).await.map_err(silent)?
    }

    fn answer(&mut self, round: Round, first: u64, time: u64) {
        self.pause = Duration::ZERO;
        self.core.note_writing(None);
        self.core.wake.notify_one();
        let (batches, time) = (round.parts.len() as u64, timestamp(time));
        let mut next = first;
        for Part { piece, ticket, .. } in round.parts {
            let (partition, count) = (piece.partition, piece.count);
            ticket.stored(Run { partition, first: Position(next), count, time });
            next += u64::from(count);
        }
        let bytes = round.entries.iter().map(|(_, _, blob)| blob.len() as u64).sum();
        self.stats.committed(batches, next - first, bytes);
    }

    /// Takes all that came meanwhile, so that those who do not wait are answered.
    fn hold_queue(&mut self, why: &str) {
        let came = std::iter::from_fn(|| self.queue.try_recv().ok()).collect();
        let waiting = self.refuse(came, why);
        self.held.extend(waiting);
    }

    /// Answers those that do not wait, and gives the others back.
    fn refuse(&self, parts: Vec<Part>, why: &str) -> Vec<Part> {
        let (waiting, refused): (Vec<Part>, _) =
            parts.into_iter().partition(|part| part.when_full == WhenFull::Wait);
        refused.iter().for_each(|part| self.refuse_one(part, why));
        waiting
    }

    /// Answers those that do not wait, and keeps them: they may be stored already.
    fn refuse_unsure(&self, round: &mut Round, why: &str) {
        for part in &mut round.parts {
            if std::mem::replace(&mut part.when_full, WhenFull::Wait) == WhenFull::Refuse {
                self.refuse_one(part, why);
            }
        }
    }

    fn refuse_one(&self, part: &Part, why: &str) {
        if part.ticket.failed(AppendError::Full(why.to_owned())) {
            self.stats.refused_full();
        }
    }

    /// Whether nothing more will come.
    fn closing(&self) -> bool {
        self.queue.is_closed() && self.queue.is_empty()
    }

    fn grow_pause(&mut self) -> Duration {
        self.pause = (self.pause * 2).clamp(PAUSE.0, PAUSE.1);
        self.pause
    }

    async fn rest(&mut self) {
        sleep(self.grow_pause()).await;
    }
}

/// Where a round was stored, once as many replicas have it as must.
fn safe(mut place: Answers, mut waited: Answers, replicas: u16) -> Result<(u64, u64), Trouble> {
    let stored = (place.number()?, place.number()?);
    if replicas > 0 {
        let have = waited.number()?;
        if have < u64::from(replicas) {
            return Err(Trouble::FewReplicas(have, replicas));
        }
    }
    Ok(stored)
}

/// Gives up what could not be stored before the end.
fn close(part: Part) {
    part.ticket.failed(AppendError::Closed);
}
