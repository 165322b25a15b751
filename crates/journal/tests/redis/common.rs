//! What these tests share: a server, a journal over it, senders and readers.
#![allow(dead_code)] // the shared helpers are used in part

#[path = "../../../../tests/common/child.rs"]
pub mod child;
#[path = "../../../../tests/common/ports.rs"]
pub mod ports;
#[path = "../../../../tests/common/redis.rs"]
pub mod redis;
#[path = "../../../../tests/common/redis_fleet.rs"]
pub mod redis_fleet;
#[path = "../../../../tests/common/tools.rs"]
pub mod tools;
#[path = "../../../../tests/common/wait.rs"]
pub mod wait;

use std::ops::Range;
use std::time::Duration;

use mutt_event::{MessageId, Timestamp};
use mutt_journal::{
    AppendError, Appender, Batch, Lane, LaneReader, Position, ReadBatch, Receipt, RedisJournal,
    RedisLane, RedisOptions, Topology, WhenFull, queue,
};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

pub use self::redis_fleet::{Cluster, Sentinel, Server};

pub const PARTITIONS: u16 = 3;

pub fn server(settings: &[&str]) -> Server {
    Server::start(settings)
}

pub fn options(topology: Topology) -> RedisOptions {
    RedisOptions {
        partitions: PARTITIONS,
        poll_ms: 5,
        keep_behind: Duration::ZERO,
        ..RedisOptions::new(topology)
    }
}

pub fn single(server: &Server) -> RedisOptions {
    options(Topology::Single(server.redis.url().into()))
}

/// A journal that serves a queue.
pub struct Journal {
    pub journal: RedisJournal,
    pub appender: Appender,
    serving: Option<JoinHandle<()>>,
    pub runtime: Runtime,
}

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub fn open(options: RedisOptions) -> Journal {
    let runtime = runtime();
    let handle = runtime.handle().clone();
    let journal = runtime.block_on(RedisJournal::connect(options, handle)).expect("a journal");
    let (appender, queue) = queue(journal.partitions(), 64 << 20);
    let serving = runtime.spawn({
        let journal = journal.clone();
        async move { journal.serve(queue).await }
    });
    Journal { journal, appender, serving: Some(serving), runtime }
}

impl Journal {
    pub fn lane(&self, partition: u16) -> &RedisLane {
        &self.journal.lanes()[usize::from(partition)]
    }

    pub fn append(&self, records: &[(u16, Vec<u8>)]) -> Receipt {
        self.try_append(records, WhenFull::Wait).expect("stored")
    }

    pub fn try_append(
        &self,
        records: &[(u16, Vec<u8>)],
        when_full: WhenFull,
    ) -> Result<Receipt, AppendError> {
        self.runtime.block_on(self.appender.append(batch(records), when_full))
    }

    /// Waits until the lane's end is seen.
    pub fn wait_end(&self, partition: u16, end: u64) {
        let lane = self.lane(partition);
        wait::until_true("the end to be seen", || lane.end() >= Position(end));
    }

    /// Ends the writer as MUTT does: all that waits is answered.
    pub fn close(mut self) {
        let Self { appender, serving, runtime, .. } = &mut self;
        let (other, _) = queue(1, 1);
        *appender = other;
        runtime.block_on(serving.take().unwrap()).unwrap();
    }
}

pub fn batch(records: &[(u16, Vec<u8>)]) -> Batch {
    let mut batch = Batch::default();
    for (partition, payload) in records {
        batch.push(*partition, |out| out.extend_from_slice(payload));
    }
    batch
}

/// `count` messages that tell themselves apart, spread over all partitions.
pub fn numbered(sender: &str, numbers: Range<u64>) -> Vec<(u16, Vec<u8>)> {
    numbers
        .map(|n| {
            let text =
                format!("<165>1 2026-11-28T10:00:00Z {sender} app - - {n} {}", "x".repeat(50));
            ((n % u64::from(PARTITIONS)) as u16, text.into_bytes())
        })
        .collect()
}

pub fn positions(receipt: &Receipt, records: &[(u16, Vec<u8>)]) -> Vec<MessageId> {
    let partitions: Vec<u16> = records.iter().map(|(partition, _)| *partition).collect();
    receipt.ids(&partitions).collect()
}

/// A lane as a reader found it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    pub records: Vec<(u64, Vec<u8>)>,
    pub times: Vec<Timestamp>,
    pub lost: Vec<Range<u64>>,
    pub free: Vec<Range<u64>>,
}

impl Read {
    pub fn payloads(&self) -> Vec<&[u8]> {
        self.records.iter().map(|(_, payload)| &**payload).collect()
    }

    /// Takes a batch, and checks that each position is in it exactly once.
    pub fn take(&mut self, from: Position, batch: &ReadBatch) {
        let plain = |range: &Range<Position>| range.start.0..range.end.0;
        let mut all: Vec<Range<u64>> = batch.lost().iter().chain(batch.free()).map(plain).collect();
        self.lost.extend(batch.lost().iter().map(plain));
        self.free.extend(batch.free().iter().map(plain));
        for record in batch.records() {
            assert!(self.times.last().is_none_or(|last| *last <= record.time));
            self.times.push(record.time);
            self.records.push((record.position.0, record.payload.to_vec()));
            all.push(record.position.0..record.position.0 + 1);
        }
        all.sort_by_key(|range| range.start);
        let end = all.iter().fold(from.0, |next, range| {
            assert_eq!(range.start, next, "{all:?}");
            range.end
        });
        assert_eq!(end, batch.next().0);
    }
}

/// All that a reader gets from `from` up to the end that is there now.
pub fn read_all(journal: &Journal, partition: u16, from: u64) -> Read {
    let lane = journal.lane(partition);
    let mut reader = lane.reader(Position(from));
    read_on(&mut reader)
}

pub fn read_on(reader: &mut impl LaneReader) -> Read {
    let mut read = Read::default();
    let mut batch = ReadBatch::default();
    loop {
        let from = reader.position();
        wait::until("the journal to answer", || {
            reader.read(1, &mut batch).map_err(|error| error.to_string())
        });
        assert_eq!(batch.next(), reader.position());
        if batch.is_empty() {
            return read;
        }
        read.take(from, &batch);
    }
}

/// The entries of a lane's stream, as they are in Redis.
pub type Entries = Vec<(String, Vec<Vec<u8>>)>;

pub fn entries(server: &Server, partition: u16) -> Entries {
    server.redis.ask(&["XRANGE", &key(partition), "-", "+"])
}

pub fn key(partition: u16) -> String {
    format!("mutt:{{{partition}}}:events")
}
