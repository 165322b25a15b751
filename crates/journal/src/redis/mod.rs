//! The journal over Redis Streams: each partition is a lane, and a stream of packed batches.
//!
//! From: the same queue that feeds the segmented log. To: the same readers. Redis 6.2 or newer, or
//! Valkey; one server, a master that Sentinels watch, or a Redis Cluster.
//!
//! # Keys
//!
//! ```text
//! mutt:journal          hash: identity, partitions, version, complete; made once
//! mutt:{3}:events       stream: an entry is a packed batch of at most 500 messages or 256 KiB
//! mutt:{3}:state        hash: identity, next, time, stored, bytes, raw, run, free
//! mutt:{3}:writer:UUID  a writer's last round: number, first position, time; for a day
//!
//! an entry   id  <position of its first message>-<append time in µs>
//!            b   the messages, compressed and sealed (see `blob.rs`)
//!            c r bytes of blobs, and of what is in them, before this entry since the lane's birth
//!            p   only where positions jump: the position after the last message before
//! ```
//!
//! `state` holds what comes next: `next` the position, `time` the last append, `stored`, `bytes`
//! and `raw` what was stored since the lane's birth, `free` the positions left free, `run` the
//! history of the server that stored last.
//!
//! # Why positions stand in the ids
//!
//! Within a lane positions are dense, from 1, and a small script gives them (`script.rs`). So what
//! is lost is exact, as in the segmented log: a reader that finds a position missing knows how many
//! messages are, whether the entry was trimmed, deleted or damaged. What Redis tells of deleted
//! entries counts entries, of which nobody knows any more how many messages they held, and says
//! nothing of damaged ones. The script also takes the append time from the server's clock, never
//! going back, and puts it into the id: time and bytes are found by a binary search.
//!
//! # Why nothing is stored twice
//!
//! A writer's round is one call of the script: all of its entries are stored, or none. Rounds have
//! a number for each lane and writer, of which the server remembers the last. A round whose answer
//! was lost is sent again as it is until it is answered, and the script answers where it was stored.
//!
//! # What a failover may lose
//!
//! A replica that takes over may lack the newest entries; readers may have passed them, and no
//! position may be given twice. Each history of a server has an id of its own (`master_replid`), which
//! the script looks up itself: a connection may outlive a master's fall and return. Under another id
//! than the last round's it leaves 2^24 positions free and says so in the entry (`p`), and readers
//! report them as [`ReadBatch::free`](crate::ReadBatch::free), not lost. A reader that had passed
//! `p` counts what was `withdrawn`. A restart of a server has a new id too.
//!
//! # How it works
//!
//! [`RedisJournal::serve`] splits batches by partition (`dispatch.rs`); one task a lane stores what
//! waits (`write.rs`). One task a lane looks what is there (`watcher.rs`). A [`RedisReader`] asks
//! tasks to fetch and unpack (`fetch.rs`), over the same connection as the watcher. Whatever is
//! wrong with Redis is back-pressure with a reason: nothing is kept but what waits in the queue.

mod blob;
mod core;
mod dispatch;
mod durability;
mod fetch;
mod keys;
mod lane;
mod link;
mod make;
mod options;
mod pack;
mod reader;
mod script;
mod seek;
mod sim;
mod ticket;
mod topology;
mod trim;
mod trouble;
mod watcher;
mod write;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use mutt_event::Timestamp;
use tokio::runtime::Handle;

pub use self::lane::{RedisFigures, RedisLane};
pub use self::options::{Durability, RedisOptions, Topology};
pub use self::reader::RedisReader;
pub use self::sim::{SimCall, SimFate, SimRedis, SimRedisLane, SimRedisReader, SimWriter};
pub use self::trim::RedisTrimmed;

use self::core::{Core, Site, locked};
use crate::append::{Position, Queue};
use crate::options::OpenError;
use crate::reader::ReadError;
use crate::stats::JournalStats;

/// A journal in Redis. Cheap to clone.
#[derive(Clone)]
pub struct RedisJournal {
    site: Arc<Site>,
    lanes: Arc<[RedisLane]>,
    stats: JournalStats,
}

