//! From: inputs, as batches of stored messages. To: readers, each at its own pace.
//!
//! A message is safe once [`Appender::append`] has answered: it is on disk and synced.

mod append;
mod clock;

pub use append::{
    AppendError, Appender, Batch, Pending, Position, Queue, Queued, Receipt, WhenFull, queue,
};
pub use clock::{Clock, SystemClock};
