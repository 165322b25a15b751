//! From: inputs, as batches of stored messages. To: readers, each at its own pace.
//!
//! A message is safe once [`Appender::append`] has answered: it is on disk and synced.

mod append;
mod batch;
mod clock;
mod disk;
mod handle;
mod log;
mod options;
mod reader;
mod real_disk;
mod recover;
mod scan;
mod segment;
mod sim_disk;
mod stats;
mod writer;

pub use append::{
    AppendError, Appender, Batch, Pending, Position, Queue, Queued, Receipt, WhenFull, queue,
};
pub use batch::{ReadBatch, Record};
pub use clock::{Clock, SystemClock};
pub use disk::{Disk, File};
pub use handle::{Handle, Totals};
pub use log::{Log, TrimError, Trimmed};
pub use options::{OpenError, Options, WhenJournalFull};
pub use reader::{ReadError, Reader};
pub use real_disk::RealDisk;
pub use recover::Recovery;
pub use segment::PAYLOAD_MAX;
pub use sim_disk::{SimDisk, SimFile, SimLock};
pub use stats::{COMMIT_SIZE_BOUNDS, COMMIT_TIME_BOUNDS_US, JournalStats, StatsSnapshot};
pub use writer::{Control, Step, Writer};
