//! How fast syslog over TCP becomes batches: a sender over loopback, a journal that only answers.
//!
//! `cargo bench -p mutt-input` prints messages a second, and CPU seconds of the receiving thread
//! for a million messages (the sender's and the kernel's softirq work on its core are not in it).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use mutt_event::{Hosts, HostsConfig, Input, Timestamp};
use mutt_input::{InputStats, Intake, Tcp, TcpConfig};
use mutt_journal::{Position, Queue, Receipt, queue};
use tokio_util::sync::CancellationToken;

const MESSAGES: usize = 4_000_000;

fn main() {
    for octets in [true, false] {
        let (took, cpu) = measure(octets);
        let rate = MESSAGES as f64 / took.as_secs_f64() / 1e6;
        let cpu = cpu.as_secs_f64() / (MESSAGES as f64 / 1e6);
        let framing = if octets { "octet-counted" } else { "lines" };
        println!("{framing}: {rate:.2} M messages/s, {cpu:.2} CPU-seconds per million");
    }
}

/// 200 bytes, as a router behind rsyslog sends them.
fn message(n: usize) -> String {
    let head = format!("<189>Nov 23 12:00:01 core-{:03} {n}: ", n % 500);
    let text = "%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/1, changed state";
    format!("{:x<200}", format!("{head}{text} to down "))
}

fn measure(octets: bool) -> (Duration, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let cpu = || {
        let used = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_THREAD);
        let used = used.unwrap();
        let micros =
            |time: nix::sys::time::TimeVal| (time.tv_sec() * 1_000_000 + time.tv_usec()) as u64;
        Duration::from_micros(micros(used.user_time()) + micros(used.system_time()))
    };
    runtime.block_on(async {
        let (appender, queue) = queue(16, 8 << 20);
        let stats = InputStats::new();
        let intake = Intake::new(appender, Hosts::new(HostsConfig::default()), stats.clone());
        let config =
            TcpConfig { bind: SocketAddr::from(([127, 0, 0, 1], 0)), ..TcpConfig::default() };
        let tcp = Tcp::bind(config, None).unwrap();
        let address = tcp.address();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(tcp.serve(intake, stop.clone()));
        tokio::spawn(answer(queue));
        let (from, used) = (Instant::now(), cpu());
        std::thread::spawn(move || send(address, octets));
        let meter = stats.meter(Input::SyslogTcp);
        while meter.stored.get() < MESSAGES as u64 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let took = (from.elapsed(), cpu() - used);
        stop.cancel();
        serving.await.unwrap().unwrap();
        took
    })
}

fn send(address: SocketAddr, octets: bool) {
    let mut block = Vec::new();
    for n in 0..2_000 {
        let message = message(n);
        let head = if octets { format!("{} ", message.len()) } else { String::new() };
        block.extend_from_slice(
            format!("{head}{message}{}", if octets { "" } else { "\n" }).as_bytes(),
        );
    }
    let mut stream = TcpStream::connect(address).unwrap();
    for _ in 0..MESSAGES / 2_000 {
        stream.write_all(&block).unwrap();
    }
}

async fn answer(mut queue: Queue) {
    let mut next = 1;
    while let Some(queued) = queue.recv().await {
        let count = queued.batch.len() as u32;
        let receipt = Receipt::together(Position(next), count, Timestamp::ZERO);
        next += u64::from(count);
        queued.answer(Ok(receipt));
    }
}
