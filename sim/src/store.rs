//! The database: in memory, and it fails now and then, or has a bug.
//!
//! From: workers. To: the twin in memory, and to the [`Trail`] of the judge that asks, which learns
//! what became true; and to the watchman, of signals that were written.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use mutt_alert::{Alert, Decided, Track};
use mutt_event::Timestamp;
use mutt_journal::Clock;
use mutt_patterns::{Account, Pattern, PatternDecided};
use mutt_pipeline::JUDGE;
use mutt_store::{
    Call, Change, Cursor, CursorMove, Database, Delivery, Fault, FaultyStore, Grant, Keep, Lease,
    LeaseRef, Leases, MemoryStore, Pruned, Queue, SignalChange, SignalRow, StoreError,
};

use crate::Bug;
use crate::dice::Dice;
use crate::net::Watchman;
use crate::node::SimClock;
use crate::trail::Trail;

/// Whether things fail now; all is well for the drain at the end.
#[derive(Clone, Debug)]
pub struct Weather(Arc<AtomicBool>);

impl Weather {
    pub fn new(is_bad: bool) -> Self {
        Self(Arc::new(AtomicBool::new(is_bad)))
    }

    pub fn is_bad(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub fn clear_up(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// How far the database's clock is from everybody else's, and when it jumped forward last.
#[derive(Clone, Default)]
pub struct Skew {
    micros: Arc<AtomicI64>,
    jumped_at: Arc<AtomicI64>,
}

impl Skew {
    /// The clock jumps by so many seconds, forward or back.
    pub fn jump(&self, seconds: i64, now: Timestamp) {
        self.micros.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
        if seconds > 0 {
            self.jumped_at.store(now.as_micros(), Ordering::Relaxed);
        }
    }

    /// When it jumped forward last: then two may hold a lease, for the rest of its time.
    pub fn jumped_at(&self) -> Timestamp {
        Timestamp::from_micros(self.jumped_at.load(Ordering::Relaxed))
    }

    /// A time of the database's clock as everybody else has it.
    pub fn not_of(&self, time: Timestamp) -> Timestamp {
        Timestamp::from_micros(time.as_micros() - self.micros.load(Ordering::Relaxed))
    }

    fn of(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_micros(now.as_micros() + self.micros.load(Ordering::Relaxed))
    }
}

type Decide = Arc<dyn Fn(Call) -> Fault + Send + Sync>;

/// The database as one process sees it.
#[derive(Clone)]
pub struct PlantedStore {
    inner: FaultyStore<MemoryStore>,
    decide: Decide,
    bug: Option<Bug>,
    faults: Arc<AtomicU64>,
    trail: Option<Trail>,
    watchman: Option<Watchman>,
}

impl PlantedStore {
    pub fn new(
        dice: Dice,
        weather: Weather,
        clock: SimClock,
        skew: Skew,
        bug: Option<Bug>,
    ) -> Self {
        let memory = MemoryStore::with_clock(move || skew.of(clock.now()));
        let faults = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&faults);
        let decide: Decide = Arc::new(move |_: Call| {
            if !weather.is_bad() {
                return Fault::None;
            }
            let fault = match dice.below(100) {
                0 => Fault::LoseAfter,
                1 => Fault::LoseBefore,
                2 => Fault::Refuse(StoreError::Full("no space left".to_owned())),
                _ => return Fault::None,
            };
            counted.fetch_add(1, Ordering::Relaxed);
            fault
        });
        let asked = Arc::clone(&decide);
        let inner = FaultyStore::new(memory, move |call| asked(call));
        Self { inner, decide, bug, faults, trail: None, watchman: None }
    }

    /// The same for a judge that leaves this trail.
    pub fn with_trail(&self, trail: Trail) -> Self {
        Self { trail: Some(trail), ..self.clone() }
    }

    /// The same for one who may write signals as long as his lease is nobody else's.
    pub fn watched(&self, watchman: Watchman) -> Self {
        Self { watchman: Some(watchman), ..self.clone() }
    }

    /// The database itself, which never fails.
    pub fn truth(&self) -> &MemoryStore {
        self.inner.inner()
    }

    /// The bug that was planted.
    pub fn bug(&self) -> Option<Bug> {
        self.bug
    }

    /// How often it failed.
    pub fn faults(&self) -> u64 {
        self.faults.load(Ordering::Relaxed)
    }

    async fn make_true(&self, change: Change) -> Result<(), StoreError> {
        let found = change.signals.found.clone();
        let done = self.truth().commit(change).await;
        let is_late = matches!(done, Err(StoreError::Superseded { .. })) && !found.is_empty();
        if is_late && self.bug == Some(Bug::LateSignals) {
            let signals = SignalChange { found: found.clone(), ..SignalChange::default() };
            self.truth().commit(Change { signals, ..Change::default() }).await?;
        } else {
            done?;
        }
        if let (Some(watchman), false) = (&self.watchman, found.is_empty()) {
            watchman.writes();
        }
        if let Some(trail) = &self.trail {
            trail.is_true();
        }
        Ok(())
    }

    /// What a bug makes of a change.
    async fn planted(&self, mut change: Change, fault: &Fault) -> Result<Change, StoreError> {
        match self.bug {
            Some(Bug::CursorApart) if !change.alerts.is_empty() => {
                let cursors = std::mem::take(&mut change.cursors);
                self.truth().commit(change).await?;
                change = Change { cursors, ..Change::default() };
            }
            Some(Bug::NoEpochCheck) => {
                change.lease = None;
                let cursors = self.truth().cursors().await?;
                for step in &mut change.cursors {
                    let of = |c: &&Cursor| c.reader == step.reader && c.partition == step.partition;
                    if let Some(cursor) = cursors.iter().find(of) {
                        (step.epoch, step.from) = (cursor.epoch, cursor.position);
                    }
                }
            }
            Some(Bug::DoubleCountOnReplay) if *fault != Fault::None => {
                let stays = |step: &CursorMove| CursorMove { to: step.from, ..step.clone() };
                let cursors = change.cursors.iter().map(stays).collect();
                self.truth().commit(Change { cursors, ..Change::default() }).await?;
            }
            Some(Bug::SignalsApart) if *fault != Fault::None && !change.signals.is_empty() => {
                let signals = SignalChange::default();
                self.truth().commit(Change { signals, ..change.clone() }).await?;
            }
            Some(Bug::ForgetTracks) => change.tracks.clear(),
            Some(Bug::LostNotice) if *fault == Fault::LoseAfter => change.notices.clear(),
            Some(Bug::DecideTwice) => change.decided.clear(),
            _ => {}
        }
        Ok(change)
    }
}

/// Of a planted bug: each judge seems to be as far in time as the first.
fn as_the_fastest(cursors: &mut [Cursor]) {
    let judges = || cursors.iter().filter(|cursor| cursor.reader == JUDGE);
    let fastest = judges().map(|cursor| cursor.time).max().unwrap_or_default();
    let judges = cursors.iter_mut().filter(|cursor| cursor.reader == JUDGE);
    judges.for_each(|cursor| cursor.time = fastest);
}

fn lost() -> StoreError {
    StoreError::Unavailable("connection lost".to_owned())
}

impl Database for PlantedStore {
    async fn claim(
        &self,
        reader: &str,
        journal: &str,
        partitions: Range<u16>,
    ) -> Result<Vec<Cursor>, StoreError> {
        self.inner.claim(reader, journal, partitions).await
    }

    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        let mut cursors = self.inner.cursors().await?;
        if let Some(trail) = &self.trail {
            trail.sees_judges(&cursors);
            if self.bug == Some(Bug::NotTheSlowest) && trail.is_merged() {
                as_the_fastest(&mut cursors);
            }
        }
        Ok(cursors)
    }

    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        let fault = (self.decide)(Call::Commit);
        if let Some(trail) = &self.trail {
            trail.tries();
        }
        let change = self.planted(change, &fault).await?;
        let result = match fault {
            Fault::None => self.make_true(change).await,
            Fault::Refuse(error) => Err(error),
            Fault::LoseBefore => Err(lost()),
            Fault::LoseAfter => self.make_true(change).await.and(Err(lost())),
        };
        if let (Some(trail), Ok(())) = (&self.trail, &result) {
            trail.is_answered();
        }
        result
    }

