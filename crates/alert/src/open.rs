//! The open alerts by signature, and in the order in which they close or make room. From and to:
//! the correlator, which takes one out, changes it and puts it back, so that the orders hold.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use mutt_event::Timestamp;

use crate::Alert;

/// An open alert, and its place among the changes if it changed since these were taken.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) alert: Alert,
    pub(crate) touched: Option<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct OpenAlerts {
    held: HashMap<Arc<str>, Held>,
    /// When each alert that closes itself does so.
    timers: BTreeSet<(Timestamp, Arc<str>)>,
    /// Who makes room first: those that nobody was told of, then by the last event.
    quiet: BTreeSet<(bool, Timestamp, Arc<str>)>,
}

impl OpenAlerts {
    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// Puts in what is not there: by [`OpenAlerts::remove`] or never.
    pub(crate) fn insert(&mut self, signature: Arc<str>, held: Held) {
        let alert = &held.alert;
        if let Some(at) = alert.closes_at {
            self.timers.insert((at, signature.clone()));
        }
        self.quiet.insert((alert.notices > 0, alert.last_seen, signature.clone()));
        self.held.insert(signature, held);
    }

    pub(crate) fn remove(&mut self, signature: &Arc<str>) -> Option<Held> {
        let held = self.held.remove(signature)?;
        let alert = &held.alert;
        if let Some(at) = alert.closes_at {
            self.timers.remove(&(at, signature.clone()));
        }
        self.quiet.remove(&(alert.notices > 0, alert.last_seen, signature.clone()));
        Some(held)
    }

    /// The alert as it is now, its place among the changes forgotten.
    pub(crate) fn taken(&mut self, signature: &Arc<str>) -> Option<Alert> {
        let held = self.held.get_mut(signature)?;
        held.touched = None;
        Some(held.alert.clone())
    }

    pub(crate) fn next_timer(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Takes out the next alert whose time is over at `now`, with that time.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, Held)> {
        let (at, signature) = self.timers.first().filter(|(at, _)| *at <= now)?.clone();
        Some((at, self.remove(&signature)?))
    }

    /// Takes out the alert that makes room first.
    pub(crate) fn pop_quietest(&mut self) -> Option<Held> {
        let (_, _, signature) = self.quiet.first()?.clone();
        self.remove(&signature)
    }
}
