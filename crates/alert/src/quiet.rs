//! Why nobody is told of an alert, or of an event. From: the correlator. To: whoever asks why it
//! was quiet.

use std::fmt;

use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};

/// Why nobody is told of an open alert.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "because")]
pub enum Quiet {
    /// Its rule only logs.
    Logged,
    /// It is told only if it lasts.
    Held {
        /// Until when.
        until: Timestamp,
    },
    /// Somebody silenced it, or it is in a maintenance window.
    Silenced {
        /// The silence's or window's name.
        by: String,
    },
    /// An open alert of a parent explains it.
    ChildOf {
        /// The parent's signature.
        parent: String,
    },
    /// What it is about comes and goes, and another alert says so.
    Flapping {
        /// That alert's signature.
        told_by: String,
    },
    /// Too many alerts opened in a minute, and one alert stands for them.
    Storm {
        /// That alert's signature.
        told_by: String,
    },
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quiet::Logged => f.write_str("its rule only logs"),
            Quiet::Held { until } => write!(f, "held until {until}"),
            Quiet::Silenced { by } => write!(f, "silenced by {by}"),
            Quiet::ChildOf { parent } => write!(f, "child of {parent}"),
            Quiet::Flapping { told_by } => write!(f, "flapping, told by {told_by}"),
            Quiet::Storm { told_by } => write!(f, "storm, told by {told_by}"),
        }
    }
}

/// A problem that comes and goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Flap {
    /// Since when it is called so.
    pub since: Timestamp,
    /// How often it began or ended since then.
    pub changes: u32,
    /// Whether the problem is there at the moment.
    pub is_there: bool,
}

/// What a signal did.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Effect {
    /// A new alert is open.
    Opened,
    /// An alert that had ended is open again.
    Reopened,
    /// An open alert counts one more.
    Repeated,
    /// An open alert counts one more and is of a higher severity now.
    Worse,
    /// An open alert has ended.
    Cleared,
    /// Counted, and not yet enough.
    BelowThreshold {
        /// How many are in the window.
        have: u32,
        /// How many it takes.
        need: u32,
    },
    /// A sequence began, or came further.
    Waiting,
    /// A sequence was broken by what must not come between.
    Broken,
    /// What a rule of absence expects came in time.
    Seen,
    /// A clear just before it ended this problem already.
    ClearedEarly,
    /// It came or went while it flaps.
    Flapped,
    /// Nothing: a clear of what is not open, or noise that the rule suppresses.
    Nothing,
}