    async fn live_alerts(&self, at: Timestamp) -> Result<Vec<Alert>, StoreError> {
        let mut alerts = self.inner.live_alerts(at).await?;
        if self.bug == Some(Bug::TimersLost) {
            for alert in &mut alerts {
                (alert.closes_at, alert.held_until) = (None, None);
            }
        }
        Ok(alerts)
    }

    async fn tracks(&self) -> Result<Vec<(String, Track)>, StoreError> {
        self.inner.tracks().await
    }

    async fn decisions(&self, limit: u32) -> Result<Vec<(i64, Decided)>, StoreError> {
        let decisions = self.inner.decisions(limit).await?;
        if let Some(trail) = &self.trail {
            trail.decides(&decisions);
        }
        Ok(decisions)
    }

    async fn patterns(&self) -> Result<Vec<Pattern>, StoreError> {
        self.inner.patterns().await
    }

    async fn mining(&self) -> Result<Account, StoreError> {
        self.inner.mining().await
    }

    async fn pattern_decisions(
        &self,
        limit: u32,
    ) -> Result<Vec<(i64, PatternDecided)>, StoreError> {
        self.inner.pattern_decisions(limit).await
    }

    async fn signals(&self) -> Result<Vec<SignalRow>, StoreError> {
        let rows = self.inner.signals().await?;
        if let Some(trail) = &self.trail {
            trail.sees_rows(&rows);
        }
        Ok(rows)
    }

