//! The alerts in memory by signature: the open ones, and those that ended but may come back; in
//! the order in which something is due of them, or they make room. From and to: the correlator,
//! which takes one out, changes it and puts it back, so that the orders hold.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use mutt_event::Timestamp;

use crate::Alert;

/// An alert, and its place among the changes if it changed since these were taken.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) alert: Alert,
    pub(crate) touched: Option<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Live {
    held: HashMap<Arc<str>, Box<Held>>,
    open: usize,
    timers: BTreeSet<(Timestamp, Arc<str>)>,
    /// Who makes room first: the ended, then those that nobody was told of, then by the last
    /// event.
    quiet: BTreeSet<(u8, Timestamp, Arc<str>)>,
}

/// When something is to be done with an alert.
fn due(alert: &Alert) -> Option<Timestamp> {
    if !alert.state.is_open() {
        return Some(alert.reopens_until.unwrap_or(Timestamp::ZERO));
    }
    let storm = alert.storm_of.as_ref().and_then(|storm| storm.looks_at);
    [alert.held_until, alert.closes_at, storm].into_iter().flatten().min()
}

fn rank(alert: &Alert) -> (u8, Timestamp) {
    let rank = match (alert.state.is_open(), alert.notices > 0) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) => 2,
    };
    (rank, alert.last_seen)
}

impl Live {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// How many of them are open.
    pub(crate) fn open(&self) -> usize {
        self.open
    }

    pub(crate) fn get(&self, signature: &str) -> Option<&Alert> {
        self.held.get(signature).map(|held| &held.alert)
    }

    pub(crate) fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.held.values().map(|held| &held.alert)
    }

    /// Puts in what is not there: by [`Live::remove`] or never.
    pub(crate) fn insert(&mut self, signature: Arc<str>, held: Box<Held>) {
        if let Some(at) = due(&held.alert) {
            self.timers.insert((at, signature.clone()));
        }
        let (rank, seen) = rank(&held.alert);
        self.quiet.insert((rank, seen, signature.clone()));
        self.open += usize::from(held.alert.state.is_open());
        self.held.insert(signature, held);
    }

    pub(crate) fn remove(&mut self, signature: &str) -> Option<(Arc<str>, Box<Held>)> {
        let (signature, held) = self.held.remove_entry(signature)?;
        if let Some(at) = due(&held.alert) {
            self.timers.remove(&(at, signature.clone()));
        }
        let (rank, seen) = rank(&held.alert);
        self.quiet.remove(&(rank, seen, signature.clone()));
        self.open -= usize::from(held.alert.state.is_open());
        Some((signature, held))
    }

    /// The alert as it is now, its place among the changes forgotten.
    pub(crate) fn taken(&mut self, signature: &str) -> Option<Alert> {
        let held = self.held.get_mut(signature)?;
        held.touched = None;
        Some(held.alert.clone())
    }

    pub(crate) fn next_timer(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Takes out the next alert that something is due of.
    pub(crate) fn pop_next(&mut self) -> Option<(Arc<str>, Box<Held>)> {
        let (_, signature) = self.timers.first()?.clone();
        self.remove(&signature)
    }

    /// Takes out the alert that makes room first.
    pub(crate) fn pop_quietest(&mut self) -> Option<(Arc<str>, Box<Held>)> {
        let (_, _, signature) = self.quiet.first()?.clone();
        self.remove(&signature)
    }
}
