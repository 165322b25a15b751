//! Drills as the catalog has them. From: who asks for one. To: the engine, which knows a drill's
//! message by them, in each process and at any time.

use std::time::Duration;

use mutt_alert::{Drill, Drills};
use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};

/// How much the clocks of processes may differ.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);

/// A drill: a test of the whole way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillItem {
    /// Its id: letters and digits, random.
    pub id: String,
    /// Who asked for it.
    pub who: String,
    /// Who is told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub team: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// A message that is stored then or later is none of it.
    pub until: Timestamp,
}

/// All of them, as the engine knows them.
pub(super) fn drills(all: &[DrillItem]) -> Drills {
    let of = |one: &DrillItem| Drill {
        id: one.id.clone(),
        team: one.team.clone(),
        // Who made it and who stores messages may have clocks that differ a little.
        from: one.made_at.before(CLOCKS_DIFFER),
        until: one.until,
    };
    Drills::new(all.iter().map(of).collect())
}