    async fn posted(&self, limit: u32) -> Result<Vec<(i64, String)>, StoreError> {
        let posted = self.inner.posted(limit).await?;
        if let Some(trail) = &self.trail {
            trail.has_looked();
        }
        Ok(posted)
    }

    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        self.inner.open_alerts().await
    }

    async fn latest_alerts(&self, limit: u32) -> Result<Vec<Alert>, StoreError> {
        self.inner.latest_alerts(limit).await
    }

    async fn waiting(&self, destination: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.inner.waiting(destination, limit).await
    }

    async fn overtaken(&self, destination: &str) -> Result<Vec<(i64, String)>, StoreError> {
        self.inner.overtaken(destination).await
    }

    async fn dead_letters(&self, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.inner.dead_letters(limit).await
    }

    async fn queues(&self) -> Result<Vec<Queue>, StoreError> {
        self.inner.queues().await
    }

    async fn prune(&self, keep: Keep) -> Result<Pruned, StoreError> {
        self.inner.prune(keep).await
    }
}

impl Leases for PlantedStore {
    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Grant, StoreError> {
        self.inner.take_lease(name, holder, ttl).await
    }

    async fn take_over_lease(
        &self,
        seen: &Lease,
        holder: &str,
        ttl: Duration,
    ) -> Result<Grant, StoreError> {
        self.inner.take_over_lease(seen, holder, ttl).await
    }

    async fn renew_lease(
        &self,
        lease: &LeaseRef,
        ttl: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        self.inner.renew_lease(lease, ttl).await
    }

    async fn release_lease(&self, lease: &LeaseRef) -> Result<(), StoreError> {
        self.inner.release_lease(lease).await
    }

    async fn leases(&self) -> Result<Vec<Lease>, StoreError> {
        self.inner.leases().await
    }
}
