//! What each judge did, step by step, and which of it became true.
//!
//! From: the judge's calls to the database and its progress, which it shows anyway. To: the
//! [`History`], by which the reference knows between which messages and at which time of the
//! journal rules changed, people decided and processes began; and nothing else of the judge.
//!
//! Where each partition has a judge of its own, these leave trails, the miner leaves one in each
//! partition, and the correlator leaves one over all of them. How far a correlator may have come
//! follows from what the database told it of the judges, in [`Merge`]'s own words.
//!
//! A judge of which a step did not become true leaves no trace: another does it again, perhaps
//! otherwise.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use mutt_alert::Decided;
use mutt_event::Timestamp;
use mutt_pipeline::{JUDGE, ReaderStats, Rulebook};
use mutt_store::{Cursor, SIGNAL_ROWS_MAX, SignalRow};

use crate::node::PARTITIONS;

/// The order of messages: in one log by position; of all partitions by time, partition, position.
pub type Key = (Timestamp, u16, u64);

/// Something that a judge did, before a message, at a time of the journal.
#[derive(Clone)]
pub struct Event {
    /// Who.
    pub whose: Whose,
    /// All messages below are judged.
    pub before: Key,
    /// The journal's time.
    pub at: Timestamp,
    /// What.
    pub what: Did,
}

/// Who left a trail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// Who makes alerts: the judge of the whole log, or the correlator.
    All,
    /// A reader in one partition.
    Lane(&'static str, u16),
}

/// What a judge did.
#[derive(Clone)]
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

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Event { before: (time, partition, position), at, .. } = self;
        match &self.what {
            Did::Opened { book, .. } => write!(f, "a start with rules {}", book.revision)?,
            Did::Followed { book } => write!(f, "a change to rules {}", book.revision)?,
            Did::Decided(number, _) => write!(f, "decision {number}")?,
            Did::Judged => f.write_str("a step")?,
        }
        write!(f, " at {at}, with all before {time} {partition} {position} done")
    }
}

/// All that became true, in order.
pub type History = Arc<Mutex<Vec<Event>>>;

/// One judge's way, from its opening on; clones are the same.
#[derive(Clone)]
pub struct Trail(Arc<Mutex<Way>>);

struct Way {
    history: History,
    /// Whose it is, and where it shows its progress: of a miner one for each partition.
    lines: Vec<(Whose, ReaderStats)>,
    /// Of a correlator: how far it may go.
    merge: Option<Merge>,
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

/// How far a correlator may have come: below the slowest judge, and within the rows that it read.
#[derive(Default)]
struct Merge {
    judged: Vec<Key>,
    told: Key,
    bound: Key,
}

impl Merge {
    fn told(&mut self, rows: &[SignalRow]) {
        let is_whole = self.judged.len() == usize::from(PARTITIONS);
        let judged = self.judged.iter().copied().min().filter(|_| is_whole);
        // Of a partition with as many rows as are read at once there may be more behind the last.
        let of_one = rows.chunk_by(|one, next| one.partition == next.partition);
        let full = of_one.filter(|rows| rows.len() >= SIGNAL_ROWS_MAX as usize);
        let ends = full.filter_map(<[SignalRow]>::last);
        let ends = ends.map(|row| (row.time, row.partition, row.to));
        self.told = ends.chain([judged.unwrap_or_default()]).min().unwrap_or_default();
    }
}

impl Trail {
    /// Of a judge of the whole log that is not opened yet.
    pub fn new(history: History, stats: ReaderStats, rules: Arc<ArcSwap<Rulebook>>) -> Self {
        Self::of(history, rules, vec![(Whose::All, stats)], None)
    }

    /// Of a correlator.
    pub fn merged(history: History, stats: ReaderStats, rules: Arc<ArcSwap<Rulebook>>) -> Self {
        Self::of(history, rules, vec![(Whose::All, stats)], Some(Merge::default()))
    }

    /// Of a reader in these partitions.
    pub fn in_lanes(
        history: History,
        lines: impl Iterator<Item = (Whose, ReaderStats)>,
        rules: Arc<ArcSwap<Rulebook>>,
    ) -> Self {
        Self::of(history, rules, lines.collect(), None)
    }

    fn of(
        history: History,
        rules: Arc<ArcSwap<Rulebook>>,
        lines: Vec<(Whose, ReaderStats)>,
        merge: Option<Merge>,
    ) -> Self {
        Self(Arc::new(Mutex::new(Way {
            history,
            lines,
            merge,
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

    /// Whether it is a correlator's.
    pub fn is_merged(&self) -> bool {
        self.way().merge.is_some()
    }

    /// The judge is open and goes on at that time of the journal.
    pub fn opened(&self, at: Timestamp, up_since: Timestamp) {
        let mut way = self.way();
        way.opened_at = at;
        let book = way.rules.load_full();
        way.follows = Some(Arc::clone(&book));
        way.adds(&Did::Opened { up_since, book });
    }

    /// A step of the judge begins.
    pub fn begins(&self) {
        let mut way = self.way();
        way.waits = way.tried.is_some();
        if !way.waits {
            way.follow();
        }
    }

    /// The correlator read how far judges are.
    pub fn sees_judges(&self, cursors: &[Cursor]) {
        if let Some(merge) = &mut self.way().merge {
            let judges = cursors.iter().filter(|cursor| cursor.reader == JUDGE);
            let key = |cursor: &Cursor| (cursor.time, cursor.partition, cursor.position);
            merge.judged = judges.map(key).collect();
        }
    }

    /// Then it read what they found.
    pub fn sees_rows(&self, rows: &[SignalRow]) {
        self.way().merge.iter_mut().for_each(|merge| merge.told(rows));
    }

    /// Then it read all else, and works with all of it.
    pub fn has_looked(&self) {
        let merge = &mut self.way().merge;
        merge.iter_mut().for_each(|merge| merge.bound = merge.bound.max(merge.told));
    }

    /// The judge read what people decided, and does it.
    pub fn decides(&self, decisions: &[(i64, Decided)]) {
        let mut way = self.way();
        for (number, decided) in decisions {
            way.adds(&Did::Decided(*number, decided.clone()));
        }
    }

    /// The judge tries to make true what it did, perhaps not for the first time.
    pub fn tries(&self) {
        let mut way = self.way();
        if way.tried.is_none() {
            way.adds(&Did::Judged);
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
    fn adds(&mut self, what: &Did) {
        for (whose, stats) in &self.lines {
            let progress = &stats.progress;
            let at = progress.time().max(self.opened_at);
            let judged = (Timestamp::ZERO, 0, progress.done().0);
            let before = self.merge.as_ref().map_or(judged, |merge| merge.bound);
            self.fresh.push(Event { whose: *whose, before, at, what: what.clone() });
        }
    }

    /// It looks which rules are in force.
    fn follow(&mut self) {
        let book = self.rules.load_full();
        if self.follows.as_ref().is_none_or(|follows| !Arc::ptr_eq(follows, &book)) {
            self.follows = Some(Arc::clone(&book));
            self.adds(&Did::Followed { book });
        }
    }
}
