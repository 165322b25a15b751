//! The judge: every stored message, once, in the journal's order, becomes an outcome; the few that
//! a rule wants become signals, and signals become alerts.
//!
//! From: the journal. To: the database, where one change holds the cursors, the alerts and the
//! notices for each destination of a step: all of it is true, or nothing.
//!
//! After a crash the same messages are judged again with the same outcome, since nothing of the
//! step was true; after a commit never again.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use mutt_alert::{Correlator, State};
use mutt_event::{Envelope, Parser, Timestamp};
use mutt_journal::{Disk, Handle, Position, ReadBatch, Reader, Record};
use mutt_store::{Database, LeaseRef, Outcome};

use crate::cursors::Cursors;
use crate::engine::Engine;
use crate::monitor::Inbox;
use crate::repeats::{Decision, Limits, Repeats};
use crate::shadow::Shadow;
use crate::stats::{ReaderStats, Watch};
use crate::tallies::Tallies;
use crate::{Rulebook, Step, StepError};

mod commit;
mod mining;
mod people;
mod rebuild;

use commit::Prepared;
use mining::Mining;
pub use mining::MiningSettings;

/// How long a timer that is due waits for an append under way before it is looked at again.
const APPEND_WAIT: Duration = Duration::from_millis(1);

/// The judge's name as a reader.
pub const JUDGE: &str = "judge";

/// How the judge works.
#[derive(Clone, PartialEq, Debug)]
pub struct JudgeSettings {
    /// Who is told of every notice.
    pub destinations: Vec<String>,
    /// Bytes of records in one step.
    pub batch_bytes: usize,
    /// How long a cursor may move without a commit. Alerts are committed at once.
    pub commit_delay: Duration,
    /// How long after a failed commit it is tried again.
    pub retry_delay: Duration,
    /// How far back it reads at most to know repeats after a restart, in bytes of records.
    pub rebuild_bytes: u64,
    /// How much of a message's text an alert keeps, in bytes.
    pub text_bytes_max: usize,
    /// The memory for repeats.
    pub repeats: Limits,
    /// How patterns of what no rule wants are mined; none: they are not.
    pub mining: Option<MiningSettings>,
}

impl Default for JudgeSettings {
    fn default() -> Self {
        Self {
            destinations: Vec::new(),
            batch_bytes: 1 << 20,
            commit_delay: Duration::from_millis(200),
            retry_delay: Duration::from_secs(1),
            rebuild_bytes: 256 << 20,
            text_bytes_max: 2_048,
            repeats: Limits::default(),
            mining: None,
        }
    }
}

/// What the judge works with.
pub struct JudgeParts<D: Disk, B> {
    /// Where messages come from.
    pub journal: Handle<D>,
    /// Where a step becomes true.
    pub database: B,
    /// Reads the fields of messages.
    pub parser: Arc<Parser>,
    /// The rules in force; one snapshot makes a step.
    pub rules: Arc<ArcSwap<Rulebook>>,
    /// MUTT's own alerts.
    pub inbox: Inbox,
    /// Hosts that must not fall silent.
    pub watch: Arc<Watch>,
    /// For whoever looks on.
    pub stats: ReaderStats,
    /// The lease that it works under; a change without cursors is fenced by it alone.
    pub lease: Option<LeaseRef>,
    /// Since when inputs take messages: what was not heard before is not called absent.
    pub up_since: Timestamp,
}

/// The worker; see the [module](self).
pub struct Judge<D: Disk, B> {
    settings: JudgeSettings,
    parts: JudgeParts<D, B>,
    reader: Reader<D>,
    batch: ReadBatch,
    cursors: Cursors,
    repeats: Repeats,
    engine: Engine,
    mining: Option<Mining>,
    shadow: Shadow,
    /// What the engine goes by.
    follows: Arc<Rulebook>,
    tallies: Tallies,
    people: people::People,
    /// Everything below has its outcome.
    done: Position,
    /// Everything below is committed.
    committed: Position,
    /// The journal's time: append time of the last message judged, or about now at its end.
    time: Timestamp,
    last_commit: Timestamp,
    held: Option<Held<D>>,
    prepared: Option<Prepared>,
}

/// A message may be its sender's repeat; what follows must be seen before it is judged.
struct Held<D: Disk> {
    at: Position,
    ahead: Reader<D>,
}

/// What there was to read.
enum Found {
    Messages,
    End,
    /// An undecided message; its hold ends then.
    Held(Timestamp),
}

