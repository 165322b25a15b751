//! Senders that count what MUTT has acknowledged, and repeat what it has not, until it has.

pub mod http;
pub mod inform;
pub mod redis;
pub mod relp;
pub mod rsyslog;

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::common::wait;

/// What a sender's threads share with the test.
#[derive(Debug, Default)]
pub struct Progress {
    /// The number of its first message.
    first: u64,
    next: AtomicU64,
    acknowledged: AtomicU64,
    repeated: AtomicU64,
    enough: AtomicBool,
    /// Slower than a sender's own pace, if it is.
    pace: Duration,
}

impl Progress {
    /// The numbers of the next messages to send, at the sender's pace; none once it is enough.
    fn take(&self, most: u64, pace: Duration) -> Range<u64> {
        if self.enough.load(Ordering::Acquire) {
            return 0..0;
        }
        thread::sleep(pace.max(self.pace));
        let from = self.next.fetch_add(most, Ordering::Relaxed);
        from..from + most
    }

    fn acknowledge(&self, count: u64) {
        self.acknowledged.fetch_add(count, Ordering::Relaxed);
    }

    fn repeat(&self, count: u64) {
        self.repeated.fetch_add(count, Ordering::Relaxed);
    }
}

/// A sender at work.
pub struct Sender {
    progress: Arc<Progress>,
    threads: Vec<JoinHandle<()>>,
}

impl Sender {
    /// Starts `threads` of `run`, each sending to `target` until it is enough and all that it
    /// sent is acknowledged.
    pub fn start(target: SocketAddr, threads: usize, run: fn(SocketAddr, &Progress)) -> Self {
        Self::spawn(Progress::default(), target, threads, run)
    }

    /// One thread whose messages are numbered from `first`, with a longer pause between its
    /// batches if `pace` is.
    pub fn start_from(
        first: u64,
        target: SocketAddr,
        run: fn(SocketAddr, &Progress),
        pace: Duration,
    ) -> Self {
        let progress = Progress { first, next: first.into(), pace, ..Progress::default() };
        Self::spawn(progress, target, 1, run)
    }

    fn spawn(
        progress: Progress,
        target: SocketAddr,
        threads: usize,
        run: fn(SocketAddr, &Progress),
    ) -> Self {
        let progress = Arc::new(progress);
        let spawn = |_| {
            let progress = Arc::clone(&progress);
            thread::spawn(move || run(target, &progress))
        };
        Self { threads: (0..threads).map(spawn).collect(), progress }
    }

    /// How many messages MUTT has acknowledged so far.
    pub fn acknowledged(&self) -> u64 {
        self.progress.acknowledged.load(Ordering::Relaxed)
    }

    /// How many messages were sent again.
    pub fn repeated(&self) -> u64 {
        self.progress.repeated.load(Ordering::Relaxed)
    }

    /// Waits until MUTT has acknowledged `more` messages from now on.
    pub fn wait_for(&self, more: u64) {
        let goal = self.acknowledged() + more;
        wait::until(&format!("{goal} acknowledgements"), || {
            let acknowledged = self.acknowledged();
            if acknowledged >= goal { Ok(()) } else { Err(acknowledged.to_string()) }
        });
    }

    /// Sends nothing new, waits until all is acknowledged, and answers how many messages that is:
    /// their numbers are its first and up.
    pub fn finish(self) -> u64 {
        self.progress.enough.store(true, Ordering::Release);
        wait::until_true("the last acknowledgement", || {
            self.threads.iter().all(JoinHandle::is_finished)
        });
        for thread in self.threads {
            thread.join().expect("a sender without a fault");
        }
        let acknowledged = self.progress.acknowledged.load(Ordering::Relaxed);
        let sent = self.progress.next.load(Ordering::Relaxed) - self.progress.first;
        assert_eq!(acknowledged, sent);
        acknowledged
    }
}
