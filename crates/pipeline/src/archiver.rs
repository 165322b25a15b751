//! An archiver: every message of its kinds, byte for byte and in order, to one receiver.
//!
//! From: the journal. To: a [`Channel`], and the cursor in the database, which moves only past
//! what the channel has confirmed.
//!
//! The messages that are sent and not confirmed stand in a queue with those that are decided
//! otherwise (another reader's, withheld, skipped, lost), in the journal's order; the cursor is at
//! its front. When the channel breaks, the queue is forgotten and reading goes back to the front;
//! over TCP further back, by the overlap, since a receiver that was killed loses what it had not
//! read although its kernel had acknowledged it. What is sent again so is not counted again.
//!
//! A step must not be dropped midway; if it is, drop the archiver and open it anew.

use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::{Clock, Lane, LaneReader, Position, ReadBatch, ReadError};
use mutt_output::{Certainty, Channel, ChannelError, Rate};
use mutt_store::{Change, Database, Outcome};

use crate::cursors::Cursors;
use crate::stats::ReaderStats;
use crate::step::passes;
use crate::{Step, StepError, Tenure};

mod flight;
mod settings;
mod sort;

use flight::Flight;
pub use settings::{ArchiverSettings, Takes, WhenBehind};
use sort::Used;

/// The reader that archives syslog, and JSON rendered as syslog.
pub const ARCHIVE_SYSLOG: &str = "archive/syslog";
/// The reader that archives SNMP traps.
pub const ARCHIVE_TRAP: &str = "archive/trap";

/// What an archiver works with.
pub struct ArchiverParts<L: Lane, B, Ch> {
    /// Where messages come from.
    pub journal: L,
    /// Where its cursors are.
    pub database: B,
    /// Where messages go.
    pub channel: Ch,
    /// For whoever looks on.
    pub stats: ReaderStats,
    /// How long it may send.
    pub tenure: Tenure,
}

/// The worker; see the [module](self).
pub struct Archiver<L: Lane, B, Ch> {
    settings: ArchiverSettings,
    parts: ArchiverParts<L, B, Ch>,
    cursors: Cursors,
    reader: L::Reader,
    batch: ReadBatch,
    used: Used,
    flight: Flight,
    /// Everything below is done.
    done: Position,
    committed: Position,
    committed_at: Timestamp,
    link: Link,
    /// Breaks and refusals since the last confirmation.
    failures: u32,
    rate: Rate,
    /// How many messages the channel is offered at once; grows as long as it takes them all.
    offer_max: usize,
    /// What is below is skipped.
    skip_to: Position,
    /// When the backlog is looked at next.
    look_at: Timestamp,
    /// Append time of the last message done.
    time: Timestamp,
}

enum Link {
    Open,
    Closed {
        retry_at: Timestamp,
        /// The receiver may have lost the end of what it acknowledged.
        go_back: bool,
    },
}

/// Why work stopped.
enum Stopped {
    Channel(ChannelError),
    Journal(ReadError),
}

impl From<ChannelError> for Stopped {
    fn from(error: ChannelError) -> Self {
        Stopped::Channel(error)
    }
}

impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Self {
        Stopped::Journal(error)
    }
}

const OFFER_MIN: usize = 64;
const OFFER_MAX: usize = 4_096;

impl<L: Lane, B: Database, Ch: Channel> Archiver<L, B, Ch> {
    /// Takes the reader's cursors over. The channel opens with the first step.
    ///
    /// # Errors
    /// The database does not answer or knows another journal.
    pub async fn open(
        parts: ArchiverParts<L, B, Ch>,
        settings: ArchiverSettings,
        now: Timestamp,
    ) -> Result<Self, StepError> {
        let journal = &parts.journal;
        let cursors = Cursors::claim(
            &parts.database,
            &settings.name,
            &journal.identity(),
            journal.partitions(),
        )
        .await?;
        let done = cursors.lowest();
        parts.stats.progress.set_committed(done);
        parts.stats.progress.set_done(done, Timestamp::ZERO);
        let burst = (settings.per_second / 10.0).clamp(1.0, 1e6) as u32;
        Ok(Self {
            reader: journal.reader(done),
            cursors,
            batch: ReadBatch::default(),
            used: Used::ALL,
            flight: Flight::default(),
            done,
            committed: done,
            committed_at: now,
            link: Link::Closed { retry_at: now, go_back: !settings.clean_start },
            failures: 0,
            rate: Rate::new(settings.per_second, burst),
            offer_max: OFFER_MAX,
            skip_to: Position::FIRST,
            look_at: now,
            time: Timestamp::ZERO,
            settings,
            parts,
        })
    }

