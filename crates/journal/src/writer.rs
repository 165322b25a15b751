//! Group commit: one thread stores whatever waits, and answers all at once.
//!
//! From: the queue, batches. To: the [`Log`], then the answer to each sender. While a sync runs,
//! the next commit forms in the queue, so no timer is needed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use mutt_event::Timestamp;
use tokio::sync::mpsc::error::TryRecvError;

use crate::append::{AppendError, Batch, Position, Queue, Queued, WhenFull};
use crate::clock::Clock;
use crate::disk::Disk;
use crate::handle::{APPEND_BEGINS, NOT_APPENDING};
use crate::log::Log;

/// How often the writer trims, and tries again while the journal is full.
const TICK: Duration = Duration::from_millis(200);

/// What others tell the writer while it runs. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Control {
    lowest_cursor: Arc<AtomicU64>,
}

impl Control {
    /// Says that every reader has passed all below `position`, so that it may be trimmed.
    /// Until this is called nothing is trimmed.
    pub fn set_lowest_cursor(&self, position: Position) {
        self.lowest_cursor.store(position.0, Ordering::Release);
    }

    /// The lowest position that any reader still wants.
    pub fn lowest_cursor(&self) -> Position {
        Position(self.lowest_cursor.load(Ordering::Acquire))
    }
}

/// What one step did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Batches were stored.
    Stored {
        /// How many.
        batches: usize,
    },
    /// Nothing waited.
    Idle,
    /// The journal is full; batches that may wait are held and tried again.
    Full {
        /// How many are held.
        held: usize,
        /// What is full.
        why: String,
    },
    /// A write or sync failed: say so and exit. Each further batch is answered with the failure.
    Failed {
        /// What failed.
        why: String,
    },
    /// All appenders are gone and everything is answered: the end.
    Closed,
}

/// Stores batches from the queue; see [`Writer::step`].
pub struct Writer<D: Disk, C> {
    log: Log<D>,
    queue: Queue,
    clock: C,
    control: Control,
    /// Batches that wait for room, oldest first.
    held: VecDeque<Queued>,
    /// Why the last commit had no room.
    full: Option<String>,
    group: Vec<Queued>,
    wait: Duration,
    trimmed_at: Option<Timestamp>,
    closed: bool,
}

impl<D: Disk, C: Clock> Writer<D, C> {
    /// A writer over an open log.
    pub fn new(log: Log<D>, queue: Queue, clock: C) -> Self {
        Self {
            log,
            queue,
            clock,
            control: Control::default(),
            held: VecDeque::new(),
            full: None,
            group: Vec::new(),
            wait: TICK,
            trimmed_at: None,
            closed: false,
        }
    }

    /// How long a step waits for a batch: 200 ms, unless said; zero for a simulation.
    #[must_use]
    pub fn with_wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Where readers say how far they are.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// The log, for its handle.
    pub fn log(&self) -> &Log<D> {
        &self.log
    }

    /// Waits a little for a batch, stores all that wait, answers them, and trims when it is time.
    /// Blocks its thread; ends with [`Step::Closed`] once all appenders are dropped.
    pub fn step(&mut self) -> Step {
        self.take_group();
        let now = if self.group.is_empty() { self.clock.now() } else { self.append_begins() };
        self.trim(now);
        let step = if self.group.is_empty() { Step::Idle } else { self.store(now) };
        self.log.shared.appending.store(NOT_APPENDING, Ordering::SeqCst);
        if !self.closed || matches!(step, Step::Stored { .. }) {
            return step;
        }
        // Nothing more will come, and what is held has had its last try.
        for queued in self.held.drain(..) {
            queued.answer(Err(AppendError::Closed));
        }
        Step::Closed
    }

    /// The time that the group's records will bear; readers know of it before they see them.
    fn append_begins(&self) -> Timestamp {
        let appending = &self.log.shared.appending;
        appending.store(APPEND_BEGINS, Ordering::SeqCst);
        let now = self.clock.now();
        appending.store(now.as_micros(), Ordering::SeqCst);
        now
    }

