//! What each judge did, step by step, and which of it became true.
//!
//! From: the judge's calls to the database and its progress, which it shows anyway. To: the
//! [`History`], by which the reference knows between which messages and at which time of the
//! journal rules changed, people decided and processes began; and nothing else of the judge.
//!
//! A judge of which a step did not become true leaves no trace: another does it again, perhaps
//! otherwise.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use mutt_alert::Decided;
use mutt_event::Timestamp;
use mutt_pipeline::{ReaderStats, Rulebook};

/// Something that a judge did, before the message at a position, at a time of the journal.
#[derive(Clone, Debug)]
pub struct Event {
    /// All messages below are judged.
    pub position: u64,
    /// The journal's time.
    pub at: Timestamp,
    /// What.
    pub what: Did,
}

/// What a judge did.
#[derive(Clone, Debug)]
pub enum Did {
    /// It began, in a process that takes messages since then.
    Opened { up_since: Timestamp, book: Arc<Rulebook> },
    /// It saw other rules or silences.
    Followed { book: Arc<Rulebook> },
    /// It did what somebody decided.
    Decided(i64, Decided),
    /// It had judged all before, and done all that was due.
    Judged,
}

/// All that became true, in order.
pub type History = Arc<Mutex<Vec<Event>>>;

/// One judge's way, from its opening on; clones are the same.
#[derive(Clone)]
pub struct Trail(Arc<Mutex<Way>>);

struct Way {
    history: History,
    stats: ReaderStats,
    rules: Arc<ArcSwap<Rulebook>>,
    follows: Option<Arc<Rulebook>>,
    opened_at: Timestamp,
    /// Done, and in no change yet.
    fresh: Vec<Event>,
    /// In a change that is on its way.
    tried: Option<Tried>,
    /// Its step goes on only when what is on its way is answered.
    waits: bool,
}

struct Tried {
    events: Vec<Event>,
    is_true: bool,
}

impl Trail {
    /// Of a judge that is not opened yet.
    pub fn new(history: History, stats: ReaderStats, rules: Arc<ArcSwap<Rulebook>>) -> Self {
        Self(Arc::new(Mutex::new(Way {
            history,
            stats,
            rules,
            follows: None,
            opened_at: Timestamp::ZERO,
            fresh: Vec::new(),
            tried: None,
            waits: false,
        })))
    }

    fn way(&self) -> MutexGuard<'_, Way> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The judge is open and goes on at that time of the journal.
    pub fn opened(&self, at: Timestamp, up_since: Timestamp) {
        let mut way = self.way();
        way.opened_at = at;
        let book = way.rules.load_full();
        way.follows = Some(Arc::clone(&book));
        way.adds(Did::Opened { up_since, book });
    }

    /// A step of the judge begins.
    pub fn begins(&self) {
        let mut way = self.way();
        way.waits = way.tried.is_some();
        if !way.waits {
            way.follow();
        }
    }

    /// The judge read what people decided, and does it.
    pub fn decides(&self, decisions: &[(i64, Decided)]) {
        let mut way = self.way();
        for (number, decided) in decisions {
            way.adds(Did::Decided(*number, decided.clone()));
        }
    }

    /// The judge tries to make true what it did, perhaps not for the first time.
    pub fn tries(&self) {
        let mut way = self.way();
        if way.tried.is_none() {
            way.adds(Did::Judged);
            let events = std::mem::take(&mut way.fresh);
            way.tried = Some(Tried { events, is_true: false });
        }
    }

    /// What it tried is true, whether or not it hears of that.
    pub fn is_true(&self) {
        let mut way = self.way();
        let history = Arc::clone(&way.history);
        if let Some(tried) = way.tried.as_mut().filter(|tried| !tried.is_true) {
            tried.is_true = true;
            let mut history = history.lock().unwrap_or_else(PoisonError::into_inner);
            history.extend(tried.events.iter().cloned());
        }
    }

    /// It hears that what it tried is true, and goes on.
    pub fn is_answered(&self) {
        let mut way = self.way();
        way.tried = None;
        if std::mem::take(&mut way.waits) {
            way.follow();
        }
    }
}

impl Way {
    fn adds(&mut self, what: Did) {
        let progress = &self.stats.progress;
        let at = progress.time().max(self.opened_at);
        self.fresh.push(Event { position: progress.done().0, at, what });
    }

    /// It looks which rules are in force.
    fn follow(&mut self) {
        let book = self.rules.load_full();
        if self.follows.as_ref().is_none_or(|follows| !Arc::ptr_eq(follows, &book)) {
            self.follows = Some(Arc::clone(&book));
            self.adds(Did::Followed { book });
        }
    }
}
