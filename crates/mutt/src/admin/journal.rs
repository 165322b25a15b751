//! The journal as whoever looks on sees it: its lanes and figures, whichever it is.

use mutt_journal::{AnyLane, Handle, Lane, RealDisk, RedisJournal, StatsSnapshot};

/// The reading side of the journal that this process has. Cheap to clone.
#[derive(Clone)]
pub enum Journal {
    /// Segments in a folder of this process's own.
    Log(Handle<RealDisk>),
    /// Streams in Redis, shared by all processes.
    Redis(RedisJournal),
}

/// The journal's figures.
#[derive(Clone, Debug)]
pub struct JournalFigures {
    /// On disk, or in Redis.
    pub bytes: u64,
    /// 0 to 1.
    pub usage: f64,
    /// Why nothing is taken now: no room, or a Redis that does not take it; none: it is taken.
    pub stuck: Option<String>,
    /// What is weaker than a promise needs, by choice.
    pub weak: Option<String>,
    /// Positions that never held a readable record.
    pub lost: u64,
    /// Records that a reader found damaged, since the start.
    pub damaged: u64,
    /// Records trimmed unread by choice, since the start.
    pub dropped: u64,
    /// Records that readers here had read and a failover of Redis then lost, since the start.
    pub withdrawn: u64,
    /// The writer's counters.
    pub writer: StatsSnapshot,
}

impl Journal {
    /// Its lanes, in order of their partitions.
    pub fn lanes(&self) -> Vec<AnyLane> {
        match self {
            Journal::Log(log) => vec![AnyLane::Log(log.clone())],
            Journal::Redis(redis) => redis.lanes().iter().cloned().map(AnyLane::Redis).collect(),
        }
    }

    /// How full it is, 0 to 1.
    pub fn usage(&self) -> f64 {
        match self {
            Journal::Log(log) => log.usage(),
            Journal::Redis(redis) => redis.usage(),
        }
    }

    /// All figures now.
    pub fn figures(&self) -> JournalFigures {
        match self {
            Journal::Log(log) => JournalFigures {
                bytes: log.bytes(),
                usage: log.usage(),
                stuck: log.is_full().then(|| "no room: senders are held back".to_owned()),
                weak: None,
                lost: log.totals().lost,
                damaged: log.damaged(),
                dropped: log.dropped(),
                withdrawn: 0,
                writer: log.stats().snapshot(),
            },
            Journal::Redis(redis) => of_redis(redis),
        }
    }
}

fn of_redis(redis: &RedisJournal) -> JournalFigures {
    let figures: Vec<_> = redis.lanes().iter().map(mutt_journal::RedisLane::figures).collect();
    let health = redis.health();
    let relaxed = "durability is relaxed: what was acknowledged may be lost";
    JournalFigures {
        bytes: figures.iter().map(|lane| lane.bytes).sum(),
        usage: redis.usage(),
        stuck: (!health.reasons.is_empty()).then(|| health.reasons.join("; ")),
        weak: health.relaxed.then(|| relaxed.to_owned()),
        lost: redis.lanes().iter().map(|lane| lane.totals().lost).sum(),
        damaged: figures.iter().map(|lane| lane.damaged).sum(),
        dropped: 0,
        withdrawn: figures.iter().map(|lane| lane.withdrawn).sum(),
        writer: redis.stats().snapshot(),
    }
}
