//! From: signals, the few events that a rule wants. To: alerts, and notices of them to send.
//!
//! Pure: no clock, socket, file or runtime. Time is what the caller says it is.

mod correlator;
mod model;
mod open;
mod signature;

pub use correlator::{Changes, Correlator, Effect, OPEN_LIMIT, Totals};
pub use model::{Alert, AlertState, Notice, NoticeKind, RuleRef, Signal, SignalKind};
pub use signature::{SIGNATURE_BYTES_MAX, signature};
