//! One connection's work: elements are moved into the worker's own list, read from there, stored,
//! and only then taken out.
//!
//! From: the list in Redis. To: the journal, one batch a round trip. How nothing is lost:
//!
//! - An element is always in one of the two lists until it is stored: LMOVE is one step.
//! - A batch is what LRANGE finds in the own list, whoever moved it there, and the list is watched
//!   from before. Taking out is a transaction that Redis refuses if anybody touched the list
//!   since. So it takes out just what was read and stored, even when a command of a broken
//!   connection arrives late, or other workers took this one for dead and moved its list back.
//! - A crash before that leaves the batch in the own list: it is read and stored again.

use std::time::Duration;

use mutt_journal::{AppendError, WhenFull};
use redis::{Pipeline, pipe};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::element;
use super::link::{Answers, Link};
use super::trouble::Trouble;
use super::worker::Worker;
use crate::intake::SubmitError;
use crate::stats::Refusal;

/// An empty list is waited for at most so long in one call.
const BLOCK_MAX: Duration = Duration::from_secs(5);
/// At a stop, Redis may take so long for the last answer.
const LAST: Duration = Duration::from_secs(1);
/// Commands of [`Session::sign_of_life`].
pub(super) const SIGNS: usize = 3;

/// A session with Redis.
pub(super) struct Session<'a> {
    pub worker: &'a mut Worker,
    pub link: Link,
    pub stop: &'a CancellationToken,
    /// Elements at the end of the own list that are stored and not taken out yet.
    stored: usize,
    /// Elements of the own list that are not read yet, as far as is known.
    unread: usize,
    /// So many of the next elements may be stored already.
    again: usize,
    /// When dead workers are looked for.
    look_at: Instant,
    /// Whether it has said that it is alive, in this session.
    signed: bool,
    /// Whether the link may be busy with a call that waits for an element.
    blocked: bool,
}

impl<'a> Session<'a> {
    pub fn new(worker: &'a mut Worker, link: Link, stop: &'a CancellationToken) -> Self {
        // Whatever a former life left is read before anything new is moved.
        let unread = usize::MAX;
        let (look_at, signed, blocked) = (Instant::now(), false, false);
        Self { worker, link, stop, stored: 0, unread, again: 0, look_at, signed, blocked }
    }

    /// Works until it is stopped or something is wrong.
    pub async fn run(&mut self) -> Result<(), Trouble> {
        match self.work().await {
            Err(Trouble::Stopped) => {
                self.end().await;
                Ok(())
            }
            ended => ended,
        }
    }

    /// Whether Redis has done what it was asked, at least once.
    pub fn has_worked(&self) -> bool {
        self.unread != usize::MAX
    }

    async fn work(&mut self) -> Result<(), Trouble> {
        loop {
            let elements = self.turn().await?;
            self.worker.is_well();
            if Instant::now() >= self.look_at && elements.is_empty() {
                self.recover().await?;
                self.look_at = Instant::now() + self.worker.config.ttl() / 2;
            } else if elements.is_empty() {
                self.wait().await?;
            } else {
                self.store(elements).await?;
            }
            if self.stop.is_cancelled() {
                return Err(Trouble::Stopped);
            }
        }
    }

    /// One round trip: takes out what is stored, moves more in, and reads the next batch.
    async fn turn(&mut self) -> Result<Vec<Vec<u8>>, Trouble> {
        let begins = !self.has_worked();
        // A former life's last batch is read whole: as one batch it is known as a repeat, even if
        // this life is cut off as well.
        let pace = &self.worker.pace;
        let most = if begins { pace.messages_max } else { pace.most };
        // When it is time to look for the dead, nothing new is begun.
        let moves =
            if Instant::now() >= self.look_at { 0 } else { most.saturating_sub(self.unread) };
        let own = self.worker.own_list();
        let mut commands = pipe();
        let stored = self.take_out(&mut commands);
        self.sign_of_life(&mut commands);
        for _ in 0..moves {
            self.worker.moving(&mut commands);
        }
        commands.cmd("WATCH").arg(&own).cmd("LLEN").arg(&own);
        commands.cmd("LRANGE").arg(&own).arg(-(most as i64)).arg(-1);
        let mut answers = self.ask(&commands).await?;
        answers.skip(if stored > 0 { 2 } else { 1 })?;
        let untouched = stored == 0 || answers.executed()?;
        self.check_sign(&mut answers)?;
        answers.skip(moves + 1)?;
        let len = answers.count()?;
        let mut elements = answers.list()?;
        elements.reverse(); // the oldest is at the right end
        if begins {
            self.read_again(len);
        } else if !untouched {
            // Whoever touched the list may have moved all of the batch back to the source.
            self.read_again(len.max(stored));
        }
        self.unread = len.saturating_sub(elements.len());
        self.worker.pace.next(&elements);
        Ok(elements)
    }

    /// Adds what takes the stored elements out, once: sent again it would take others.
    fn take_out(&mut self, commands: &mut Pipeline) -> usize {
        let stored = std::mem::take(&mut self.stored);
        if stored == 0 {
            commands.cmd("UNWATCH"); // what was watched before is no matter any more
            return 0;
        }
        let (own, last) = (self.worker.own_list(), -(stored as i64) - 1);
        commands.cmd("MULTI").cmd("LTRIM").arg(own).arg(0).arg(last).cmd("EXEC");
        stored
    }

    /// So many elements come that may be stored already.
    fn read_again(&mut self, count: usize) {
        let worker = &mut *self.worker;
        if count > 0 || worker.session == 0 {
            worker.session = worker.door.intake.session();
        }
        if count > 0 {
            worker.reread.inc_by(count as u64);
            tracing::info!(input = %worker.config.name, count,
                "the own list holds what may be stored already: it is stored again");
        }
        self.again = count;
    }

