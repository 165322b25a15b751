//! From: signals, the few events that a rule wants. To: alerts, and notices of them to send.
//!
//! Pure: no clock, socket, file or runtime. Time is what the caller says it is.

mod model;

pub use model::{Alert, AlertState, Notice, NoticeKind, RuleRef, Signal, SignalKind};
