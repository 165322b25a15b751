//! From: signals, the few events that a rule wants, and what people decide. To: alerts, and
//! notices of them to send.
//!
//! Pure: no clock, socket, file or runtime. Time is what the caller says it is.

mod absent;
mod alert;
mod between;
mod correlator;
mod count;
mod decision;
mod drill;
mod family;
mod flapping;
mod follow;
mod hush;
mod life;
mod live;
mod moment;
mod quiet;
#[cfg(feature = "reference")]
pub mod reference;
mod sequence;
mod signal;
mod signature;
mod silence;
mod storm;
mod track;
mod unhandled;

pub use absent::Watched;
pub use alert::{Alert, AlertState, Ending, HOSTS_MAX, Notice, NoticeKind, RuleRef, Told};
pub use correlator::{Changes, Correlator, OPEN_LIMIT, State, Totals};
pub use decision::{Decided, Decision};
pub use drill::{DRILL_APP, DRILL_LASTS, DRILL_RULE, Drill, Drills, drill_plan, drill_words};
pub use hush::SILENCE_RULE;
pub use moment::{MOMENTS_MAX, Moment, What};
pub use quiet::{Effect, Flap, Quiet};
pub use signal::{Facts, Signal, SignalKind, own_plan};
pub use signature::{SIGNATURE_BYTES_MAX, signature, signature_of};
pub use silence::{
    AlertField, Comparison, Holds, Matcher, Recurrence, Reminder, SilencePlan, Silences, WindowText,
};
pub use storm::{STORM_RULE, StormLimits, StormOf};
pub use track::{Counted, Track, TrackChange};
pub use unhandled::PATTERN_RULE;
