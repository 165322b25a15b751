//! Signals become alerts. From: a worker's signals in the journal's order, its ticks, the plans
//! of the rules in force, and what people decide. To: that worker's transaction, as [`Changes`].
//!
//! All its state is in the live alerts and the tracks, so one made anew from the database goes on
//! as the old one would have. Time is [`Facts::at`](crate::Facts::at) and `tick(now)` and nothing
//! else.
//!
//! What each kind of rule does stands in a file of its own: `count.rs`, `sequence.rs`,
//! `absent.rs`, `flapping.rs`, `family.rs`, `storm.rs`; what silences do, in `hush.rs`. An alert's
//! life is `life.rs`: whatever quiets an alert is a reason that is looked at again when it may
//! have ended, and what destinations know is brought in line with what is so.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use mutt_event::{MessageId, Timestamp};
use mutt_rules::{Handling, Plan};

use crate::family::Family;
use crate::hush::Hush;
use crate::live::{Held, Live};
use crate::storm::StormLimits;
use crate::track::{Kind, Tracks};
use crate::{
    Alert, AlertState, Effect, Ending, Moment, Notice, Signal, SignalKind, Track, TrackChange,
    signature_of,
};

/// How many alerts may be live at once, and how many tracks, unless
/// [`Correlator::with_limit`] says otherwise.
pub const OPEN_LIMIT: usize = 1_000_000;

/// What a correlator goes on from.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct State {
    /// The open alerts, and those that ended and may come back, in the order they were opened.
    pub alerts: Vec<Alert>,
    /// What is remembered beside them, by name.
    pub tracks: Vec<(String, Track)>,
}

/// What came of the signals and ticks since the last time it was asked.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Changes {
    /// Each alert that changed, once, as it is now; one that ended comes before one that opened
    /// under the same signature.
    pub alerts: Vec<Alert>,
    /// What has to be told, in order.
    pub notices: Vec<Notice>,
    /// What happened to alerts, in order.
    pub moments: Vec<Moment>,
    /// What is remembered otherwise now, each once, by name.
    pub tracks: Vec<TrackChange>,
}

/// What happened since the correlator was made, for metrics.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Alerts opened.
    pub opened: u64,
    /// Alerts opened again.
    pub reopened: u64,
    /// Events that an open alert counted.
    pub repeated: u64,
    /// Open alerts that became worse.
    pub worse: u64,
    /// Alerts ended by a clear.
    pub cleared: u64,
    /// Alerts ended since nothing repeated them for their rule's `close_after`.
    pub closed: u64,
    /// Alerts ended since their rule was deleted, disabled or keyed otherwise.
    pub rule_gone: u64,
    /// Alerts closed early since too many were open, that nobody had been told of.
    pub evicted_logged: u64,
    /// Alerts closed early since too many were open, that somebody had been told of.
    pub evicted_told: u64,
    /// Windows, sequences and early clears forgotten early since there were too many.
    pub evicted_tracks: u64,
}

/// Why something is told now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Why {
    pub at: Timestamp,
    pub received: Timestamp,
    /// The message; none: time passed, or somebody decided.
    pub cause: Option<MessageId>,
}

impl Why {
    pub(crate) fn time(at: Timestamp) -> Self {
        Self { at, received: at, cause: None }
    }

    pub(crate) fn signal(signal: &Signal) -> Self {
        let facts = &signal.facts;
        Self { at: facts.at, received: facts.received, cause: Some(facts.cause) }
    }
}

/// The alerts, and what changed among them.
///
/// At most one alert is open per signature. With more than the limit live, the one that was quiet
/// for longest is closed to make room: ended ones first, then those that nobody was told of. A new
/// problem is always told, and an evicted one that goes on opens (and is told) again under the
/// same signature.
#[derive(Debug)]
pub struct Correlator {
    pub(crate) plans: HashMap<String, Arc<Plan>>,
    pub(crate) live: Live,
    pub(crate) tracks: Tracks,
    pub(crate) family: Family,
    pub(crate) storms: StormLimits,
    pub(crate) hush: Hush,
    /// Inputs are up since then: what was not heard before is not absent.
    pub(crate) up_since: Timestamp,
    /// The time of what is being done.
    pub(crate) now: Timestamp,
    limit: usize,
    /// Alerts whose reasons to be quiet may have changed.
    pub(crate) review: BTreeSet<Arc<str>>,
    touched: Vec<Touched>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) moments: Vec<Moment>,
    pub(crate) totals: Totals,
}

#[derive(Debug)]
enum Touched {
    Live(Arc<str>),
    Ended(Box<Alert>),
}

