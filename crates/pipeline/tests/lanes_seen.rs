//! Judges of a partition in processes of which one has seen less of Redis than the other: what one
//! has judged and told holds for the other, which took the partition over.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests, too

mod common;

use std::sync::Arc;

use common::{Bench, Message, PARTITIONS, Time, at, now, relp};
use mutt_event::{Parser, ParserConfig, Timestamp, partition_of};
use mutt_journal::{Appender, Batch, SimFate, SimRedis, SimRedisLane, SimWriter, WhenFull, queue};
use mutt_pipeline::{JUDGE, LaneJudge, LaneJudgeParts, ReaderStats, Watch};
use mutt_store::{Cursor, Database, MemoryStore, Outcome};

type TheJudge = LaneJudge<SimRedisLane, MemoryStore>;

/// Redis, who stores in it, and what judges work with.
struct Place {
    time: Time,
    redis: SimRedis,
    appender: Appender,
    writer: SimWriter,
    bench: Bench,
}

impl Place {
    fn new() -> Self {
        let time = Time::default();
        let clock = time.clone();
        let redis = SimRedis::new("journal", PARTITIONS, move || clock.now(), |_| SimFate::Done);
        let (appender, waiting) = queue(PARTITIONS, 1 << 20);
        let writer = SimWriter::new(redis.clone(), waiting);
        Self { time, redis, appender, writer, bench: Bench::new() }
    }

    fn partition() -> u16 {
        partition_of("r1", PARTITIONS)
    }

    /// The lane as a new process sees it, now and until it looks again.
    fn lane(&self) -> SimRedisLane {
        self.redis.lanes().swap_remove(usize::from(Self::partition()))
    }

    fn store(&mut self, ms: i64, messages: &[Message]) {
        self.time.set(ms);
        let mut batch = Batch::default();
        for message in messages {
            message.push(at(ms), &mut batch);
        }
        now(self.appender.submit(batch, WhenFull::Wait)).unwrap();
        assert!(self.writer.step(Self::partition()));
    }

    fn judge(&self, lane: &SimRedisLane, time: Timestamp) -> TheJudge {
        let parts = LaneJudgeParts {
            lane: lane.clone(),
            database: self.bench.store.clone(),
            parser: Arc::new(Parser::new(ParserConfig::default())),
            rules: Arc::clone(&self.bench.rules),
            watch: Arc::new(Watch::default()),
            stats: ReaderStats::unseen(JUDGE),
            lease: None,
        };
        // So that one batch is not all there is.
        let settings =
            mutt_pipeline::JudgeSettings { batch_bytes: 1, ..self.bench.settings.clone() };
        now(LaneJudge::open(parts, &settings, time)).unwrap()
    }

    fn cursor(&self) -> Cursor {
        let cursors = now(self.bench.store.cursors()).unwrap();
        cursors.into_iter().find(|cursor| cursor.reader == JUDGE).unwrap()
    }
}

fn steps(judge: &mut TheJudge, ms: i64) {
    for _ in 0..20 {
        now(judge.step(at(ms))).unwrap();
    }
}

fn four(session: u64) -> [Message; 4] {
    ["a", "b", "c", "d"].map(|text| relp(session, text))
}

#[test]
fn time_does_not_go_back_with_who_has_seen_less() {
    let mut place = Place::new();
    place.store(1_000, &[relp(1, "a")]);
    let (seen, stale) = (place.lane(), place.lane());
    place.time.set(60_000);
    seen.look();
    let mut first = place.judge(&seen, at(60_000));
    steps(&mut first, 60_000);
    assert_eq!(place.cursor().time, at(60_000));
    let mut second = place.judge(&stale, at(61_000));
    steps(&mut second, 61_000);
    now(second.stop(at(61_000))).unwrap();
    assert_eq!(place.cursor().time, at(60_000));
}

#[test]
fn repeats_are_known_to_who_has_seen_less() {
    let mut place = Place::new();
    let stale = place.lane();
    place.store(1_000, &four(1));
    let seen = place.lane();
    steps(&mut place.judge(&seen, at(2_000)), 2_000);
    assert_eq!(place.cursor().position, 5);

    let mut second = place.judge(&stale, at(3_000));
    place.store(3_000, &four(2));
    stale.look();
    steps(&mut second, 3_500);
    now(second.stop(at(3_500))).unwrap();
    assert_eq!(place.cursor().counts.get(Outcome::Repeated), 4);
}

#[test]
fn an_undecided_message_waits_as_long_as_nobody_looks() {
    let mut place = Place::new();
    let lane = place.lane();
    place.store(1_000, &four(1));
    let [a, b, c, d] = four(2);
    place.store(2_000, &[a]);
    lane.look();
    let mut judge = place.judge(&lane, at(2_000));
    steps(&mut judge, 2_000);
    place.store(2_100, &[b, c, d]);
    // By the clock its hold is over, and what decides it is there and not seen yet.
    steps(&mut judge, 60_000);
    lane.look();
    steps(&mut judge, 61_000);
    now(judge.stop(at(61_000))).unwrap();
    assert_eq!(place.cursor().counts.get(Outcome::Repeated), 4);
}
