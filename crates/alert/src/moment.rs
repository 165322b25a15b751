//! What happened to an alert, for its time line. From: the correlator. To: the database, where
//! it is appended and never changed.

use mutt_event::{MessageId, Timestamp};
use mutt_rules::AlertSeverity;
use serde::{Deserialize, Serialize};

use crate::{Ending, NoticeKind, Quiet};

/// The most moments of one alert; what people do and how it ended is written down beyond it.
pub const MOMENTS_MAX: u32 = 500;

/// One moment of an alert.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Moment {
    /// The alert's id.
    pub alert_id: String,
    /// When, on the journal's time.
    pub at: Timestamp,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum What {
    /// It opened.
    Opened {
        /// Why, in words.
        reason: String,
    },
    /// An event of it: each of the first, then fewer and fewer.
    Event {
        /// Its number among the alert's events.
        number: u64,
        /// The message.
        id: MessageId,
        /// Whose it was.
        host: String,
        /// How bad it was.
        severity: AlertSeverity,
        /// The message as received, as much as is kept.
        raw: String,
    },
    /// The messages that made it up, of an alert that took several to open.
    MadeUpOf {
        /// The messages, the oldest first.
        ids: Vec<MessageId>,
    },
    /// The event that ended it.
    ClearEvent {
        /// The message.
        id: MessageId,
        /// The message as received, as much as is kept.
        raw: String,
    },
    /// Its problem came back.
    Reopened,
    /// A notice was made of it.
    Told {
        /// The notice's id.
        notice_id: String,
        /// What it tells.
        kind: NoticeKind,
    },
    /// From now on nobody is told of it.
    Quiet {
        /// Why.
        why: Vec<Quiet>,
    },
    /// From now on it is told again.
    Audible,
    /// It comes and goes.
    Flapping,
    /// It does not come and go any more.
    Calm,
    /// It ended.
    Ended {
        /// Why.
        ending: Ending,
    },
    /// Somebody did something with it.
    Decided {
        /// Who.
        who: String,
        /// What.
        decision: crate::Decision,
    },
}
