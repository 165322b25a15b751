//! What is remembered of a subject beside its alert: windows of counts, sequences that began,
//! clears that came early, who is expected, what flaps, how many were told, when silences were
//! looked at. From and to: the correlator; each change goes to the database, so that a restart
//! forgets nothing.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use mutt_event::{MessageId, Timestamp};
use mutt_rules::Plan;
use serde::{Deserialize, Serialize};

use crate::Facts;
use crate::absent::Watched;

/// One event in a window.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Counted {
    /// When it was appended.
    pub at: Timestamp,
    /// The message.
    pub id: MessageId,
    /// What is counted if different values are, else the host if there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<str>>,
}

/// What is remembered of one subject.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "track")]
pub enum Track {
    /// Events below a threshold, the oldest first.
    Window {
        /// The events.
        events: Vec<Counted>,
        /// When the last of them leaves the window.
        until: Timestamp,
    },
    /// A sequence that began.
    Sequence {
        /// Its first event.
        first: Box<Facts>,
        /// What has to come between came.
        with: bool,
        /// The last moment for what has to follow.
        until: Timestamp,
    },
    /// A clear without its problem.
    EarlyClear {
        /// The clear.
        id: MessageId,
        /// The last moment for the problem.
        until: Timestamp,
    },
    /// Somebody who is expected.
    Watched(Box<Watched>),
    /// Something that came and went.
    Flaps {
        /// The penalty in millionths, at `at`.
        penalty_micros: u64,
        /// When it changed last.
        at: Timestamp,
        /// The signature of the alert that says that it flaps; none: it does not.
        told_by: Option<String>,
        /// When it is calm again, or forgotten.
        due: Timestamp,
    },
    /// Alerts that were told one by one in the last minute.
    Valve {
        /// When each was.
        told: Vec<Timestamp>,
    },
    /// Which silences hold was looked at.
    Hushed {
        /// When last.
        at: Timestamp,
    },
}

/// How long a valve looks back.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

impl Track {
    /// When something is to be done with it.
    fn due(&self) -> Option<Timestamp> {
        // The last moment still counts.
        let behind = |until: &Timestamp| Timestamp::from_micros(until.as_micros() + 1);
        match self {
            Track::Window { until, .. }
            | Track::Sequence { until, .. }
            | Track::EarlyClear { until, .. } => Some(behind(until)),
            Track::Watched(watched) => watched.due,
            Track::Flaps { due, .. } => Some(*due),
            Track::Valve { told } => told.last().map(|at| at.after(MINUTE)),
            Track::Hushed { .. } => None,
        }
    }

    /// Whether it may be forgotten to make room.
    fn makes_room(&self) -> bool {
        matches!(self, Track::Window { .. } | Track::Sequence { .. } | Track::EarlyClear { .. })
    }
}

/// A track that changed: as it is now, or gone.
#[derive(Clone, PartialEq, Debug)]
pub struct TrackChange {
    /// Its name.
    pub key: String,
    /// What is remembered; none: nothing any more.
    pub track: Option<Track>,
}

/// All tracks by name: kind, rule, and signature or object.
#[derive(Debug, Default)]
pub(crate) struct Tracks {
    kept: HashMap<Arc<str>, Track>,
    timers: BTreeSet<(Timestamp, Arc<str>)>,
    /// The names of those that changed since that was taken.
    touched: BTreeSet<Arc<str>>,
}

/// The kinds of tracks, as their names begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Count,
    Sequence,
    Early,
    Absent,
    Flaps,
    Valve,
    Hushed,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Count => "count",
            Kind::Sequence => "sequence",
            Kind::Early => "early",
            Kind::Absent => "absent",
            Kind::Flaps => "flaps",
            Kind::Valve => "valve",
            Kind::Hushed => "hushed",
        }
    }

    /// The name of the track of a rule's subject; of what no rule owns alone the rule is empty.
    pub(crate) fn key(self, rule: &str, subject: &str) -> String {
        format!("{}:{rule}:{subject}", self.name())
    }

    /// The name of a track that counts only for alerts that the rule tells apart in this way.
    pub(crate) fn shaped(self, plan: &Plan, signature: &str) -> String {
        let Plan { rule_id, shape, .. } = plan;
        format!("{}:{rule_id}:{shape}:{signature}", self.name())
    }
}

/// Whether a name's subject, as [`Kind::shaped`] made it, is of this plan.
pub(crate) fn has_shape(subject: &str, plan: &Plan) -> bool {
    subject.split_once(':').is_some_and(|(shape, _)| shape == plan.shape)
}

/// The rule and the subject in a track's name.
pub(crate) fn parts(key: &str) -> Option<(&str, &str)> {
    let mut parts = key.splitn(3, ':').skip(1);
    Some((parts.next()?, parts.next()?))
}

impl Tracks {
    pub(crate) fn restore(&mut self, key: String, track: Track) {
        self.put(key.into(), track);
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Track> {
        self.kept.get(key)
    }

    /// The names of those that are so, in their order.
    pub(crate) fn names(&self, is_so: impl Fn(&str, &Track) -> bool) -> Vec<Arc<str>> {
        let found = self.kept.iter().filter(|(key, track)| is_so(key, track));
        let mut names: Vec<Arc<str>> = found.map(|(key, _)| key.clone()).collect();
        names.sort_unstable();
        names
    }

    /// Takes one out, to be put back changed, or not.
    pub(crate) fn remove(&mut self, key: &str) -> Option<(Arc<str>, Track)> {
        let (key, track) = self.kept.remove_entry(key)?;
        if let Some(at) = track.due() {
            self.timers.remove(&(at, key.clone()));
        }
        self.touched.insert(key.clone());
        Some((key, track))
    }

    /// Puts one in, in the place of that of its name.
    pub(crate) fn insert(&mut self, key: Arc<str>, track: Track) {
        self.touched.insert(key.clone());
        self.put(key, track);
    }

    fn put(&mut self, key: Arc<str>, track: Track) {
        let due = track.due();
        if let Some(at) = self.kept.insert(key.clone(), track).and_then(|before| before.due()) {
            self.timers.remove(&(at, key.clone()));
        }
        if let Some(at) = due {
            self.timers.insert((at, key));
        }
    }

    pub(crate) fn next_timer(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Takes out the next track that something is due of.
    pub(crate) fn pop_next(&mut self) -> Option<(Arc<str>, Track)> {
        let (_, key) = self.timers.first()?.clone();
        self.remove(&key)
    }

    /// Forgets the one that ends first of those that may go; answers whether there was one.
    pub(crate) fn make_room(&mut self) -> bool {
        let mut keys = self.timers.iter().map(|(_, key)| key);
        let first = keys.find(|key| self.get(key).is_some_and(Track::makes_room)).cloned();
        first.is_some_and(|key| self.remove(&key).is_some())
    }

    /// What changed since the last call, each once, by name.
    pub(crate) fn take_changes(&mut self) -> Vec<TrackChange> {
        let touched = std::mem::take(&mut self.touched).into_iter();
        let change = |key: Arc<str>| {
            let track = self.kept.get(&key).cloned();
            TrackChange { key: key.as_ref().to_owned(), track }
        };
        touched.map(change).collect()
    }
}
