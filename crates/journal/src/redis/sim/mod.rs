//! The journal over Redis without Redis: a server in memory, lanes that look at it, and the writer
//! of one process. For simulation and tests.
//!
//! From: the queue that inputs append to. To: workers, by the same traits as the real one.
//!
//! What the server does is what the scripts do (`script.rs`): a round is stored whole or not at
//! all, one that is sent again is known by its number, after each start positions jump, append
//! times never go back. What a process sees of it is as old as its last look. What befalls a call
//! somebody else decides.

mod lane;
mod server;
mod writer;

pub use lane::{SimRedisLane, SimRedisReader};
pub use server::{SimCall, SimFate, SimRedis};
pub use writer::SimWriter;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use mutt_event::Timestamp;

    use super::*;
    use crate::append::{Batch, Pending, Position, WhenFull, queue};
    use crate::batch::ReadBatch;
    use crate::lane::{Lane, LaneReader};

    /// A server with one partition, whose clock ticks with each look at it.
    fn redis(fate: impl Fn(SimCall) -> SimFate + Send + Sync + 'static) -> SimRedis {
        let clock = AtomicI64::new(0);
        SimRedis::new(
            "journal",
            1,
            move || Timestamp::from_micros(clock.fetch_add(1, Ordering::Relaxed)),
            fate,
        )
    }

    async fn send(appender: &crate::append::Appender, text: &str) -> Pending {
        let mut batch = Batch::default();
        batch.push(0, |out| out.extend_from_slice(text.as_bytes()));
        appender.submit(batch, WhenFull::Wait).await.unwrap()
    }

    fn read(lane: &SimRedisLane) -> (Vec<(u64, String)>, u64) {
        let (mut reader, mut batch) = (lane.reader(Position::FIRST), ReadBatch::default());
        let (mut all, mut free) = (Vec::new(), 0);
        loop {
            reader.read(1, &mut batch).unwrap();
            if batch.is_empty() {
                return (all, free);
            }
            assert_eq!(batch.lost_count(), 0);
            free += batch.free().iter().map(|range| range.end.0 - range.start.0).sum::<u64>();
            let text = |payload: &[u8]| String::from_utf8_lossy(payload).into_owned();
            all.extend(batch.records().map(|record| (record.position.0, text(record.payload))));
        }
    }

    #[tokio::test]
    async fn a_round_whose_answer_is_lost_is_stored_once() {
        let asked = Arc::new(AtomicI64::new(0));
        let redis = redis(move |call| match call {
            SimCall::Append if asked.fetch_add(1, Ordering::Relaxed) == 0 => SimFate::LostAfter,
            _ => SimFate::Done,
        });
        let (appender, waiting) = queue(1, 1 << 10);
        let mut writer = SimWriter::new(redis.clone(), waiting);
        let first = send(&appender, "first").await;
        assert!(!writer.step(0));
        let second = send(&appender, "second").await;
        assert!(!writer.step(0), "the first round is sent again as it was");
        assert!(writer.step(0));
        assert_eq!(first.stored().await.unwrap().count(), 1);
        assert_eq!(second.stored().await.unwrap().count(), 1);
        let lane = redis.lanes().remove(0);
        assert_eq!(read(&lane).0, [(1, "first".to_owned()), (2, "second".to_owned())]);
    }

    #[tokio::test]
    async fn positions_jump_after_a_start_and_a_process_sees_what_it_has_looked_at() {
        let redis = redis(|_| SimFate::Done);
        let (appender, waiting) = queue(1, 1 << 10);
        let mut writer = SimWriter::new(redis.clone(), waiting);
        let lane = redis.lanes().remove(0);
        let first = send(&appender, "first").await;
        redis.set_full(true);
        assert!(!writer.step(0), "it is held");
        redis.set_full(false);
        assert!(writer.step(0));
        redis.stop();
        lane.look();
        redis.start();
        let second = send(&appender, "second").await;
        assert!(writer.step(0));
        assert_eq!(read(&lane), (Vec::new(), 0));
        lane.look();
        let (all, free) = read(&lane);
        assert_eq!(
            all.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(),
            ["first", "second"]
        );
        assert_eq!(all[1].0, 2 + free);
        let totals = lane.totals();
        assert_eq!((totals.stored, totals.free), (vec![2], free));
        assert!(first.stored().await.is_ok() && second.stored().await.is_ok());
    }
}
