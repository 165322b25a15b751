//! How many messages a second go into a journal in Redis and out of it at once, by hand:
//!
//! `cargo run --release -p mutt-journal --example redis_throughput -- redis://127.0.0.1:6390 20`
//!
//! The server must be empty and as durable as `durability = "strict"` asks for; the second argument
//! is for how many seconds messages are sent. Each partition is read while it is written to.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../benches/lines/mod.rs"]
mod lines;

use std::error::Error;
use std::time::{Duration, Instant};

use mutt_journal::{
    Appender, Batch, Lane, LaneReader, Position, ReadBatch, RedisJournal, RedisLane, RedisOptions,
    Topology, WhenFull, queue,
};

const SENDERS: u64 = 4;
const BATCH: u64 = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("a URL of a Redis server is expected")?;
    let seconds = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let options = RedisOptions::new(Topology::Single(url.clone().into()));
    let journal = runtime.block_on(RedisJournal::connect(options, runtime.handle().clone()))?;
    let (appender, queue) = queue(journal.partitions(), 64 << 20);
    let serving = runtime.spawn({
        let journal = journal.clone();
        async move { journal.serve(queue).await }
    });
    let mut link = redis::Client::open(url)?.get_connection()?;
    let before = memory(&mut link)?;
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let sent: u64 = std::thread::scope(|scope| {
        let readers: Vec<_> =
            journal.lanes().iter().map(|lane| scope.spawn(|| read(lane, until))).collect();
        let senders: Vec<_> = (0..SENDERS)
            .map(|n| {
                let appender = appender.clone();
                runtime.spawn(send(appender, n, until))
            })
            .collect();
        let sent = senders.into_iter().map(|sender| runtime.block_on(sender).unwrap()).sum();
        let took = began.elapsed();
        println!("in:  {:.0} messages/s", sent as f64 / took.as_secs_f64());
        let read: u64 = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
        println!("out: {:.0} messages/s", read as f64 / began.elapsed().as_secs_f64());
        sent
    });
    let grown = memory(&mut link)?.saturating_sub(before);
    let million = grown as f64 / sent as f64 * 1e6 / f64::from(1 << 20);
    println!("{sent} messages, {million:.0} MiB of Redis' memory a million");
    drop(appender);
    runtime.block_on(serving)?;
    Ok(())
}

/// Appends batches one after the other; answers how many messages.
async fn send(appender: Appender, seed: u64, until: Instant) -> u64 {
    let mut dice = lines::Dice::new(seed);
    let lines: Vec<Vec<u8>> = (0..20_000).map(|n| lines::line(&mut dice, n)).collect();
    let mut sent = 0;
    let mut waiting = std::collections::VecDeque::new();
    while Instant::now() < until {
        let mut batch = Batch::with_capacity(300 * BATCH as usize);
        for n in sent..sent + BATCH {
            let line = &lines[n as usize % lines.len()];
            batch.push(dice.below(u64::from(appender.partitions())) as u16, |out| {
                out.extend_from_slice(line);
            });
        }
        waiting.push_back(appender.submit(batch, WhenFull::Wait).await.unwrap());
        sent += BATCH;
        if waiting.len() >= 20 {
            waiting.pop_front().unwrap().stored().await.unwrap();
        }
    }
    for pending in waiting {
        pending.stored().await.unwrap();
    }
    sent
}

/// Reads a lane to the end that it has after `until`.
fn read(lane: &RedisLane, until: Instant) -> u64 {
    let mut reader = lane.reader(Position::FIRST);
    let mut batch = ReadBatch::default();
    let mut read = 0;
    loop {
        let over = Instant::now() > until + Duration::from_secs(1);
        reader.read(1 << 20, &mut batch).unwrap();
        read += batch.records().map(|record| u64::from(!record.payload.is_empty())).sum::<u64>();
        match batch.is_empty() {
            true if over => return read,
            true => std::thread::sleep(Duration::from_millis(5)),
            false => {}
        }
    }
}

fn memory(link: &mut redis::Connection) -> Result<u64, Box<dyn Error>> {
    let about: String = redis::cmd("INFO").arg("memory").query(link)?;
    let line = about.lines().find_map(|line| line.strip_prefix("used_memory:"));
    Ok(line.ok_or("no used_memory")?.parse()?)
}