impl Correlator {
    /// Goes on from what the database knows.
    pub fn new(state: State) -> Self {
        let mut correlator = Self {
            plans: HashMap::new(),
            live: Live::default(),
            tracks: Tracks::default(),
            family: Family::default(),
            storms: StormLimits::default(),
            hush: Hush::default(),
            up_since: Timestamp::ZERO,
            now: Timestamp::ZERO,
            limit: OPEN_LIMIT,
            review: BTreeSet::new(),
            touched: Vec::new(),
            notices: Vec::new(),
            moments: Vec::new(),
            totals: Totals::default(),
        };
        for (key, track) in state.tracks {
            correlator.tracks.restore(key, track);
        }
        for alert in state.alerts {
            correlator.restore(alert);
        }
        correlator
    }

    fn restore(&mut self, alert: Alert) {
        if !alert.state.is_open() && alert.reopens_until.is_none() {
            return;
        }
        let signature: Arc<str> = alert.signature.as_str().into();
        if let Some((_, twin)) = self.take_out(&signature) {
            // No database of ours holds two open ones; if one does, the younger goes on.
            if twin.alert.state.is_open() && alert.state.is_open() {
                let at = twin.alert.last_seen;
                self.end(signature.clone(), twin, Ending::Twin, Why::time(at));
            } else if twin.alert.state.is_open() {
                self.put_back(signature, twin);
                return;
            }
        }
        self.family.join(&alert, &signature);
        self.live.insert(signature, Box::new(Held { alert, touched: None }));
    }

