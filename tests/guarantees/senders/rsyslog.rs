//! A real rsyslog that sends numbered lines on over RELP. What it was fed it holds, and sends again
//! until it is acknowledged.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::common::rsyslog::Rsyslog;
use crate::load;

/// Lines fed at once.
const LINES: u64 = 20;
/// Between two such batches.
const PACE: Duration = Duration::from_millis(20);
/// Its first number, far above what other senders reach.
const FIRST: u64 = 8 * load::SENDER;

/// An rsyslog and the thread that feeds it.
pub struct Fed {
    _rsyslog: Rsyslog,
    enough: Arc<AtomicBool>,
    thread: Option<JoinHandle<u64>>,
}

impl Fed {
    /// Starts both, towards `target`, with a longer pause between batches if `pace` is.
    pub fn start(folder: &Path, target: SocketAddr, pace: Duration) -> Self {
        let action = "type=\"omrelp\" template=\"raw\"";
        let rsyslog = Rsyslog::sender(folder, "rsyslog", &["omrelp"], action, target);
        let enough = Arc::new(AtomicBool::new(false));
        let (inlet, until) = (rsyslog.inlet, Arc::clone(&enough));
        let thread = thread::spawn(move || feed(inlet, pace.max(PACE), &until));
        Self { _rsyslog: rsyslog, enough, thread: Some(thread) }
    }

    /// Feeds it nothing more, and answers the numbers that it was fed.
    pub fn finish(&mut self) -> Range<u64> {
        self.enough.store(true, Ordering::Release);
        let thread = self.thread.take().expect("finished once");
        FIRST..thread.join().expect("a feeder without a fault")
    }
}

fn feed(inlet: SocketAddr, pace: Duration, enough: &AtomicBool) -> u64 {
    let mut inlet = TcpStream::connect(inlet).expect("rsyslog's inlet");
    let mut next = FIRST;
    while !enough.load(Ordering::Acquire) {
        let lines: String = (next..next + LINES).map(|n| load::line(n) + "\n").collect();
        inlet.write_all(lines.as_bytes()).expect("rsyslog reads");
        next += LINES;
        thread::sleep(pace);
    }
    next
}
