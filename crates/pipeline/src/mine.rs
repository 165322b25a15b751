//! The miner by itself, where each partition has a judge of its own: patterns are of all of them.
//!
//! From: all lanes of the journal, behind cursors of its own, asking the rules once more. To: the
//! database: patterns, and what is remarkable, posted to the correlator.
//!
//! One process mines for all. It may fall behind, and then patterns are late; alerts are not.

use std::sync::Arc;

use arc_swap::ArcSwap;
use mutt_alert::Signal;
use mutt_event::{Event, Parser, Timestamp};
use mutt_journal::Lane;
use mutt_rules::Located;
use mutt_store::{Change, Database, LeaseRef, PatternChange, SignalChange};

use crate::back::{Mining, People, Tells};
use crate::committer::{Committer, Prepared, Tried};
use crate::front::{Found, Front, FrontParts, Sink};
use crate::monitor::Inbox;
use crate::packed::Post;
use crate::stats::{MiningStats, ReaderStats};
use crate::{JudgeSettings, MiningSettings, Rulebook, Step, StepError};

/// The miner's name as a reader.
pub const MINE: &str = "mine";

/// What the miner works with.
pub struct MineParts<L, B> {
    /// Where messages come from.
    pub lanes: Vec<L>,
    /// Where a step becomes true.
    pub database: B,
    /// Reads the fields of messages.
    pub parser: Arc<Parser>,
    /// The rules in force.
    pub rules: Arc<ArcSwap<Rulebook>>,
    /// Says when somebody decided something.
    pub inbox: Inbox,
    /// For whoever looks on: one for each lane.
    pub stats: Vec<ReaderStats>,
    /// How patterns are mined.
    pub mining: MiningSettings,
    /// The lease that it works under.
    pub lease: Option<LeaseRef>,
}

/// The worker; see the [module](self).
pub struct Mine<L: Lane, B> {
    rules: Arc<ArcSwap<Rulebook>>,
    inbox: Inbox,
    lease: Option<LeaseRef>,
    fronts: Vec<Front<L>>,
    digger: Digger,
    people: People,
    stats: MiningStats,
    committer: Committer<B>,
}

/// Mines, and keeps what it has to tell.
struct Digger {
    mining: Mining,
    posts: Posts,
}

#[derive(Default)]
struct Posts(Vec<Post>);

impl Tells for Posts {
    fn tell(&mut self, signal: Signal) {
        self.0.push(Post::own(signal));
    }

    fn pattern_is_over(&mut self, pattern: &str, why: String, at: Timestamp) {
        self.0.push(Post::PatternIsOver { pattern: pattern.to_owned(), why, at });
    }
}

impl Sink for Digger {
    fn signal(&mut self, _: Signal) {}

    fn shadow(&mut self, _: Signal) {}

    fn unhandled(&mut self, event: &Event<'_>, located: &Located<'_>, at: Timestamp) {
        self.mining.see(event, located, at, &mut self.posts);
    }
}

impl<L: Lane, B: Database> Mine<L, B> {
    /// Takes over, and goes on from the patterns that the database knows.
    ///
    /// # Errors
    /// The database does not answer or knows another journal, or the journal cannot be read.
    pub async fn open(
        parts: MineParts<L, B>,
        settings: &JudgeSettings,
        now: Timestamp,
    ) -> Result<Self, StepError> {
        let MineParts { lanes, database, parser, rules, inbox, stats, mining, lease } = parts;
        let mining = Mining::open(&database, &mining).await?;
        let of_all = stats.first().cloned().unwrap_or_else(|| ReaderStats::unseen(MINE));
        let mut fronts = Vec::with_capacity(lanes.len());
        for (lane, stats) in lanes.into_iter().zip(stats) {
            let (parser, watch) = (Arc::clone(&parser), Arc::default());
            let parts = FrontParts { lane, parser, watch, stats, counts: false };
            fronts.push(Front::open(parts, MINE, &database, settings, now).await?);
        }
        let delays = (settings.commit_delay, settings.retry_delay);
        Ok(Self {
            rules,
            inbox,
            lease,
            fronts,
            digger: Digger { mining, posts: Posts::default() },
            people: People::default(),
            stats: of_all.mining.clone(),
            committer: Committer::new(database, MINE, of_all, delays, now),
        })
    }

    /// Mines what is there, one batch of each lane at most, and commits what came of it.
    ///
    /// # Errors
    /// See [`StepError`]. A database that does not answer is no error.
    pub async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        if let Some(later) = self.commit(now).await? {
            return Ok(Step::idle(later));
        }
        self.look_for_decisions(now).await?;
        let rulebook = self.rules.load_full();
        let mut is_end = true;
        let mut wake_at = self.people.looks_at();
        for front in &mut self.fronts {
            match front.read(&rulebook, now, &mut self.digger)? {
                Found::Messages => is_end = false,
                Found::Held(until) => wake_at = wake_at.min(until),
                Found::End => {}
            }
        }
        let time = self.time();
        self.digger.mining.say(time);
        let moved = self.has_moved();
        let commit_at = self.committer.commit_at();
        let is_urgent = !self.digger.posts.0.is_empty() || self.people.has_done();
        if is_urgent || (moved && now >= commit_at) {
            self.prepare(now)?;
            if let Some(later) = self.commit(now).await? {
                return Ok(Step::idle(later));
            }
        }
        let wake_at = if self.has_moved() { wake_at.min(commit_at) } else { wake_at };
        Ok(if is_end { Step::idle(wake_at) } else { Step::Progress })
    }

    /// Commits what is mined but not yet true. For a clean stop.
    ///
    /// # Errors
    /// See [`Mine::step`].
    pub async fn stop(&mut self, now: Timestamp) -> Result<(), StepError> {
        if self.commit(now).await?.is_none() && self.has_moved() {
            self.prepare(now)?;
            self.commit(now).await?;
        }
        Ok(())
    }

    fn has_moved(&self) -> bool {
        self.fronts.iter().any(Front::has_moved)
    }

    fn time(&self) -> Timestamp {
        self.fronts.iter().map(Front::time).min().unwrap_or_default()
    }

    async fn look_for_decisions(&mut self, now: Timestamp) -> Result<(), StepError> {
        if !self.people.is_time(self.inbox.take_decided(), now) {
            return Ok(());
        }
        let (database, time) = (self.committer.database(), self.time());
        let Digger { mining, posts } = &mut self.digger;
        self.people.decide_patterns(database, time, mining, posts).await
    }

    fn prepare(&mut self, now: Timestamp) -> Result<(), StepError> {
        let posts = std::mem::take(&mut self.digger.posts).0;
        let post: Result<Vec<String>, _> = posts.iter().map(Post::write).collect();
        let mined = self.digger.mining.take(&self.stats);
        let patterns = PatternChange { decided: self.people.take_patterns_done(), ..mined };
        let change = Change {
            cursors: self.fronts.iter().flat_map(Front::moves).collect(),
            patterns,
            signals: SignalChange {
                post: post.map_err(StepError::Store)?,
                ..SignalChange::default()
            },
            lease: self.lease.clone(),
            ..Change::default()
        };
        self.committer.prepare(Prepared { change, ..Prepared::default() }, now);
        Ok(())
    }

    async fn commit(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StepError> {
        match self.committer.commit(now).await? {
            Tried::Nothing => Ok(None),
            Tried::Later(at) => Ok(Some(at)),
            Tried::True(_) => {
                // Nothing was read since it was prepared.
                for front in &mut self.fronts {
                    front.committed(front.done());
                }
                Ok(None)
            }
        }
    }
}