    /// The same with another limit on live alerts and on tracks; at least 1.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit.max(1);
        self
    }

    /// Takes one signal; what is due at its time happens before it counts.
    pub fn apply(&mut self, signal: Signal) -> Effect {
        self.tick(signal.facts.at);
        let effect = self.take(signal);
        self.settle_all();
        effect
    }

    fn take(&mut self, signal: Signal) -> Effect {
        if !self.plans.contains_key(&signal.plan.rule_id) {
            self.plans.insert(signal.plan.rule_id.clone(), signal.plan.clone());
        }
        let (plan, facts) = (&signal.plan, &signal.facts);
        let signature: Arc<str> = signature_of(plan, &facts.host, &facts.key).into();
        match signal.kind {
            // A clear counts under any handling: who was told of the problem is told of its end.
            SignalKind::Clear => self.take_clear(signature, &signal),
            // So does what ends an absence.
            SignalKind::Problem if plan.absent.is_some() => self.seen(signature, &signal),
            _ if facts.handling == Handling::Suppress => Effect::Nothing,
            SignalKind::Problem => self.take_problem(signature, signal),
            SignalKind::With | SignalKind::Without | SignalKind::Then => {
                self.sequence_goes_on(signature, &signal)
            }
        }
    }

    fn take_problem(&mut self, signature: Arc<str>, signal: Signal) -> Effect {
        if signal.plan.sequence.is_some() {
            return self.sequence_begins(&signature, signal);
        }
        if signal.plan.count.is_some() && !self.is_open(&signature) {
            return self.counted(signature, &signal);
        }
        self.problem(signature, &signal, None)
    }

    fn take_clear(&mut self, signature: Arc<str>, signal: &Signal) -> Effect {
        for kind in [Kind::Count, Kind::Sequence] {
            self.tracks.remove(&kind.shaped(&signal.plan, &signature));
        }
        if self.is_open(&signature) {
            return self.clear(signature, signal);
        }
        self.remember_early_clear(&signature, signal)
    }

    /// Does what is due until `now`: alerts are told or close, windows end, who did not come is
    /// absent.
    ///
    /// Nobody is told of an alert that closes itself: nothing more was seen, and nothing was seen
    /// that says the problem is over. Moogsoft keeps it until a person closes it; the next event
    /// opens a new alert under the same signature, and that is told.
    pub fn tick(&mut self, now: Timestamp) {
        while let Some(at) = self.next_timer().filter(|at| *at <= now) {
            self.now = self.now.max(at);
            if self.hush.next == Some(at) {
                self.silence_is_due(at);
            } else if self.live.next_timer() == Some(at) {
                if let Some((signature, held)) = self.live.pop_next() {
                    self.alert_is_due(signature, held, at);
                }
            } else if let Some((key, track)) = self.tracks.pop_next() {
                self.track_is_due(key, track, at);
            }
            // Who closes at this time is not told of anything else that ends at it.
            if self.live.next_timer() != Some(at) {
                self.settle_all();
            }
        }
        self.now = self.now.max(now);
    }

    fn track_is_due(&mut self, key: Arc<str>, track: Track, at: Timestamp) {
        match track {
            Track::Watched(watched) => self.absent(key, watched, at),
            Track::Flaps { told_by, .. } => self.is_calm(key, told_by, at),
            Track::Window { .. }
            | Track::Sequence { .. }
            | Track::EarlyClear { .. }
            | Track::Valve { .. }
            | Track::Hushed { .. } => {}
        }
    }

    /// When something is due next.
    pub fn next_timer(&self) -> Option<Timestamp> {
        let timers = [self.live.next_timer(), self.tracks.next_timer(), self.hush.next];
        timers.into_iter().flatten().min()
    }

    /// Whether something changed that somebody waits for; what is only remembered may wait.
    pub fn is_urgent(&self) -> bool {
        !self.touched.is_empty() || !self.notices.is_empty()
    }

    /// What changed since the last call; taking it changes nothing that comes later.
    pub fn take_changes(&mut self) -> Changes {
        let mut alerts = Vec::with_capacity(self.touched.len());
        for touched in self.touched.drain(..) {
            match touched {
                Touched::Ended(alert) => alerts.push(*alert),
                Touched::Live(signature) => alerts.extend(self.live.taken(&signature)),
            }
        }
        Changes {
            alerts,
            notices: std::mem::take(&mut self.notices),
            moments: std::mem::take(&mut self.moments),
            tracks: self.tracks.take_changes(),
        }
    }

    /// How many alerts are open.
    pub fn open(&self) -> usize {
        self.live.open()
    }

    /// All live alerts, in no order.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.live.alerts()
    }

    /// How much is remembered beside the alerts.
    pub fn tracks(&self) -> usize {
        self.tracks.len()
    }

    /// What happened since it was made.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    pub(crate) fn is_open(&self, signature: &str) -> bool {
        self.live.get(signature).is_some_and(|alert| alert.state.is_open())
    }

    pub(crate) fn make_room(&mut self, at: Timestamp) {
        while self.live.len() >= self.limit
            && let Some((signature, held)) = self.live.pop_quietest()
        {
            self.family.leave(&held.alert, &signature);
            if !held.alert.state.is_open() {
                self.forget(held);
                continue;
            }
            if held.alert.notices > 0 {
                self.totals.evicted_told += 1;
            } else {
                self.totals.evicted_logged += 1;
            }
            let at = held.alert.last_seen.max(at);
            self.end(signature, held, Ending::Evicted, Why::time(at));
        }
    }

    /// Remembers something, in the place of what had its name; what ends first makes room.
    pub(crate) fn keep(&mut self, key: Arc<str>, track: Track) {
        while self.tracks.len() >= self.limit
            && self.tracks.get(&key).is_none()
            && self.tracks.make_room()
        {
            self.totals.evicted_tracks += 1;
        }
        self.tracks.insert(key, track);
    }

    /// Takes an alert out, to be put back changed, or let go.
    pub(crate) fn take_out(&mut self, signature: &str) -> Option<(Arc<str>, Box<Held>)> {
        let (signature, held) = self.live.remove(signature)?;
        self.family.leave(&held.alert, &signature);
        Some((signature, held))
    }

    /// Puts back an alert that changed.
    pub(crate) fn put_back(&mut self, signature: Arc<str>, mut held: Box<Held>) {
        if held.touched.is_none() {
            self.touched.push(Touched::Live(signature.clone()));
            held.touched = Some(self.touched.len() - 1);
        }
        self.family.join(&held.alert, &signature);
        self.live.insert(signature, held);
    }

    /// Lets an ended alert go; its place among the changes stays if it changed in the same batch.
    pub(crate) fn forget(&mut self, held: Box<Held>) {
        if let Some(place) = held.touched.and_then(|place| self.touched.get_mut(place)) {
            *place = Touched::Ended(Box::new(held.alert));
        }
    }

    /// The same of one that might have come back until now.
    pub(crate) fn comes_back_no_more(&mut self, mut held: Box<Held>) {
        held.alert.reopens_until = None;
        self.let_go(held);
    }

    /// The same of one that ends now.
    pub(crate) fn let_go(&mut self, held: Box<Held>) {
        let ended = Touched::Ended(Box::new(held.alert));
        match held.touched.and_then(|place| self.touched.get_mut(place)) {
            Some(place) => *place = ended,
            None => self.touched.push(ended),
        }
    }
}

impl AlertState {
    /// What an alert is after this ending.
    pub(crate) fn ended(ending: &Ending) -> Self {
        if *ending == Ending::Clear { AlertState::Cleared } else { AlertState::Closed }
    }
}