impl fmt::Debug for RedisJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisJournal").field("lanes", &self.lanes).finish_non_exhaustive()
    }
}

/// How the journal is, for readiness.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RedisHealth {
    /// The servers' settings need not be durable.
    pub relaxed: bool,
    /// What is weak or does not go on, each in words; empty if all is well.
    pub reasons: Vec<String>,
}

impl RedisJournal {
    /// Opens the journal, or makes it if there is none. All that is asked later is asked on
    /// `runtime`, which must go on while readers wait: they hold their own threads up.
    ///
    /// # Errors
    /// [`OpenError`]: settings that cannot work, another number of partitions or format, a server
    /// that is not as durable as is asked for, or none that answers.
    pub async fn connect(options: RedisOptions, runtime: Handle) -> Result<Self, OpenError> {
        let (site, cores) = make::open(options, runtime).await?;
        cores.iter().for_each(watcher::start);
        let lanes = cores.into_iter().map(RedisLane).collect();
        Ok(Self { site, lanes, stats: JournalStats::default() })
    }

    /// The journal's own name, made with it; every cursor carries it.
    pub fn identity(&self) -> String {
        self.site.identity.to_string()
    }

    /// The number of partitions, P.
    pub fn partitions(&self) -> u16 {
        self.site.options.partitions
    }

    /// The lanes, in order of their partitions.
    pub fn lanes(&self) -> &[RedisLane] {
        &self.lanes
    }

    /// Counters of the writing side: a commit is a round of a lane, a batch is a lane's part of one.
    pub fn stats(&self) -> JournalStats {
        self.stats.clone()
    }

    /// Stores what comes through the queue, until all appenders are dropped and everything is
    /// answered. To be run once, as a task.
    pub async fn serve(&self, queue: Queue) {
        let lanes = self.lanes.iter().map(|lane| Arc::clone(&lane.0)).collect();
        dispatch::serve(lanes, queue, self.stats.clone()).await;
    }

    /// Forgets what the options say must go of one lane, at `now` by the server's clock; never
    /// anything from `lowest_cursor` on, the lowest position that any reader still wants.
    ///
    /// # Errors
    /// Redis does not answer.
    pub async fn trim(
        &self,
        lane: &RedisLane,
        lowest_cursor: Position,
        now: Timestamp,
    ) -> Result<RedisTrimmed, ReadError> {
        let core = &lane.0;
        trim::trim(core, lowest_cursor.0, now).await.map_err(|trouble| core.read_error(trouble))
    }

    /// How full the journal is, 0 to 1: what could not be trimmed when it was last tried, of
    /// `retain_bytes`, or of what a server's memory has room for if that is nearer.
    pub fn usage(&self) -> f64 {
        let mut servers: HashMap<String, (u64, u64, u64)> = HashMap::new();
        let mut held = 0;
        for lane in self.lanes.iter() {
            let view = lane.0.view();
            held += view.held;
            if view.kept.memory_max > 0 {
                let room = view.kept.memory_max.saturating_sub(view.kept.memory_used);
                let server = servers.entry(view.server.clone()).or_default();
                *server = (server.0 + view.held, server.1 + view.bytes_kept(), room);
            }
        }
        let part = |held: u64, of: u64| (held as f64 / of.max(1) as f64).clamp(0.0, 1.0);
        let memory = servers.values().map(|(held, kept, room)| part(*held, kept + room));
        memory.fold(part(held, self.site.options.retain_bytes), f64::max)
    }

    /// What is weak or does not go on.
    pub fn health(&self) -> RedisHealth {
        let relaxed = self.site.options.durability == Durability::Relaxed;
        let mut reasons: Vec<String> = Vec::new();
        for lane in self.lanes.iter() {
            let core: &Core = &lane.0;
            let weak = locked(&core.weak).clone();
            let stuck = [core.writing.get(), core.reading.get()].into_iter().flatten();
            for reason in stuck.chain(weak) {
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
        RedisHealth { relaxed, reasons }
    }
}