impl<D: Disk, B: Database> Judge<D, B> {
    /// Takes the judge's cursors over, loads the live alerts, what is remembered beside them, and
    /// the patterns, and reads the last minutes again to know repeats.
    ///
    /// # Errors
    /// The database does not answer or knows another journal, or the journal cannot be read.
    pub async fn open(
        parts: JudgeParts<D, B>,
        settings: JudgeSettings,
        now: Timestamp,
    ) -> Result<Self, StepError> {
        let journal = &parts.journal;
        let cursors =
            Cursors::claim(&parts.database, JUDGE, &journal.identity(), journal.partitions())
                .await?;
        let done = cursors.lowest();
        // Nothing that comes is older than the next message, or than now if there is none.
        let time = rebuild::first_time(journal, done, &mut ReadBatch::default())?
            .unwrap_or(journal.nothing_older_than(now).max(journal.last_append()));
        let alerts = parts.database.live_alerts(time).await?;
        let tracks = parts.database.tracks().await?;
        let follows = parts.rules.load_full();
        let correlator = Correlator::new(State { alerts, tracks });
        let mut engine = Engine::new(correlator, settings.text_bytes_max);
        engine.correlator.resume(parts.up_since);
        engine.follow(&follows, time);
        let mut mining = Mining::open(&parts.database, settings.mining.as_ref()).await?;
        mining.iter_mut().for_each(|mining| mining.end_gone(time, &mut engine.correlator));
        let mut shadow = Shadow::new(parts.up_since);
        shadow.follow(&follows, time);
        let repeats = rebuild::repeats(journal, done, &settings)?;
        parts.stats.progress.set_committed(done);
        parts.stats.progress.set_done(done, Timestamp::ZERO);
        parts.stats.standing.good();
        Ok(Self {
            reader: journal.reader(done),
            batch: ReadBatch::default(),
            cursors,
            repeats,
            engine,
            mining,
            shadow,
            follows,
            tallies: Tallies::default(),
            people: people::People::default(),
            done,
            committed: done,
            time,
            last_commit: now,
            held: None,
            prepared: None,
            settings,
            parts,
        })
    }

    /// Judges what is there, one batch at most, and commits what came of it.
    ///
    /// # Errors
    /// See [`StepError`]. A database that does not answer is no error: the step's change waits,
    /// and is tried again as it is.
    pub async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        if let Some(prepared) = &self.prepared {
            let retry_at = prepared.retry_at;
            if now < retry_at {
                return Ok(Step::idle(retry_at));
            }
            if !self.commit(now).await? {
                return Ok(Step::idle(now.after(self.settings.retry_delay)));
            }
        }
        let rulebook = self.rulebook();
        self.look_for_decisions(now).await?;
        let found = match self.held {
            Some(_) => self.look_ahead(now)?,
            None => self.read(&rulebook, now)?,
        };
        for mut signal in self.parts.inbox.take() {
            // On the journal's time like all others.
            signal.facts.at = self.time;
            self.engine.correlator.apply(signal);
        }
        self.engine.correlator.tick(self.time);
        self.mining.iter_mut().for_each(|mining| mining.say(self.time));
        self.shadow.tick(self.time);
        self.parts.stats.progress.set_done(self.done, self.time);