    /// Fills the group: held batches first, then the queue.
    fn take_group(&mut self) {
        let mut bytes = 0;
        if self.full.is_some() {
            self.wait_for_room();
        }
        while bytes < self.log.commit_bytes() {
            let wait = if self.group.is_empty() { self.wait } else { Duration::ZERO };
            let next = self.held.pop_front().or_else(|| self.receive(wait));
            let Some(queued) = next else { break };
            bytes += queued.batch.bytes();
            self.group.push(queued);
        }
    }

    /// Spends the wait in a full journal: those that will not wait are answered at once.
    fn wait_for_room(&mut self) {
        let until = Instant::now() + self.wait;
        while let Some(queued) = self.receive(until.saturating_duration_since(Instant::now())) {
            self.hold(queued);
        }
    }

    /// The next batch of the queue; none if none came in time, or none will come.
    fn receive(&mut self, wait: Duration) -> Option<Queued> {
        match self.queue.try_recv() {
            Ok(queued) => return Some(queued),
            Err(TryRecvError::Disconnected) => {
                self.closed = true;
                return None;
            }
            Err(TryRecvError::Empty) if wait.is_zero() => return None,
            Err(TryRecvError::Empty) => {}
        }
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let until = Instant::now() + wait;
        loop {
            match self.queue.poll_recv(&mut context) {
                Poll::Ready(queued) => {
                    self.closed |= queued.is_none();
                    return queued;
                }
                Poll::Pending => match until.checked_duration_since(Instant::now()) {
                    Some(left) if !left.is_zero() => thread::park_timeout(left),
                    _ => return None,
                },
            }
        }
    }

    /// Trims, at most once a tick of the clock.
    fn trim(&mut self, now: Timestamp) {
        let due = self.trimmed_at.is_none_or(|at| now.since(at) >= TICK || now < at);
        if !due {
            return;
        }
        self.trimmed_at = Some(now);
        match self.log.trim(now, self.control.lowest_cursor()) {
            Ok(trimmed) if trimmed.segments > 0 => {
                tracing::debug!(
                    segments = trimmed.segments,
                    bytes = trimmed.bytes,
                    "journal: trimmed"
                );
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "journal: trim will be tried again"),
        }
    }

    /// Stores the group and answers it.
    fn store(&mut self, now: Timestamp) -> Step {
        let batches: Vec<&Batch> = self.group.iter().map(|queued| &queued.batch).collect();
        let result = self.log.commit(now, &batches);
        let stats = &self.log.shared.stats;
        match result {
            Ok(receipts) => {
                stats.took(self.clock.now().since(now));
                self.full = None;
                let batches = receipts.len();
                for (queued, receipt) in self.group.drain(..).zip(receipts) {
                    queued.answer(Ok(receipt));
                }
                Step::Stored { batches }
            }
            Err(AppendError::Full(why)) => self.hold_group(why),
            Err(AppendError::Invalid(_)) => self.refuse_invalid(now),
            Err(error) => {
                for queued in self.group.drain(..).chain(self.held.drain(..)) {
                    queued.answer(Err(error.clone()));
                }
                Step::Failed { why: error.to_string() }
            }
        }
    }

    /// Puts the group back before what is held, in order, as far as it will wait.
    fn hold_group(&mut self, why: String) -> Step {
        self.full = Some(why.clone());
        let after = std::mem::take(&mut self.held);
        for queued in std::mem::take(&mut self.group).into_iter().chain(after) {
            self.hold(queued);
        }
        Step::Full { held: self.held.len(), why }
    }

    /// Keeps a batch until there is room, or answers it if it will not wait.
    fn hold(&mut self, queued: Queued) {
        match queued.when_full {
            WhenFull::Wait => self.held.push_back(queued),
            WhenFull::Refuse => {
                self.log.shared.stats.refused_full();
                let why = self.full.clone().unwrap_or_default();
                queued.answer(Err(AppendError::Full(why)));
            }
        }
    }

    /// Answers the batches that can never be stored, and stores the rest.
    fn refuse_invalid(&mut self, now: Timestamp) -> Step {
        for queued in std::mem::take(&mut self.group) {
            match self.log.check(&queued.batch) {
                Ok(()) => self.group.push(queued),
                Err(error) => queued.answer(Err(error)),
            }
        }
        if self.group.is_empty() { Step::Idle } else { self.store(now) }
    }
}

/// Wakes the writer's thread when the queue has something.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
