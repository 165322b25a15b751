//! From: inputs, as batches of stored messages. To: readers, each at its own pace.
//!
//! A message is safe once [`Appender::append`] has answered: it is on disk and synced.
//!
//! # What it must do
//!
//! * Never lose, repeat or change a record that it said is stored; never show a part of a batch
//!   that it said is not.
//! * Cost one write and one sync for many batches; let any number of readers follow, each at its
//!   own place; forget old records only whole segments at a time.
//! * Open again after anything (kill, power cut, full disk, flipped bits, lost files) without a
//!   person's help, and say exactly which positions are gone.
//!
//! # How it does it
//!
//! Inputs put batches into a [`queue`]. One [`Writer`], on a thread of its own, takes whatever
//! waits, lets the [`Log`] write and sync it, and answers. A [`Handle`] is the reading side: a
//! [`Reader`] for each who reads, counts for the ledger, the synced end. [`Disk`] is the only way
//! to files. [`inspect`] and [`export`] look at a journal from outside.
//!
//! [`RedisJournal`] does the same over Redis Streams, where each partition is a [`Lane`] of its own;
//! its module's head says how. What follows is of the segmented log.
//!
//! # On disk
//!
//! A folder holds segments, named by the position of their first record in 20 digits, and `lock`.
//! Integers are little-endian; each crc is crc32c.
//!
//! ```text
//! 00000000000000000001.seg   preallocated, zeros after the end
//! ┌────────┬────────┬────────┬────────┬── ─ ─ ──┬──────┬─ ─ ─ ─
//! │ header │ header │ record │ record │         │ mark │ zeros
//! └────────┴────────┴────────┴────────┴── ─ ─ ──┴──────┴─ ─ ─ ─
//! header  "MUTTJRNL" version:u32 partitions:u16 0:u16 identity:16 first:u64 previous:u64
//!         last_append:i64 stored:u64 × partitions, crc:u32 of all before; filled up to 4,096
//!         bytes (more for more than 504 partitions), and written twice
//! record  len:u32 crc:u32 seq:u64 partition:u16 time:i64 payload
//!         len counts from partition on; crc covers all but itself; time in µs since 1970
//! mark    0xFFFFFFFF:u32 crc:u32 seq:u64
//!         ends each commit, and is overwritten by the next; seq is the next position
//! ```
//!
//! `stored` counts all records before the segment, by partition, since the journal's birth;
//! `previous` is the first position of the segment before, so that a missing file is noticed.
//!
//! # Invariants
//!
//! * Positions (`seq`) are dense within a segment and rise over all; none is given twice once a
//!   reader may have passed it ([`Log::open`] takes the highest cursor).
//! * A commit lies in one segment. A batch too large for what is left starts a new one.
//! * Readers see nothing beyond the synced end.
//! * Append times never go backwards.
//! * `end - 1 = sum of stored + lost` ([`Totals`]). `lost` are positions that recovery could not
//!   read or had to leave free. A record damaged after it was counted stays in `stored`; readers
//!   report it in [`ReadBatch::lost`], and [`Handle::damaged`] counts it.
//! * A failed sync is final. A write that finds the disk full is taken back before it is answered.
//! * Only whole segments are trimmed, oldest first, one durable removal at a time.
//!
//! # Damage
//!
//! At the end of the last segment, bytes after which nothing valid comes are a torn write: they
//! are cut, since the mark of a finished commit would have stood after them. Anything else is
//! quarantined: left where it is and skipped, from the position that was expected to that of the
//! next record whose crc holds. Should a power cut keep a later sector of an unfinished commit and
//! lose an earlier one, then positions that nobody was told of count as lost: too many, never too
//! few. What no checksum can tell: damage to the very last mark looks like, and is treated as, a
//! torn write; no record is lost by it.

mod any_lane;
mod append;
mod batch;
mod clock;
mod disk;
mod handle;
mod inspect;
mod lane;
mod log;
mod options;
mod reader;
mod real_disk;
mod receipt;
mod recover;
mod redis;
mod scan;
mod segment;
mod sim_disk;
mod sim_lane;
mod stats;
mod view;
mod writer;

pub use self::redis::{
    Durability, RedisFigures, RedisHealth, RedisJournal, RedisLane, RedisOptions, RedisReader,
    RedisTrimmed, SimCall, SimFate, SimRedis, SimRedisLane, SimRedisReader, SimWriter, Topology,
};
pub use any_lane::{AnyLane, AnyReader};
pub use append::{AppendError, Appender, Batch, Pending, Position, Queue, Queued, WhenFull, queue};
pub use batch::{ReadBatch, Record};
pub use clock::{Clock, SystemClock};
pub use disk::{Disk, File};
pub use handle::{Handle, Totals};
pub use inspect::{Exported, HeaderState, Inspection, SegmentReport, export, inspect};
pub use lane::{Lane, LaneReader};
pub use log::{Log, TrimError, Trimmed};
pub use options::{OpenError, Options, WhenJournalFull};
pub use reader::{ReadError, Reader};
pub use real_disk::RealDisk;
pub use receipt::{Receipt, Run};
pub use recover::Recovery;
pub use segment::PAYLOAD_MAX;
pub use sim_disk::{SimDisk, SimFile, SimLock};
pub use sim_lane::SimLane;
pub use stats::{COMMIT_SIZE_BOUNDS, COMMIT_TIME_BOUNDS_US, JournalStats, StatsSnapshot};
pub use writer::{Control, Step, Writer};
