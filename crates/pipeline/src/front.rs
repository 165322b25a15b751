//! The front of judging: each message of a lane, once, in order, is asked about.
//!
//! From: a lane of the journal, behind the cursors of one reader. To: a [`Sink`], which takes what
//! the rules want of it: the judge's own back in the same process, or rows for the correlator of
//! another. What became of each message is counted with the cursors.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use mutt_event::{Envelope, Event, Parser, Timestamp};
use mutt_journal::{Lane, LaneReader, Position, ReadBatch, Record};
use mutt_rules::Located;
use mutt_store::{Counts, CursorMove, Database, Outcome, Tally};

use crate::cursors::Cursors;
use crate::engine::Asker;
use crate::repeats::{Decision, Repeats};
use crate::stats::{ReaderStats, Watch};
use crate::tallies::Tallies;
use crate::{JudgeSettings, Rulebook, StepError};

mod rebuild;

/// How long an undecided message waits at least, when its hold is over by the clock alone.
const HELD_WAIT: Duration = Duration::from_millis(1);

pub(crate) use rebuild::first_time;

/// What takes what the rules want of messages.
pub(crate) trait Sink {
    /// A live rule wants it.
    fn signal(&mut self, signal: mutt_alert::Signal);

    /// A rule in shadow would.
    fn shadow(&mut self, signal: mutt_alert::Signal);

    /// No rule wants it.
    fn unhandled(&mut self, event: &Event<'_>, located: &Located<'_>, at: Timestamp);
}

/// What a front works with.
#[derive(Clone)]
pub(crate) struct FrontParts<L> {
    /// Where messages come from.
    pub lane: L,
    /// Reads the fields of messages.
    pub parser: Arc<Parser>,
    /// Hosts that must not fall silent.
    pub watch: Arc<Watch>,
    /// For whoever looks on.
    pub stats: ReaderStats,
    /// Whether it counts numbers by the hour and what shadow rules want; another does otherwise.
    pub counts: bool,
}

/// What there was to read.
pub(crate) enum Found {
    Messages,
    End,
    /// An undecided message; its hold ends then.
    Held(Timestamp),
}

/// A message may be its sender's repeat; what follows must be seen before it is judged.
struct Held<L: Lane> {
    at: Position,
    ahead: L::Reader,
}

/// Reads and asks; see the [module](self).
pub(crate) struct Front<L: Lane> {
    parts: FrontParts<L>,
    batch_bytes: usize,
    reader: L::Reader,
    batch: ReadBatch,
    cursors: Cursors,
    repeats: Repeats,
    asker: Asker,
    /// Of shadow rules: an alert's text is for whoever is told; there nobody is.
    shadow_asker: Asker,
    tallies: Tallies,
    /// Everything below has its outcome.
    done: Position,
    /// Everything below is committed.
    committed: Position,
    /// The lane's time: append time of the last message judged, or about now at its end.
    time: Timestamp,
    held: Option<Held<L>>,
    /// What the memory of repeats forgot too early, as it was counted last.
    evicted: u64,
}

impl<L: Lane> Front<L> {
    /// Takes the reader's cursors of the lane over, and reads the last minutes again to know
    /// repeats.
    ///
    /// # Errors
    /// The database does not answer or knows another journal, or the journal cannot be read.
    pub async fn open<B: Database>(
        parts: FrontParts<L>,
        name: &str,
        database: &B,
        settings: &JudgeSettings,
        now: Timestamp,
    ) -> Result<Self, StepError> {
        let lane = &parts.lane;
        let cursors = Cursors::claim(database, name, &lane.identity(), lane.partitions()).await?;
        let done = cursors.lowest();
        lane.reaches(done);
        // Nothing that comes is older than the next message, or than now if there is none; nor than
        // what was told before, perhaps by a process that saw more of the lane.
        let up_to = lane.nothing_older_than(now).max(lane.last_append());
        let time = first_time(lane, done, &mut ReadBatch::default())?.unwrap_or(up_to);
        let time = time.max(cursors.time());
        let repeats = rebuild::repeats(lane, done, settings)?;
        parts.stats.progress.set_committed(done);
        parts.stats.progress.set_done(done, Timestamp::ZERO);
        parts.stats.standing.good();
        Ok(Self {
            batch_bytes: settings.batch_bytes,
            reader: lane.reader(done),
            batch: ReadBatch::default(),
            cursors,
            repeats,
            asker: Asker::new(settings.text_bytes_max),
            shadow_asker: Asker::new(0),
            tallies: Tallies::default(),
            done,
            committed: done,
            time,
            held: None,
            evicted: 0,
            parts,
        })
    }

