//! A judge of one partition: the front of judging alone. What rules want goes to the correlator as
//! rows, written in the transaction of its cursor; so judging scales by partition.
//!
//! From: one lane of the journal. To: the database: cursor, rows of signals, numbers by the hour;
//! and, also when there is nothing to judge, how far in time it is, since the correlator waits for
//! the slowest partition.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use mutt_alert::Signal;
use mutt_event::{Event, Parser, Timestamp};
use mutt_journal::{Lane, Position};
use mutt_rules::Located;
use mutt_store::{Change, Database, LeaseRef, SignalChange, SignalRow};

use crate::committer::{Committer, Prepared, Tried};
use crate::front::{Found, Front, FrontParts, Sink};
use crate::packed::Run;
use crate::stats::{ReaderStats, Watch};
use crate::{JUDGE, JudgeSettings, Rulebook, Step, StepError};

/// How often it says how far in time it is when nothing comes: alerts of other partitions wait
/// for that.
const TIME_EVERY: Duration = Duration::from_millis(200);

/// What a judge of a partition works with.
pub struct LaneJudgeParts<L, B> {
    /// Where messages come from.
    pub lane: L,
    /// Where a step becomes true.
    pub database: B,
    /// Reads the fields of messages.
    pub parser: Arc<Parser>,
    /// The rules in force; one snapshot makes a step.
    pub rules: Arc<ArcSwap<Rulebook>>,
    /// Hosts that must not fall silent; this judge's own: what it hears is told the correlator's.
    pub watch: Arc<Watch>,
    /// For whoever looks on.
    pub stats: ReaderStats,
    /// The lease that it works under.
    pub lease: Option<LeaseRef>,
}

/// The worker; see the [module](self).
pub struct LaneJudge<L: Lane, B> {
    rules: Arc<ArcSwap<Rulebook>>,
    watch: Arc<Watch>,
    /// When watched hosts were heard, as it was told last.
    heard: BTreeMap<String, Timestamp>,
    lease: Option<LeaseRef>,
    partition: u16,
    front: Front<L>,
    run: Run,
    /// Where the run began.
    from: Position,
    /// The time that was told last.
    told: Timestamp,
    committer: Committer<B>,
}

impl Sink for Run {
    fn signal(&mut self, signal: Signal) {
        self.push(signal);
    }

    fn shadow(&mut self, signal: Signal) {
        self.push_shadow(signal);
    }

    fn unhandled(&mut self, _: &Event<'_>, _: &Located<'_>, _: Timestamp) {}
}

impl<L: Lane, B: Database> LaneJudge<L, B> {
    /// Takes the partition's cursor over, and reads the last minutes again to know repeats.
    ///
    /// # Errors
    /// The database does not answer or knows another journal, or the journal cannot be read.
    pub async fn open(
        parts: LaneJudgeParts<L, B>,
        settings: &JudgeSettings,
        now: Timestamp,
    ) -> Result<Self, StepError> {
        let LaneJudgeParts { lane, database, parser, rules, watch, stats, lease } = parts;
        let partition = lane.partitions().start;
        let front = FrontParts {
            lane,
            parser,
            watch: Arc::clone(&watch),
            stats: stats.clone(),
            counts: true,
        };
        let front = Front::open(front, JUDGE, &database, settings, now).await?;
        let delays = (settings.commit_delay, settings.retry_delay);
        Ok(Self {
            rules,
            watch,
            heard: BTreeMap::new(),
            lease,
            partition,
            run: Run::default(),
            from: front.done(),
            told: Timestamp::ZERO,
            front,
            committer: Committer::new(database, JUDGE, stats, delays, now),
        })
    }

    /// Judges what is there, one batch at most, and commits what came of it.
    ///
    /// # Errors
    /// See [`StepError`]. A database that does not answer is no error.
    pub async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        if let Some(later) = self.commit(now).await? {
            return Ok(Step::idle(later));
        }
        let rulebook = self.rules.load_full();
        let found = self.front.read(&rulebook, now, &mut self.run)?;
        let commit_at = self.committer.commit_at();
        let is_due = self.front.has_moved() && now >= commit_at;
        if self.run.is_urgent() || is_due || self.time_is_due() {
            self.prepare(now)?;
            if let Some(later) = self.commit(now).await? {
                return Ok(Step::idle(later));
            }
        }
        let commit_at = self.front.has_moved().then_some(commit_at);
        let wake_at = commit_at.into_iter().chain([now.after(TIME_EVERY)]).min();
        Ok(match found {
            Found::Messages => Step::Progress,
            Found::End => Step::Idle { wake_at },
            Found::Held(until) => Step::idle(wake_at.map_or(until, |at| at.min(until))),
        })
    }

    /// Commits what is judged but not yet true. For a clean stop.
    ///
    /// # Errors
    /// See [`LaneJudge::step`].
    pub async fn stop(&mut self, now: Timestamp) -> Result<(), StepError> {
        if self.commit(now).await?.is_none() && self.front.has_moved() {
            self.prepare(now)?;
            self.commit(now).await?;
        }
        Ok(())
    }

    fn time_is_due(&self) -> bool {
        self.front.time() >= self.told.after(TIME_EVERY)
    }

    fn prepare(&mut self, now: Timestamp) -> Result<(), StepError> {
        let mut run = std::mem::take(&mut self.run);
        let (to, time) = (self.front.done(), self.front.time());
        run.heard = self.newly_heard();
        let mut signals = SignalChange::default();
        if !run.is_empty() {
            let body = run.write().map_err(StepError::Store)?;
            let (partition, from) = (self.partition, self.from.0);
            signals.found.push(SignalRow { partition, from, to: to.0, time, body });
        }
        let change = Change {
            cursors: self.front.times(),
            tallies: self.front.take_tallies(),
            lease: self.lease.clone(),
            signals,
            ..Change::default()
        };
        self.committer.prepare(Prepared { change, to, ..Prepared::default() }, now);
        Ok(())
    }

    /// Watched hosts that were heard since the last call.
    fn newly_heard(&mut self) -> Vec<(String, Timestamp)> {
        let heard = self.watch.heard();
        let new = heard.filter(|(host, at)| self.heard.get(*host) != Some(at));
        let new: Vec<_> = new.map(|(host, at)| (host.to_owned(), at)).collect();
        self.heard.extend(new.iter().cloned());
        new
    }

    async fn commit(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StepError> {
        match self.committer.commit(now).await? {
            Tried::Nothing => Ok(None),
            Tried::Later(at) => Ok(Some(at)),
            Tried::True(prepared) => {
                self.front.committed(prepared.to);
                self.from = prepared.to;
                self.told = self.front.time();
                Ok(None)
            }
        }
    }
}