    /// Sends what is there and the receiver takes, counts what it has confirmed, and commits the
    /// cursor when it is time. Waits for the receiver at most [`ArchiverSettings::wait_max`].
    ///
    /// # Errors
    /// See [`StepError`]. A receiver or a database that does not answer is no error: the archiver
    /// tries again, and says why in its standing.
    pub async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        self.open_channel(now).await;
        self.check_backlog(now);
        let worked = match self.work(now).await {
            Ok(worked) => worked,
            Err(Stopped::Channel(error)) => {
                self.broke(now, &error);
                true
            }
            Err(Stopped::Journal(error)) => return Err(error.into()),
        };
        self.parts.stats.progress.set_done(self.done, self.time);
        let commit_at = self.committed_at.after(self.settings.commit_every);
        if self.done > self.committed && now >= commit_at {
            self.commit(now).await?;
        }
        if worked {
            return Ok(Step::Progress);
        }
        if self.flight.waits() {
            self.parts.channel.wait(self.settings.wait_max).await;
            return Ok(Step::Progress);
        }
        let commit_at = self.committed_at.after(self.settings.commit_every);
        let commit = (self.done > self.committed).then_some(commit_at);
        let retry = match self.link {
            Link::Closed { retry_at, .. } => Some(retry_at),
            Link::Open if self.more() => Some(self.rate.ready_at(now)),
            Link::Open => {
                self.parts.stats.standing.good();
                Some(now.after(self.settings.look_every))
            }
        };
        // A full journal wakes nobody by an append: the backlog is looked at all the same.
        let look = (self.settings.when_behind == WhenBehind::Skip).then_some(self.look_at);
        Ok(Step::Idle { wake_at: commit.into_iter().chain(retry).chain(look).min() })
    }

    /// Sends nothing more, waits until all that was sent is confirmed or `limit` is over, says
    /// goodbye and commits. Answers whether everything sent is confirmed.
    ///
    /// # Errors
    /// See [`Archiver::step`].
    pub async fn stop<C: Clock>(&mut self, clock: &C, limit: Duration) -> Result<bool, StepError> {
        let until = clock.now().after(limit);
        while matches!(self.link, Link::Open) {
            match self.parts.channel.confirmed().await {
                Ok(confirmed) => self.settle(confirmed),
                Err(error) => self.broke(clock.now(), &error),
            }
            if !self.flight.waits() || clock.now() >= until {
                break;
            }
            self.parts.channel.wait(self.settings.wait_max).await;
        }
        let clean = !self.flight.waits() && matches!(self.link, Link::Open);
        self.parts.channel.close().await;
        if self.done > self.committed {
            self.commit(clock.now()).await?;
        }
        Ok(clean)
    }

    async fn open_channel(&mut self, now: Timestamp) {
        let Link::Closed { retry_at, go_back } = self.link else { return };
        if now < retry_at {
            return;
        }
        if let Err(error) = self.parts.channel.open().await {
            self.close_link(now, go_back);
            self.parts.stats.standing.bad(now, error.to_string());
            return;
        }
        let from = match self.settings.overlap_bytes {
            bytes if go_back && bytes > 0 => self.parts.journal.seek_back(self.done, bytes),
            _ => self.done,
        };
        self.rewind(from);
        self.link = Link::Open;
        self.offer_max = OFFER_MAX;
    }

    fn broke(&mut self, now: Timestamp, error: &ChannelError) {
        tracing::warn!(reader = self.settings.name, %error, "archive interrupted");
        self.parts.stats.standing.bad(now, error.to_string());
        self.rewind(self.done);
        self.close_link(now, true);
    }

    fn close_link(&mut self, now: Timestamp, go_back: bool) {
        let backoff = self.settings.backoff_first.saturating_mul(1 << self.failures.min(31));
        self.failures = self.failures.saturating_add(1);
        let retry_at = now.after(backoff.min(self.settings.backoff_max));
        self.link = Link::Closed { retry_at, go_back };
    }

    /// Forgets what is on its way, and reads from `from` on.
    fn rewind(&mut self, from: Position) {
        self.flight.clear();
        self.reader.seek(from);
        self.used = Used::ALL;
    }

    fn more(&self) -> bool {
        !self.used.is_all(&self.batch) || self.reader.position() < self.parts.journal.end()
    }

    /// Takes confirmations, then sends; answers whether anything moved.
    async fn work(&mut self, now: Timestamp) -> Result<bool, Stopped> {
        let before = self.done;
        // Asked even with nothing on its way: that is how a break of an idle channel shows.
        if matches!(self.link, Link::Open) {
            let confirmed = self.parts.channel.confirmed().await?;
            self.settle(confirmed);
            if self.done > before {
                self.failures = 0;
                self.parts.stats.standing.good();
            }
        }
        let sent = self.send(now).await?;
        Ok(sent || self.done > before)
    }

    /// Counts what is decided at the front: all that needs no confirmation, and `confirmed`
    /// messages since the channel was opened.
    fn settle(&mut self, confirmed: u64) {
        let archived = match self.parts.channel.certainty() {
            Certainty::Confirmed => Outcome::Archived,
            Certainty::Unconfirmed => Outcome::Unconfirmed,
        };
        while let Some(entry) = self.flight.next_done(confirmed) {
            if entry.to <= self.done {
                self.parts.stats.resent.inc_by(u64::from(entry.outcome.is_none()));
                continue;
            }
            match entry.outcome {
                Some(Outcome::Lost) => {
                    self.cursors.count_lost(&(entry.from.max(self.done)..entry.to));
                }
                Some(Outcome::Free) => {
                    self.cursors.count_free(&(entry.from.max(self.done)..entry.to));
                }
                outcome => {
                    let outcome = outcome.unwrap_or(archived);
                    self.cursors.count(entry.partition, entry.from, outcome);
                }
            }
            self.done = entry.to;
            self.time = self.time.max(entry.time);
        }
    }

    async fn commit(&mut self, now: Timestamp) -> Result<(), StepError> {
        let change =
            Change { cursors: self.cursors.moves(self.done, self.time), ..Change::default() };
        self.committed_at = now;
        let stats = &self.parts.stats;
        match self.parts.database.commit(change).await {
            Ok(()) => {
                self.committed = self.done;
                stats.done(&self.cursors.committed(self.done));
                stats.progress.set_committed(self.done);
                Ok(())
            }
            Err(error) if passes(&error) => {
                tracing::warn!(reader = self.settings.name, %error, "commit failed, trying again");
                stats.commit_failures.inc();
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}