    /// Adds that this worker is alive and may have something. It comes before whatever moves
    /// elements in, so that no list is ever filled which nobody would look at.
    pub fn sign_of_life(&self, commands: &mut Pipeline) {
        let (worker, ttl) = (&self.worker, self.worker.config.ttl_ms);
        let alive = worker.keys.alive(&worker.name);
        commands.cmd("GET").arg(&alive);
        commands.cmd("SET").arg(&alive).arg(&worker.token).arg("PX").arg(ttl);
        commands.cmd("SADD").arg(&worker.keys.workers).arg(&worker.name);
    }

    /// Whether the last sign of life under this name was this worker's own.
    pub fn check_sign(&mut self, answers: &mut Answers) -> Result<(), Trouble> {
        let last = answers.bytes()?;
        answers.skip(SIGNS - 1)?;
        // The first one may be of this worker's former life.
        let other = last.is_some_and(|last| last != self.worker.token.as_bytes());
        if std::mem::replace(&mut self.signed, true) && other {
            return Err(Trouble::NamedAlike(self.worker.name.clone()));
        }
        Ok(())
    }

    /// Waits until something is pushed, or dead workers are to be looked for.
    async fn wait(&mut self) -> Result<(), Trouble> {
        while Instant::now() < self.look_at {
            let most = BLOCK_MAX.min(self.worker.config.ttl() / 3);
            let mut commands = pipe();
            commands.cmd("UNWATCH");
            self.sign_of_life(&mut commands);
            self.worker.waiting(&mut commands, most);
            self.blocked = true;
            let mut answers = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(Trouble::Stopped),
                answers = self.link.ask(&commands, most) => answers?,
            };
            self.blocked = false;
            answers.skip(1)?;
            self.check_sign(&mut answers)?;
            if answers.bytes()?.is_some() {
                self.unread += 1;
                return Ok(());
            }
        }
        Ok(())
    }

    /// Stores what was read, in rounds that the journal takes however large it is.
    async fn store(&mut self, elements: Vec<Vec<u8>>) -> Result<(), Trouble> {
        let mut rest = elements.as_slice();
        while !rest.is_empty() {
            let (round, later) = rest.split_at(self.worker.fits(rest));
            self.store_round(round).await?;
            rest = later;
        }
        self.stored = elements.len();
        Ok(())
    }

    /// Stores a round. While the journal has no room it waits, takes nothing more, and says that it
    /// is alive.
    async fn store_round(&mut self, elements: &[Vec<u8>]) -> Result<(), Trouble> {
        let door = self.worker.door.clone();
        let mut round = door.round(elements.iter().map(Vec::len).sum());
        for raw in elements {
            match element::arrival(raw, self.worker.config.message_bytes_max) {
                Some(arrival) => {
                    let (session, peer) = (self.worker.session, Some(self.link.peer));
                    door.push(&mut round, &arrival.from(session, peer, self.again > 0));
                }
                None => door.refuse(Refusal::Empty, 1),
            }
            self.again = self.again.saturating_sub(1);
        }
        if round.batch.is_empty() {
            return Ok(());
        }
        let storing = async move {
            match door.submit(round, WhenFull::Wait, None).await {
                Ok(waiting) => waiting.stored().await.map(|_| ()),
                Err(SubmitError::Append(error)) => Err(error),
                Err(SubmitError::NoRoom) => Err(AppendError::Full("no room".to_owned())),
            }
        };
        self.alive_until(storing).await
    }

    /// Waits to the end for what is counted there, whatever becomes of Redis meanwhile.
    async fn alive_until(
        &mut self,
        storing: impl Future<Output = Result<(), AppendError>>,
    ) -> Result<(), Trouble> {
        tokio::pin!(storing);
        let mut trouble = None;
        loop {
            let beat = sleep(self.worker.config.ttl() / 3);
            tokio::select! {
                biased;
                stored = &mut storing => {
                    stored.map_err(|error| Trouble::NotStored(error.to_string()))?;
                    return trouble.map_or(Ok(()), Err);
                }
                () = beat, if trouble.is_none() => {
                    let mut commands = pipe();
                    self.sign_of_life(&mut commands);
                    trouble = self.link.ask(&commands, Duration::ZERO).await.err();
                }
            }
        }
    }

    /// Asks Redis. A stop waits for the answer: what is on its way may be what takes out.
    pub async fn ask(&mut self, commands: &Pipeline) -> Result<Answers, Trouble> {
        let stop = self.stop;
        let stopped = async {
            stop.cancelled().await;
            sleep(LAST).await;
        };
        tokio::select! {
            biased;
            answers = self.link.ask(commands, Duration::ZERO) => answers,
            () = stopped => Err(Trouble::Stopped),
        }
    }

    /// Takes out what is stored, and says that this worker is gone: so another one need not wait
    /// for its heartbeat to end.
    async fn end(&mut self) {
        let mut commands = pipe();
        self.take_out(&mut commands);
        commands.cmd("DEL").arg(self.worker.keys.alive(&self.worker.name));
        let last = async {
            if self.blocked {
                let address = self.link.peer.to_string();
                self.link = Link::open(&self.worker.config, &address).await?;
            }
            self.link.ask(&commands, Duration::ZERO).await
        };
        if !matches!(tokio::time::timeout(LAST, last).await, Ok(Ok(_))) {
            tracing::info!(input = %self.worker.config.name,
                "Redis did not take the end: what was stored last may come again");
        }
    }
}
