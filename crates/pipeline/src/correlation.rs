//! The correlator by itself, where each partition has a judge of its own: what they found becomes
//! alerts.
//!
//! From: rows of signals that judges of partitions wrote, in each partition in order, and what was
//! posted. To: the database, where one change holds the alerts, the notices, and how far each
//! partition's rows are done.
//!
//! Signals of all partitions are merged by append time. Its time is the lowest that all judges
//! have reached, so whatever happens first is done first, however far one judge is behind another;
//! and the same journal gives the same alerts as one process would make of it.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use mutt_event::Timestamp;
use mutt_journal::Position;
use mutt_store::{Database, LeaseRef, SignalChange, StoreError};

use crate::back::Back;
use crate::committer::{Committer, Tried};
use crate::cursors::Cursors;
use crate::front::Sink as _;
use crate::monitor::Inbox;
use crate::packed::{Plans, Post, own};
use crate::stats::{ReaderStats, Watch};
use crate::step::passes;
use crate::{JUDGE, JudgeSettings, Rulebook, Step, StepError};

mod merge;

use merge::Merge;

/// The correlator's name as a reader.
pub const CORRELATE: &str = "correlate";

/// How often it looks for rows that other processes wrote.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How many signals that no message caused are done in one step.
const POSTED_MAX: u32 = 100;

/// A judge that is so far behind is a trouble of all.
const LATE_AFTER: Duration = Duration::from_secs(15);

/// What it works with.
pub struct CorrelationParts<B> {
    /// The journal's name.
    pub journal: String,
    /// Its partitions.
    pub partitions: Range<u16>,
    /// Where rows are, and where a step becomes true.
    pub database: B,
    /// The rules in force; one snapshot makes a step.
    pub rules: Arc<ArcSwap<Rulebook>>,
    /// MUTT's own alerts, of this process.
    pub inbox: Inbox,
    /// Hosts that must not fall silent.
    pub watch: Arc<Watch>,
    /// For whoever looks on.
    pub stats: ReaderStats,
    /// The lease that it works under.
    pub lease: Option<LeaseRef>,
    /// Since when inputs take messages: what was not heard before is not called absent.
    pub up_since: Timestamp,
}

/// The worker; see the [module](self).
pub struct Correlation<B> {
    rules: Arc<ArcSwap<Rulebook>>,
    plans: Plans,
    inbox: Inbox,
    watch: Arc<Watch>,
    stats: ReaderStats,
    merge: Merge,
    /// By partition, from its first on.
    cursors: Vec<Cursors>,
    back: Back,
    /// Numbers of what was posted and is done.
    posted: Vec<i64>,
    time: Timestamp,
    look_at: Timestamp,
    committer: Committer<B>,
}

impl<B: Database> Correlation<B> {
    /// Takes over, and goes on from the live alerts, what is remembered beside them, and the rows
    /// that are not done.
    ///
    /// # Errors
    /// The database does not answer or knows another journal.
    pub async fn open(
        parts: CorrelationParts<B>,
        settings: &JudgeSettings,
        now: Timestamp,
    ) -> Result<Self, StepError> {
        let CorrelationParts { database, rules, inbox, watch, stats, lease, .. } = parts;
        let follows = rules.load_full();
        let mut cursors = Vec::new();
        for partition in parts.partitions.clone() {
            let of = partition..partition + 1;
            cursors.push(Cursors::claim(&database, CORRELATE, &parts.journal, of).await?);
        }
        let done = cursors.iter().map(|cursors| cursors.lowest().0);
        let mut merge = Merge::new(parts.partitions.clone(), done);
        merge.reached(&database.cursors().await?, JUDGE);
        merge.add(database.signals().await?)?;
        let time = merge.begins();
        stats.progress.set_done(Position::FIRST, time);
        let settings = JudgeSettings { mining: None, ..settings.clone() };
        let times = (time, parts.up_since);
        let of = (lease, stats.clone());
        let plans = Plans::of(&follows);
        let back = Back::open(&database, follows, &settings, of, times).await?;
        let delays = (settings.commit_delay, settings.retry_delay);
        stats.standing.good();
        Ok(Self {
            plans,
            rules,
            inbox,
            watch,
            stats: stats.clone(),
            merge,
            cursors,
            back,
            posted: Vec::new(),
            time,
            look_at: now,
            committer: Committer::new(database, CORRELATE, stats, delays, now),
        })
    }

