//! The book in force, shared by all who go by it, and what is known of the one that should be.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use mutt_event::Timestamp;
use serde::Serialize;

use super::{Access, Book, BookFault};
use crate::Rulebook;

/// A revision that is not in force, since it has faults.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Refused {
    /// The revision.
    pub revision: u64,
    /// Its faults.
    pub faults: Vec<BookFault>,
}

impl Refused {
    /// The first few faults, in a line.
    pub fn words(&self) -> String {
        const SAID: usize = 5;
        let mut said: Vec<String> =
            self.faults.iter().take(SAID).map(ToString::to_string).collect();
        if self.faults.len() > SAID {
            said.push(format!("and {} more", self.faults.len() - SAID));
        }
        format!("revision {}: {}", self.revision, said.join("; "))
    }
}

/// What is in force, and since when.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The revision in force.
    pub revision: u64,
    /// A hash of its rules.
    pub rules_revision: String,
    /// How many rules.
    pub rules: usize,
    /// Since when it is in force.
    pub since: Timestamp,
    /// The newer revision that is not in force.
    pub refused: Option<Refused>,
    /// How often a revision was refused since the start.
    pub refusals: u64,
    /// How often one came into force since the start.
    pub loads: u64,
}

/// The book in force. A message is judged by one book, whatever comes meanwhile.
pub struct InForce {
    rules: Arc<ArcSwap<Rulebook>>,
    book: ArcSwap<Book>,
    /// Those of the newest catalog, even if that is refused: whoever mends it needs a key.
    keys: ArcSwap<Vec<Access>>,
    state: Mutex<State>,
}

impl InForce {
    /// The first book.
    pub fn new(book: Book, now: Timestamp) -> Self {
        let this = Self {
            rules: Arc::new(ArcSwap::new(Arc::clone(&book.rulebook))),
            keys: ArcSwap::new(Arc::clone(&book.keys)),
            state: Mutex::new(State::of(&book, now)),
            book: ArcSwap::from_pointee(book),
        };
        this.state().loads = 1;
        this
    }

    /// What the judge reads for each batch.
    pub fn rules(&self) -> Arc<ArcSwap<Rulebook>> {
        Arc::clone(&self.rules)
    }

    /// The book in force.
    pub fn book(&self) -> Arc<Book> {
        self.book.load_full()
    }

    /// The keys that open.
    pub fn keys(&self) -> Arc<Vec<Access>> {
        self.keys.load_full()
    }

    /// What is in force.
    pub fn now(&self) -> State {
        self.state().clone()
    }

    /// Whether this revision needs no look: it is in force, or known to be refused.
    pub fn knows(&self, revision: u64) -> bool {
        let state = self.state();
        let refused = state.refused.as_ref().is_some_and(|refused| refused.revision >= revision);
        refused || state.revision >= revision
    }

    /// Puts a newer book in force; an older one is left aside. Answers whether it came in force.
    pub fn put(&self, book: Book, now: Timestamp) -> bool {
        let mut state = self.state();
        if book.revision <= state.revision {
            return false;
        }
        let (loads, refusals) = (state.loads, state.refusals);
        let refused = state.refused.take().filter(|refused| refused.revision > book.revision);
        if refused.is_none() {
            self.keys.store(Arc::clone(&book.keys));
        }
        *state = State { loads: loads + 1, refusals, refused, ..State::of(&book, now) };
        self.rules.store(Arc::clone(&book.rulebook));
        self.book.store(Arc::new(book));
        true
    }

    /// A revision has faults: what is in force goes on.
    pub fn refuse(&self, refused: Refused, keys: Vec<Access>) {
        let mut state = self.state();
        if refused.revision > state.revision {
            self.keys.store(Arc::new(keys));
            state.refused = Some(refused);
            state.refusals += 1;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is made whole before the lock is left.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn of(book: &Book, now: Timestamp) -> Self {
        let rules = &book.rulebook.rules;
        Self {
            revision: book.revision,
            rules_revision: rules.revision().to_owned(),
            rules: rules.len(),
            since: now,
            ..Self::default()
        }
    }
}