        let commit_at = self.last_commit.after(self.settings.commit_delay);
        let moved = self.has_moved();
        let is_urgent = self.engine.correlator.is_urgent() || self.people.has_done();
        if is_urgent || (moved && now >= commit_at) {
            self.prepared = Some(self.prepare(&rulebook, now));
            if !self.commit(now).await? {
                return Ok(Step::idle(now.after(self.settings.retry_delay)));
            }
        }
        let moved = self.has_moved().then_some(commit_at);
        // One that is due already waits for an append under way.
        let timer = self.engine.correlator.next_timer().map(|at| at.max(now.after(APPEND_WAIT)));
        let look_at = self.people.looks_at();
        Ok(match found {
            Found::Messages => Step::Progress,
            Found::End => {
                Step::Idle { wake_at: moved.into_iter().chain(timer).chain([look_at]).min() }
            }
            Found::Held(until) => Step::idle(moved.map_or(until, |at| at.min(until))),
        })
    }

    /// Commits what is judged but not yet true, whatever its delay. For a clean stop.
    ///
    /// # Errors
    /// See [`Judge::step`].
    pub async fn stop(&mut self, now: Timestamp) -> Result<(), StepError> {
        if self.prepared.is_some() && !self.commit(now).await? {
            return Ok(());
        }
        if self.has_moved() {
            let rulebook = Arc::clone(&self.follows);
            self.prepared = Some(self.prepare(&rulebook, now));
            self.commit(now).await?;
        }
        Ok(())
    }

    /// The rulebook in force, gone by from now on.
    fn rulebook(&mut self) -> Arc<Rulebook> {
        let rulebook = self.parts.rules.load_full();
        if !Arc::ptr_eq(&rulebook, &self.follows) {
            self.engine.follow(&rulebook, self.time);
            self.shadow.follow(&rulebook, self.time);
            self.follows = Arc::clone(&rulebook);
        }
        rulebook
    }

    fn read(&mut self, rulebook: &Rulebook, now: Timestamp) -> Result<Found, StepError> {
        // Asked before it is read: what is under way now may be readable then.
        let up_to = self.parts.journal.nothing_older_than(now);
        let mut batch = std::mem::take(&mut self.batch);
        let read = self.reader.read(self.settings.batch_bytes, &mut batch);
        let found =
            read.map(|()| if batch.is_empty() { None } else { self.judge(&batch, rulebook) });
        let (empty, next) = (batch.is_empty(), batch.next());
        self.batch = batch;
        match found? {
            Some(at) => {
                let ahead = self.parts.journal.reader(next);
                self.held = Some(Held { at, ahead });
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
        held.ahead.read(self.settings.batch_bytes, &mut self.batch)?;
        self.repeats.see_all(&self.batch);
        if self.batch.is_empty() {
            // Nothing more has been appended: the append time that counts now is the clock's.
            self.repeats.tick(now);
        }
        if self.repeats.decision(held.at) == Decision::Undecided {
            if self.batch.is_empty() {
                return Ok(Found::Held(self.repeats.hold_ends().unwrap_or(now)));
            }
            return Ok(Found::Messages);
        }
        self.held = None;
        self.reader.seek(self.done);
        Ok(Found::Messages)
    }

    /// Judges a batch up to its end, or up to a message that is undecided with all of the batch
    /// seen; answers that one.
    fn judge(&mut self, batch: &ReadBatch, rulebook: &Rulebook) -> Option<Position> {
        let from = self.done;
        let mut held = self.judge_from(batch, rulebook);
        if held.is_some() {
            self.repeats.see_all(batch);
            held = self.judge_from(batch, rulebook);
        }
        self.done = held.unwrap_or(batch.next());
        for lost in batch.lost() {
            // A batch that is cut at a held message is read again from there.
            let lost = lost.start.max(from)..lost.end.min(self.done);
            if lost.start < lost.end {
                self.cursors.count_lost(&lost);
            }
        }
        self.repeats.done_before(self.done);
        held
    }

    fn judge_from(&mut self, batch: &ReadBatch, rulebook: &Rulebook) -> Option<Position> {
        for record in batch.records() {
            if record.position < self.done {
                continue;
            }
            let outcome = match Envelope::decode(record.payload) {
                Ok(envelope) => match self.decide(&record, &envelope) {
                    Decision::New => self.judge_one(&record, &envelope, rulebook),
                    Decision::Repeat => Outcome::Repeated,
                    Decision::Undecided => return Some(record.position),
                },
                Err(error) => {
                    tracing::error!(correlation_id = %record.id(), %error, "stored message unreadable");
                    Outcome::Lost
                }
            };
            if self.cursors.count(record.partition, record.position, outcome) {
                self.tallies.outcome(outcome);
            }
            self.time = self.time.max(record.time);
            self.done = record.position.next();
        }
        None
    }

    fn decide(&mut self, record: &Record<'_>, envelope: &Envelope<'_>) -> Decision {
        if !Repeats::concerns(envelope) {
            return Decision::New;
        }
        self.repeats.see(record.position, record.time, envelope)
    }

    fn judge_one(
        &mut self,
        record: &Record<'_>,
        envelope: &Envelope<'_>,
        rulebook: &Rulebook,
    ) -> Outcome {
        self.parts.watch.hear(envelope.host, envelope.received);
        let event = self.parts.parser.parse(record.id(), envelope);
        let located = rulebook.locate(&event);
        let mut verdict = self.engine.judge(rulebook, &event, located);
        if verdict.has_shadow() {
            verdict.shadows.iter().for_each(|found| self.parts.stats.shadow(&found.rule_id));
            let tried = rulebook.rules.take_shadow(&mut verdict);
            self.shadow.apply(tried, &event, &located, record.time);
        }
        let owner = verdict.owner.as_ref().map(|owner| owner.rule_id.as_str());
        self.tallies.count(record.time, envelope.host, event.severity, owner);
        let outcome = self.engine.apply(verdict, &event, &located, record.time);
        if let Some(mining) = self.mining.as_mut().filter(|_| outcome == Outcome::Unhandled) {
            mining.see(&event, &located, record.time, &mut self.engine.correlator);
        }
        outcome
    }
}