    /// Does what there is to do, and commits what came of it.
    ///
    /// # Errors
    /// See [`StepError`]. A database that does not answer is no error.
    pub async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        if let Some(later) = self.commit(now).await? {
            return Ok(Step::idle(later));
        }
        self.follow();
        let database = self.committer.database();
        self.back.look_for_decisions(database, &self.inbox, self.time, now).await?;
        let worked = self.work(now).await?;
        let commit_at = self.committer.commit_at();
        let moved = self.has_moved();
        if self.back.is_urgent() || (moved && now >= commit_at) {
            self.prepare(now);
            if let Some(later) = self.commit(now).await? {
                return Ok(Step::idle(later));
            }
        }
        let commit_at = self.has_moved().then_some(commit_at);
        let wake_at = [self.look_at, self.back.looks_at()].into_iter().chain(commit_at).min();
        Ok(if worked { Step::Progress } else { Step::Idle { wake_at } })
    }

    /// Commits what is done but not yet true. For a clean stop.
    ///
    /// # Errors
    /// See [`Correlation::step`].
    pub async fn stop(&mut self, now: Timestamp) -> Result<(), StepError> {
        if self.commit(now).await?.is_none() && self.has_moved() {
            self.prepare(now);
            self.commit(now).await?;
        }
        Ok(())
    }

    fn follow(&mut self) {
        let rulebook = self.rules.load_full();
        if self.back.follow(&rulebook, self.time) {
            self.plans = Plans::of(&rulebook);
        }
    }

    /// Reads what is new and applies what is due; answers whether anything was applied.
    async fn work(&mut self, now: Timestamp) -> Result<bool, StepError> {
        let Some(posted) = self.look(now).await? else { return Ok(false) };
        let mut worked = false;
        for (host, at) in self.merge.take_heard() {
            self.watch.hear(&host, at);
        }
        while let Some((signal, is_shadow)) = self.merge.next(&self.plans) {
            worked = true;
            match is_shadow {
                true => self.back.shadow(signal),
                false => self.back.signal(signal),
            }
        }
        self.time = self.time.max(self.merge.time());
        for signal in self.inbox.take() {
            self.back.own(signal, self.time);
        }
        for (number, body) in posted {
            self.done_post(Post::read(&body)?);
            self.posted.push(number);
        }
        self.back.tick(self.time);
        self.stats.progress.set_done(Position::FIRST, self.time);
        self.watch_judges(now);
        Ok(worked)
    }

    fn done_post(&mut self, post: Post) {
        match post {
            Post::Own { packed, close_after } => {
                self.back.own(own(*packed, close_after), self.time);
            }
            Post::PatternIsOver { pattern, why, at } => {
                self.back.pattern_is_over(&pattern, why, at.max(self.time));
            }
        }
    }

    /// Reads how far judges are, then what they found: so rows up to those times are among them.
    async fn look(&mut self, now: Timestamp) -> Result<Option<Vec<(i64, String)>>, StepError> {
        self.look_at = now.after(LOOK_EVERY);
        let database = self.committer.database();
        let found = async {
            let cursors = database.cursors().await?;
            let rows = database.signals().await?;
            Ok::<_, StoreError>((cursors, rows, database.posted(POSTED_MAX).await?))
        };
        match found.await {
            Ok((cursors, rows, posted)) => {
                self.merge.reached(&cursors, JUDGE);
                self.merge.add(rows)?;
                Ok(Some(posted))
            }
            Err(error) if passes(&error) => {
                self.stats.standing.bad(now, error.to_string());
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Says which partition all others wait for, if one is far behind.
    fn watch_judges(&self, now: Timestamp) {
        let (partition, time) = self.merge.slowest();
        if now.since(time) > LATE_AFTER {
            let since = time.as_millis();
            let why = format!(
                "alerts wait for the judge of partition {partition}, which has done all up to \
                 {since} ms since 1970"
            );
            self.stats.standing.bad(now, why);
        } else {
            self.stats.standing.good();
        }
    }

    fn has_moved(&self) -> bool {
        let behind = |(cursors, done): (&Cursors, u64)| cursors.lowest().0 < done;
        self.back.has_news()
            || !self.posted.is_empty()
            || self.cursors.iter().zip(self.merge.done()).any(behind)
    }

    fn prepare(&mut self, now: Timestamp) {
        let mut prepared = self.back.take();
        let mut signals =
            SignalChange { posted: std::mem::take(&mut self.posted), ..SignalChange::default() };
        for (cursors, done) in self.cursors.iter().zip(self.merge.done()) {
            let moves = cursors.moves(Position(done), self.time);
            signals.taken.extend(moves.iter().map(|step| (step.partition, step.to)));
            prepared.change.cursors.extend(moves);
        }
        prepared.change.signals = signals;
        self.committer.prepare(prepared, now);
    }

    async fn commit(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StepError> {
        match self.committer.commit(now).await? {
            Tried::Nothing => Ok(None),
            Tried::Later(at) => Ok(Some(at)),
            Tried::True(prepared) => {
                for step in &prepared.change.cursors {
                    let of = |cursors: &&mut Cursors| cursors.first() == step.partition;
                    if let Some(cursors) = self.cursors.iter_mut().find(of) {
                        cursors.committed(Position(step.to));
                    }
                }
                Ok(None)
            }
        }
    }
}
