//! The back of judging: what rules want becomes alerts, what no rule wants becomes patterns, and
//! what people decide is done.
//!
//! From: a [`Front`](crate::front::Front) in the same process, or rows that judges of partitions
//! wrote. To: one [`Prepared`] change with all that came of it.

use std::sync::Arc;

use mutt_alert::{Correlator, Signal, State};
use mutt_event::{Event, Timestamp};
use mutt_rules::Located;
use mutt_store::{Change, Database, LeaseRef, PatternChange};

use crate::committer::Prepared;
use crate::engine;
use crate::front::Sink;
use crate::monitor::Inbox;
use crate::shadow::Shadow;
use crate::stats::ReaderStats;
use crate::{JudgeSettings, Rulebook, StepError, tallies};

mod mining;
mod people;

pub use mining::MiningSettings;
pub(crate) use mining::{Mining, Tells};
pub(crate) use people::People;

/// Correlation, mining and shadow rules at work.
pub(crate) struct Back {
    correlator: Correlator,
    mining: Option<Mining>,
    shadow: Shadow,
    people: People,
    /// What it goes by.
    follows: Arc<Rulebook>,
    destinations: Vec<String>,
    /// A change without cursors is fenced by it alone.
    lease: Option<LeaseRef>,
    stats: ReaderStats,
}

impl Back {
    /// Loads the live alerts, what is remembered beside them, and the patterns, if any are mined,
    /// and goes by `follows` from `time` on. Inputs are up since `up_since`: what was not heard
    /// before is not called absent.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn open<B: Database>(
        database: &B,
        follows: Arc<Rulebook>,
        settings: &JudgeSettings,
        (lease, stats): (Option<LeaseRef>, ReaderStats),
        (time, up_since): (Timestamp, Timestamp),
    ) -> Result<Self, StepError> {
        let alerts = database.live_alerts(time).await?;
        let tracks = database.tracks().await?;
        let mut correlator = Correlator::new(State { alerts, tracks });
        correlator.resume(up_since);
        engine::follow(&mut correlator, &follows, time);
        let mut mining = None;
        if let Some(settings) = &settings.mining {
            mining = Some(Mining::open(database, settings).await?);
        }
        mining.iter_mut().for_each(|mining| mining.end_gone(time, &mut correlator));
        let mut shadow = Shadow::new(up_since);
        shadow.follow(&follows, time);
        Ok(Self {
            correlator,
            mining,
            shadow,
            people: People::default(),
            follows,
            destinations: settings.destinations.clone(),
            lease,
            stats,
        })
    }

    /// Goes by this rulebook from `time` on, if it is another one; answers whether it is.
    pub fn follow(&mut self, rulebook: &Arc<Rulebook>, time: Timestamp) -> bool {
        let is_new = !Arc::ptr_eq(rulebook, &self.follows);
        if is_new {
            engine::follow(&mut self.correlator, rulebook, time);
            self.shadow.follow(rulebook, time);
            self.follows = Arc::clone(rulebook);
        }
        is_new
    }

    /// Does what people decided since the last look, by the time `at`.
    pub async fn look_for_decisions<B: Database>(
        &mut self,
        database: &B,
        inbox: &Inbox,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StepError> {
        if !self.people.is_time(inbox.take_decided(), now) {
            return Ok(());
        }
        self.people.decide_alerts(database, at, &mut self.correlator).await?;
        // Without a miner they wait for whoever has one.
        match &mut self.mining {
            Some(mining) => {
                self.people.decide_patterns(database, at, mining, &mut self.correlator).await
            }
            None => Ok(()),
        }
    }

    /// Takes a signal that no message caused, on the journal's time like all others.
    pub fn own(&mut self, mut signal: Signal, at: Timestamp) {
        signal.facts.at = at;
        self.correlator.apply(signal);
    }

    /// The alert of a pattern is over.
    pub fn pattern_is_over(&mut self, pattern: &str, why: String, at: Timestamp) {
        self.correlator.pattern_is_over(pattern, why, at);
    }

    /// Does what is due until `time`.
    pub fn tick(&mut self, time: Timestamp) {
        self.correlator.tick(time);
        self.mining.iter_mut().for_each(|mining| mining.say(time));
        self.shadow.tick(time);
    }

    /// Whether something changed that somebody waits for.
    pub fn is_urgent(&self) -> bool {
        self.correlator.is_urgent() || self.people.has_done()
    }

    /// Whether there is something to commit, though nobody waits for it.
    pub fn has_news(&self) -> bool {
        self.shadow.has_news()
    }

    /// When something is due next.
    pub fn next_timer(&self) -> Option<Timestamp> {
        self.correlator.next_timer()
    }

    /// When it looks for decisions next.
    pub fn looks_at(&self) -> Timestamp {
        self.people.looks_at()
    }

    /// All that came of everything since the last call, as a change without cursors.
    pub fn take(&mut self) -> Prepared {
        let changes = self.correlator.take_changes();
        let shadowed = self.shadow.take();
        let tallies = tallies::of_alerts(&changes, &shadowed);
        let stats = &self.stats.mining;
        let mined = self.mining.as_mut().map(|all| all.take(stats)).unwrap_or_default();
        let patterns = PatternChange { decided: self.people.take_patterns_done(), ..mined };
        let observe = self.follows.observe;
        let destinations = if observe { &[][..] } else { &self.destinations };
        let observed = if observe { changes.notices.len() as u64 } else { 0 };
        let notices = changes.notices.into_iter().map(|notice| (notice, destinations.to_vec()));
        let change = Change {
            alerts: changes.alerts,
            notices: notices.collect(),
            tracks: changes.tracks,
            moments: changes.moments,
            tallies,
            lease: self.lease.clone(),
            decided: self.people.take_done(),
            patterns,
            ..Change::default()
        };
        Prepared { change, observed, shadowed, ..Prepared::default() }
    }
}

impl Sink for Back {
    fn signal(&mut self, signal: Signal) {
        self.correlator.apply(signal);
    }

    fn shadow(&mut self, signal: Signal) {
        self.shadow.apply(signal);
    }

    fn unhandled(&mut self, event: &Event<'_>, located: &Located<'_>, at: Timestamp) {
        if let Some(mining) = &mut self.mining {
            mining.see(event, located, at, &mut self.correlator);
        }
    }
}
