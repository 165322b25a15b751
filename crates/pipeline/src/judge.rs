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
use mutt_event::{Parser, Timestamp};
use mutt_journal::Lane;
use mutt_store::{Database, LeaseRef};

use crate::back::{Back, MiningSettings};
use crate::committer::{Committer, Tried};
use crate::front::{Found, Front, FrontParts};
use crate::monitor::Inbox;
use crate::repeats::Limits;
use crate::stats::{ReaderStats, Watch};
use crate::{Rulebook, Step, StepError};

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
pub struct JudgeParts<L: Lane, B> {
    /// Where messages come from.
    pub journal: L,
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
pub struct Judge<L: Lane, B> {
    rules: Arc<ArcSwap<Rulebook>>,
    inbox: Inbox,
    front: Front<L>,
    back: Back,
    committer: Committer<B>,
}

impl<L: Lane, B: Database> Judge<L, B> {
    /// Takes the judge's cursors over, loads the live alerts, what is remembered beside them, and
    /// the patterns, and reads the last minutes again to know repeats.
    ///
    /// # Errors
    /// The database does not answer or knows another journal, or the journal cannot be read.
    pub async fn open(
        parts: JudgeParts<L, B>,
        settings: JudgeSettings,
        now: Timestamp,
    ) -> Result<Self, StepError> {
        let JudgeParts { journal, database, parser, rules, inbox, watch, stats, lease, up_since } =
            parts;
        let front = FrontParts { lane: journal, parser, watch, stats: stats.clone(), counts: true };
        let front = Front::open(front, JUDGE, &database, &settings, now).await?;
        let follows = rules.load_full();
        let of = (lease, stats.clone());
        let back = Back::open(&database, follows, &settings, of, (front.time(), up_since)).await?;
        let delays = (settings.commit_delay, settings.retry_delay);
        let committer = Committer::new(database, JUDGE, stats, delays, now);
        Ok(Self { rules, inbox, front, back, committer })
    }

    /// Judges what is there, one batch at most, and commits what came of it.
    ///
    /// # Errors
    /// See [`StepError`]. A database that does not answer is no error: the step's change waits,
    /// and is tried again as it is.
    pub async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        if let Some(later) = self.commit(now).await? {
            return Ok(Step::idle(later));
        }
        let rulebook = self.rules.load_full();
        self.back.follow(&rulebook, self.front.time());
        let (database, time) = (self.committer.database(), self.front.time());
        self.back.look_for_decisions(database, &self.inbox, time, now).await?;
        let found = self.front.read(&rulebook, now, &mut self.back)?;
        for signal in self.inbox.take() {
            self.back.own(signal, self.front.time());
        }
        self.back.tick(self.front.time());

        let moved = self.has_moved();
        let commit_at = self.committer.commit_at();
        if self.back.is_urgent() || (moved && now >= commit_at) {
            self.prepare(now);
            if let Some(later) = self.commit(now).await? {
                return Ok(Step::idle(later));
            }
        }
        let commit_at = self.has_moved().then_some(commit_at);
        // One that is due already waits for an append under way.
        let timer = self.back.next_timer().map(|at| at.max(now.after(APPEND_WAIT)));
        let look_at = self.back.looks_at();
        Ok(match found {
            Found::Messages => Step::Progress,
            Found::End => {
                Step::Idle { wake_at: commit_at.into_iter().chain(timer).chain([look_at]).min() }
            }
            Found::Held(until) => Step::idle(commit_at.map_or(until, |at| at.min(until))),
        })
    }

    /// Commits what is judged but not yet true, whatever its delay. For a clean stop.
    ///
    /// # Errors
    /// See [`Judge::step`].
    pub async fn stop(&mut self, now: Timestamp) -> Result<(), StepError> {
        if self.commit(now).await?.is_none() && self.has_moved() {
            self.prepare(now);
            self.commit(now).await?;
        }
        Ok(())
    }

    fn has_moved(&self) -> bool {
        self.front.has_moved() || self.back.has_news()
    }

    fn prepare(&mut self, now: Timestamp) {
        let mut prepared = self.back.take();
        prepared.to = self.front.done();
        prepared.change.cursors = self.front.moves();
        prepared.change.tallies.extend(self.front.take_tallies());
        self.committer.prepare(prepared, now);
    }

    /// Makes what is prepared true; answers when to try again if it is not.
    async fn commit(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StepError> {
        match self.committer.commit(now).await? {
            Tried::Nothing => Ok(None),
            Tried::Later(at) => Ok(Some(at)),
            Tried::True(prepared) => {
                self.front.committed(prepared.to);
                Ok(None)
            }
        }
    }
}
