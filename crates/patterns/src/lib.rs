//! From: events that no rule wants. To: patterns of them with counts and samples, triggers to
//! tell, and proposals for rules.
//!
//! Pure: no clock, socket, file or runtime. Time is what the caller says it is.
//!
//! - [`Miner`]: counts each event for its [`Pattern`], within [`Limits`].
//! - [`Trigger`]: a pattern is new, surges, or is too many.
//! - [`propose`]: a pattern becomes the regex and key of a rule to be.

mod account;
mod cache;
mod decision;
mod form;
mod held;
mod hours;
mod intern;
mod keys;
mod kin;
mod limits;
mod load;
mod mask;
mod miner;
mod pattern;
mod proposal;
mod shape;
mod stats;
mod tally;
mod templates;
mod trigger;
mod words;

pub use account::{Account, Gone};
pub use decision::PatternDecided;
pub use hours::{HOURS_MAX, Hours};
pub use limits::Limits;
pub use miner::{Miner, Seen};
pub use pattern::{Pattern, PatternId, Sample, State, Told};
pub use proposal::{Capture, Proposal, propose};
pub use stats::Stats;
pub use tally::Tally;
pub use trigger::{Trigger, TriggerKind};