    /// The lane's time: nothing that is still to come is older.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The first position without an outcome.
    pub fn done(&self) -> Position {
        self.done
    }

    /// Whether something is judged and not committed.
    pub fn has_moved(&self) -> bool {
        self.done > self.committed
    }

    /// Judges what is there, one batch at most.
    pub fn read(
        &mut self,
        rulebook: &Rulebook,
        now: Timestamp,
        to: &mut impl Sink,
    ) -> Result<Found, StepError> {
        let found = match self.held {
            Some(_) => self.look_ahead(now),
            None => self.read_on(rulebook, now, to),
        }?;
        self.parts.stats.progress.set_done(self.done, self.time);
        Ok(found)
    }

    /// The moves that make what is judged true.
    pub fn moves(&self) -> Vec<CursorMove> {
        self.cursors.moves(self.done, self.time)
    }

    /// The same, also if only the lane's time moved.
    pub fn times(&self) -> Vec<CursorMove> {
        self.cursors.times(self.done, self.time)
    }

    /// How much numbers by the hour grew since the last call.
    pub fn take_tallies(&mut self) -> Vec<Tally> {
        self.tallies.take()
    }

    /// The moves to `to` are true now; answers what became of the messages passed by them.
    pub fn committed(&mut self, to: Position) -> Counts {
        self.committed = to;
        let stats = &self.parts.stats;
        let evicted = self.repeats.evicted();
        stats.forgotten.inc_by(evicted.saturating_sub(self.evicted));
        self.evicted = evicted;
        stats.progress.set_committed(to);
        let counts = self.cursors.committed(to);
        stats.done(&counts);
        counts
    }

    fn read_on(
        &mut self,
        rulebook: &Rulebook,
        now: Timestamp,
        to: &mut impl Sink,
    ) -> Result<Found, StepError> {
        // Asked before it is read: what is under way now may be readable then.
        let up_to = self.parts.lane.nothing_older_than(now);
        let mut batch = std::mem::take(&mut self.batch);
        let read = self.reader.read(self.batch_bytes, &mut batch);
        let found =
            read.map(|()| if batch.is_empty() { None } else { self.judge(&batch, rulebook, to) });
        let (empty, next) = (batch.is_empty(), batch.next());
        self.batch = batch;
        match found? {
            Some(at) => {
                self.held = Some(Held { at, ahead: self.parts.lane.reader(next) });
                Ok(Found::Messages)
            }
            None if empty => {
                self.time = self.time.max(up_to);
                self.repeats.tick(self.time);
                Ok(Found::End)
            }
            None => Ok(Found::Messages),
        }
    }

    /// Reads on behind an undecided message until it is decided or its hold is over.
    fn look_ahead(&mut self, now: Timestamp) -> Result<Found, StepError> {
        let Some(held) = &mut self.held else { return Ok(Found::Messages) };
        // Asked before it is read, as in `read_on`.
        let up_to = self.parts.lane.nothing_older_than(now);
        held.ahead.read(self.batch_bytes, &mut self.batch)?;
        self.repeats.see_all(&self.batch);
        if self.batch.is_empty() {
            // Nothing more has been appended up to then.
            self.repeats.tick(up_to);
        }
        if self.repeats.decision(held.at) == Decision::Undecided {
            if self.batch.is_empty() {
                let ends = self.repeats.hold_ends().unwrap_or(now);
                return Ok(Found::Held(ends.max(now.after(HELD_WAIT))));
            }
            return Ok(Found::Messages);
        }
        self.held = None;
        self.reader.seek(self.done);
        Ok(Found::Messages)
    }

