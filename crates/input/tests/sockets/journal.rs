//! The journal's end of the queue, in the hands of a test: it holds, stores, is full or fails.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mutt_event::{
    Envelope, Flags, Hosts, HostsConfig, Input, Kind, Timestamp, UsmVerdict, partition_of,
};
use mutt_input::{InputError, InputStats, Intake, Meter};
use mutt_journal::{AppendError, Position, Queue, Queued, Receipt, WhenFull, queue};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub const PARTITIONS: u16 = 16;
/// No condition of these tests takes as long on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the writer does with batches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Leaves them in the queue.
    Hold,
    Store,
    /// As the real one: refuses those that can be refused, keeps the others for later.
    Full,
    Fail,
}

/// A stored message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    pub input: Input,
    pub kind: Kind,
    pub flags: Flags,
    pub session: u64,
    pub peer: Option<SocketAddr>,
    pub host: String,
    pub dedup: Option<[u8; 16]>,
    pub verdict: Option<UsmVerdict>,
    pub raw: Vec<u8>,
}

/// A journal in memory, and the intake that leads to it.
pub struct Journal {
    pub intake: Arc<Intake>,
    mode: watch::Sender<Mode>,
    stored: Arc<Mutex<Vec<Stored>>>,
    count: watch::Receiver<usize>,
}

/// The time of every append here.
pub const APPENDED: Timestamp = Timestamp::from_millis(1_795_608_000_000);

impl Journal {
    /// A journal in this mode behind a queue of 1 MiB.
    pub fn new(mode: Mode) -> Self {
        Self::with_queue(mode, 1 << 20)
    }

    pub fn with_queue(mode: Mode, queue_bytes: usize) -> Self {
        let (appender, queue) = queue(PARTITIONS, queue_bytes);
        let hosts = Hosts::new(HostsConfig::default());
        let intake = Intake::new(appender, hosts, InputStats::new());
        let (mode, watched) = watch::channel(mode);
        let (counted, count) = watch::channel(0);
        let stored = Arc::default();
        tokio::spawn(write(queue, watched, Arc::clone(&stored), counted));
        Self { intake, mode, stored, count }
    }

    pub fn set(&self, mode: Mode) {
        self.mode.send(mode).unwrap();
    }

    /// Waits until so many messages are stored, in all.
    pub async fn stored(&self, count: usize) -> Vec<Stored> {
        let mut counted = self.count.clone();
        let enough = counted.wait_for(|stored| *stored >= count);
        let waited = tokio::time::timeout(PATIENCE, enough).await.map(|enough| enough.is_ok());
        let stored = self.now();
        assert_eq!(waited, Ok(true), "{} of {count} stored: {stored:?}", stored.len());
        stored
    }

    /// What is stored now.
    pub fn now(&self) -> Vec<Stored> {
        self.stored.lock().unwrap().clone()
    }

    pub fn meter(&self, input: Input) -> Meter {
        self.intake.stats().meter(input)
    }
}

async fn write(
    mut queue: Queue,
    mut mode: watch::Receiver<Mode>,
    stored: Arc<Mutex<Vec<Stored>>>,
    count: watch::Sender<usize>,
) {
    let mut kept: Vec<Queued> = Vec::new();
    loop {
        if mode.wait_for(|mode| *mode != Mode::Hold).await.is_err() {
            return;
        }
        let current = *mode.borrow_and_update();
        let work = if current == Mode::Full { Vec::new() } else { std::mem::take(&mut kept) };
        for queued in work {
            answer(queued, current, &stored, &count);
        }
        tokio::select! {
            biased;
            changed = mode.changed() => if changed.is_err() { return },
            queued = queue.recv() => match queued {
                None => return,
                Some(queued) if current == Mode::Full && queued.when_full == WhenFull::Wait => {
                    kept.push(queued);
                }
                Some(queued) => answer(queued, current, &stored, &count),
            },
        }
    }
}

fn answer(queued: Queued, mode: Mode, stored: &Mutex<Vec<Stored>>, count: &watch::Sender<usize>) {
    match mode {
        Mode::Full => return queued.answer(Err(AppendError::Full("10 of 10 bytes".to_owned()))),
        Mode::Fail => return queued.answer(Err(AppendError::Failed("no disk".to_owned()))),
        Mode::Hold | Mode::Store => {}
    }
    let mut stored = stored.lock().unwrap();
    let first = Position(stored.len() as u64 + 1);
    for (partition, payload) in queued.batch.iter() {
        let envelope = Envelope::decode(payload).unwrap();
        assert_eq!(partition, partition_of(envelope.host, PARTITIONS));
        stored.push(Stored {
            input: envelope.input,
            kind: envelope.kind,
            flags: envelope.flags,
            session: envelope.session,
            peer: envelope.peer,
            host: envelope.host.to_owned(),
            dedup: envelope.dedup,
            verdict: envelope.usm.map(|usm| usm.verdict),
            raw: envelope.raw.to_vec(),
        });
    }
    let receipt = Receipt::together(first, queued.batch.len() as u32, APPENDED);
    queued.answer(Ok(receipt));
    let _ = count.send(stored.len());
}

/// An input at work.
pub struct Running {
    shutdown: CancellationToken,
    serving: JoinHandle<Result<(), InputError>>,
    meter: Meter,
}

/// Starts `serve`, which gets the token.
pub fn run<S, F>(journal: &Journal, input: Input, serve: S) -> Running
where
    S: FnOnce(Arc<Intake>, CancellationToken) -> F,
    F: Future<Output = Result<(), InputError>> + Send + 'static,
{
    let shutdown = CancellationToken::new();
    let serving = tokio::spawn(serve(Arc::clone(&journal.intake), shutdown.clone()));
    Running { shutdown, serving, meter: journal.meter(input) }
}

impl Running {
    pub fn shut_down(&self) {
        self.shutdown.cancel();
    }

    /// Waits for the end, which `shut_down` or the journal brings, and checks the ledger.
    pub async fn ended(self) -> Result<(), InputError> {
        let ended = within(self.serving).await.unwrap();
        let meter = self.meter;
        let accounted = meter.stored.get() + meter.refused_in_all();
        assert_eq!(meter.received.get(), accounted, "received = stored + refused");
        assert_eq!(meter.connections.get(), 0);
        ended
    }

    /// Shuts down and drains.
    pub async fn stop(self) {
        self.shut_down();
        self.ended().await.unwrap();
    }
}

/// Waits for something that must come.
pub async fn within<F: Future>(what: F) -> F::Output {
    tokio::time::timeout(PATIENCE, what).await.expect("it took too long")
}

/// Waits until a condition holds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "never: {what}");
}

/// The raw bytes of messages.
pub fn raws(stored: &[Stored]) -> Vec<&[u8]> {
    stored.iter().map(|message| message.raw.as_slice()).collect()
}

/// Loopback, any free port.
pub fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}
