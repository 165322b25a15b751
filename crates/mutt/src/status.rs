//! How each part of the process is, as it says itself.
//!
//! From: inputs, workers, the writer. To: /readyz, the monitor and metrics.
//! Written on a change only, never per message.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mutt_event::Timestamp;
use mutt_pipeline::Seat;

/// The state of all parts. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Status(Arc<Mutex<Parts>>);

/// All that is known of the parts.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Since when all inputs take messages; none while they do not.
    pub inputs_up_since: Option<Timestamp>,
    /// Each input that connects by itself, and why it takes nothing now.
    pub inputs: BTreeMap<String, Option<String>>,
    /// Why the journal takes nothing more, if it does not.
    pub journal_failed: Option<String>,
    /// Each worker, and what is wrong with it now.
    pub workers: BTreeMap<String, Option<String>>,
    /// How each worker stands to its lease.
    pub seats: BTreeMap<String, Seat>,
    /// Each destination of messages or alerts, and why it takes nothing now.
    pub destinations: BTreeMap<String, Option<String>>,
}

impl Status {
    /// A copy of all.
    pub fn parts(&self) -> Parts {
        self.lock().clone()
    }

    /// Says that all inputs take messages since `at`, or that they do not any more.
    pub fn inputs_up(&self, at: Option<Timestamp>) {
        self.lock().inputs_up_since = at;
    }

    /// Says how an input is that connects by itself.
    pub fn input(&self, name: &str, down: Option<String>) {
        set(&mut self.lock().inputs, name, down);
    }

    /// Says that the journal takes nothing more. The first reason stays.
    pub fn journal_failed(&self, why: String) {
        self.lock().journal_failed.get_or_insert(why);
    }

    /// Says how a worker is.
    pub fn worker(&self, name: &str, wrong: Option<String>) {
        set(&mut self.lock().workers, name, wrong);
    }

    /// Says how a worker stands to its lease; none: it begins anew.
    pub fn seat(&self, worker: &str, seat: Option<Seat>) {
        let seats = &mut self.lock().seats;
        match seat {
            Some(seat) => seats.insert(worker.to_owned(), seat),
            None => seats.remove(worker),
        };
    }

    /// Whether another process does this worker's job.
    pub fn stands_by(&self, worker: &str) -> bool {
        matches!(self.lock().seats.get(worker), Some(Seat::Standby { .. }))
    }

    /// Says how a destination is.
    pub fn destination(&self, name: &str, down: Option<String>) {
        set(&mut self.lock().destinations, name, down);
    }

    fn lock(&self) -> MutexGuard<'_, Parts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn set(parts: &mut BTreeMap<String, Option<String>>, name: &str, wrong: Option<String>) {
    match parts.get_mut(name) {
        Some(state) => *state = wrong,
        None => {
            parts.insert(name.to_owned(), wrong);
        }
    }
}
