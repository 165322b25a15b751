//! How many messages a second go the whole way: TCP in, synced, judged, archived over TCP.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::{Mutt, PATIENCE, message, rules};

/// One message in so many matches a rule.
const MATCHING: u64 = 100;
/// Messages that differ; the generator repeats them.
const DISTINCT: u64 = 20_000;

/// Sends `messages` through a MUTT with `count` rules and prints its figures.
pub fn run(messages: u64, count: u32) -> Result<()> {
    let sink = Sink::start()?;
    let archive = format!(
        "archive.mode = \"on\"\narchive.syslog.framing = \"lf\"\narchive.syslog.address = \"{}\"\n",
        sink.address
    );
    let mutt = Mutt::start(&rules(count), &archive)?;
    let block: Vec<u8> = (0..DISTINCT).flat_map(|n| message(n, &what(n, count))).collect();
    let (cpu, start) = (mutt.cpu()?, Instant::now());
    let mut stream = mutt.connect()?;
    let sender = thread::spawn(move || {
        let mut left = messages;
        while left > 0 {
            let now = left.min(DISTINCT);
            stream.write_all(&block[..block.len() / DISTINCT as usize * now as usize])?;
            left -= now;
        }
        stream.flush()
    });
    // Done is: all at the sink, and all judged.
    while sink.count() < messages || mutt.waiting()? > 0 {
        if start.elapsed() > PATIENCE {
            bail!(
                "{} of {messages} messages arrived and were judged within {PATIENCE:?}",
                sink.count()
            );
        }
        sleep(Duration::from_millis(1));
    }
    let took = start.elapsed();
    let cpu = mutt.cpu()?.saturating_sub(cpu);
    if !matches!(sender.join(), Ok(Ok(()))) {
        bail!("the generator lost its connection");
    }
    println!(
        "{count:>6} rules: {:>8.0} messages/s   {:.2} CPU-seconds per million   {:.0} MiB resident at most",
        messages as f64 / took.as_secs_f64(),
        cpu.as_secs_f64() * 1e6 / messages as f64,
        mutt.memory_max()? as f64 / f64::from(1 << 20),
    );
    Ok(())
}

/// What a message says: most say nothing that a rule knows.
fn what(number: u64, rules: u32) -> String {
    if rules > 0 && number.is_multiple_of(MATCHING) {
        return format!("fault code {:05}", number % u64::from(rules));
    }
    format!("counter {number} is within its limits")
}

/// Reads and counts lines.
struct Sink {
    address: std::net::SocketAddr,
    lines: Arc<AtomicU64>,
}

impl Sink {
    fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let lines: Arc<AtomicU64> = Arc::default();
        let counted = Arc::clone(&lines);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let counted = Arc::clone(&counted);
                thread::spawn(move || {
                    let mut buffer = vec![0; 1 << 18];
                    while let Ok(n @ 1..) = stream.read(&mut buffer) {
                        let lines = memchr::memchr_iter(b'\n', &buffer[..n]).count() as u64;
                        counted.fetch_add(lines, Ordering::Relaxed);
                    }
                });
            }
        });
        Ok(Self { address, lines })
    }

    fn count(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }
}