    /// Judges a batch up to its end, or up to a message that is undecided with all of the batch
    /// seen; answers that one.
    fn judge(
        &mut self,
        batch: &ReadBatch,
        rulebook: &Rulebook,
        to: &mut impl Sink,
    ) -> Option<Position> {
        let from = self.done;
        let mut held = self.judge_from(batch, rulebook, to);
        if held.is_some() {
            self.repeats.see_all(batch);
            held = self.judge_from(batch, rulebook, to);
        }
        self.done = held.unwrap_or(batch.next());
        // A batch that is cut at a held message is read again from there.
        let passed = from..self.done;
        let within = |range: &Range<Position>| {
            let range = range.start.max(passed.start)..range.end.min(passed.end);
            (range.start < range.end).then_some(range)
        };
        for lost in batch.lost().iter().filter_map(within) {
            let count = self.cursors.count_lost(&lost);
            if self.parts.counts {
                self.tallies.outcome(self.time, Outcome::Lost, count);
            }
        }
        for free in batch.free().iter().filter_map(within) {
            self.cursors.count_free(&free);
        }
        self.repeats.done_before(self.done);
        held
    }

    fn judge_from(
        &mut self,
        batch: &ReadBatch,
        rulebook: &Rulebook,
        to: &mut impl Sink,
    ) -> Option<Position> {
        for record in batch.records() {
            if record.position < self.done {
                continue;
            }
            let (outcome, input) = match Envelope::decode(record.payload) {
                Ok(envelope) => match self.decide(&record, &envelope) {
                    Decision::New => {
                        let outcome = self.judge_one(&record, &envelope, rulebook, to);
                        (outcome, Some(envelope.input))
                    }
                    Decision::Repeat => (Outcome::Repeated, Some(envelope.input)),
                    Decision::Undecided => return Some(record.position),
                },
                Err(error) => {
                    tracing::error!(correlation_id = %record.id(), %error, "stored message unreadable");
                    (Outcome::Lost, None)
                }
            };
            let is_new = self.cursors.count(record.partition, record.position, outcome);
            if is_new && self.parts.counts {
                self.tallies.outcome(record.time, outcome, 1);
                input.into_iter().for_each(|input| self.tallies.input(record.time, input));
            }
            self.time = self.time.max(record.time);
            self.done = record.position.next();
        }
        None
    }

    fn decide(&mut self, record: &Record<'_>, envelope: &Envelope<'_>) -> Decision {
        if !Repeats::concerns(envelope) {
            self.repeats.pass(record.time);
            return Decision::New;
        }
        self.repeats.see(record.position, record.time, envelope)
    }

    fn judge_one(
        &mut self,
        record: &Record<'_>,
        envelope: &Envelope<'_>,
        rulebook: &Rulebook,
        to: &mut impl Sink,
    ) -> Outcome {
        if envelope.usm.is_some_and(|usm| !usm.is_accepted()) {
            return Outcome::Unauthenticated; // nobody knows whose it is
        }
        self.parts.watch.hear(envelope.host, envelope.received);
        let event = self.parts.parser.parse_by(&rulebook.names, record.id(), envelope);
        let (located, at) = (rulebook.locate(&event), record.time);
        let mut verdict = self.asker.ask(rulebook, &event, located);
        if verdict.has_shadow() && self.parts.counts {
            verdict.shadows.iter().for_each(|found| self.parts.stats.shadow(&found.rule_id));
            let tried = rulebook.rules.take_shadow(&mut verdict);
            self.shadow_asker.signals(tried, &event, &located, at, |signal| to.shadow(signal));
        }
        if self.parts.counts {
            let owner = verdict.owner.as_ref().map(|owner| owner.rule_id.as_str());
            self.tallies.count(at, envelope.host, event.severity, owner);
        }
        let outcome = self.asker.signals(verdict, &event, &located, at, |signal| to.signal(signal));
        if outcome == Outcome::Unhandled {
            to.unhandled(&event, &located, at);
        }
        outcome
    }
}
