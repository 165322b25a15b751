//! From: bytes that an input received. To: an [`Event`] with fields, that the rules judge.
//!
//! Pure: no clock, socket, file or runtime. A parser never fails; it only knows less.

mod envelope;
mod id;
mod severity;
mod time;

pub use envelope::{Envelope, EnvelopeError, Flags, Input, Kind};
pub use id::{MessageId, MessageIdError};
pub use severity::Severity;
pub use time::Timestamp;
