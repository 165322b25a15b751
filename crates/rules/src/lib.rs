//! From: events. To: verdicts: which rule owns an event, which alerts it clears, and why.
//!
//! Pure: no clock, socket, file or runtime.

mod handling;

pub use handling::{AlertSeverity, Environment, Handling};
