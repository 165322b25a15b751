//! What people do with an alert. From: the API, by way of the database. To: the correlator.

use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};

/// What somebody does with an alert.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "do", deny_unknown_fields)]
pub enum Decision {
    /// They know of it.
    Acknowledge,
    /// They work on it.
    Take,
    /// It is over, or does not matter.
    Close {
        /// Why.
        why: String,
    },
    /// They say something about it.
    Comment {
        /// What.
        text: String,
    },
    /// It has a ticket in another system.
    Ticket {
        /// The ticket's number or address.
        ticket: String,
    },
}

/// A decision on its way to the correlator.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Decided {
    /// The alert's id.
    pub alert_id: String,
    /// Its signature, by which it is found.
    pub signature: String,
    /// Who decided.
    pub who: String,
    /// When, by the clock of the one who took it.
    pub at: Timestamp,
    /// What.
    pub decision: Decision,
}
