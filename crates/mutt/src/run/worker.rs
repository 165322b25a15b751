//! Drives a worker: steps while there is something to do, sleeps until there is again.
//!
//! A worker is woken by the journal's new end, by a [`Notify`], or by its own timer, and has a
//! thread of its own: it reads files and computes, and must not hold up the inputs.

use std::future::Future;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use mutt_event::Timestamp;
use mutt_journal::{Clock, Position, SystemClock};
use mutt_pipeline::{Step, StepError};
use std::sync::Arc;
use tokio::sync::{Notify, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::status::Status;

/// The first wait before a worker is opened again; it doubles up to [`REOPEN_MAX`].
const REOPEN_FIRST: Duration = Duration::from_millis(100);
const REOPEN_MAX: Duration = Duration::from_secs(10);

/// What the judge, an archiver and a deliverer have in common.
pub trait Worker {
    /// Does what there is to do now, one batch at most.
    fn step(&mut self, now: Timestamp) -> impl Future<Output = Result<Step, StepError>>;
    /// Ends well: what is done becomes true, and connections are closed.
    fn stop(&mut self) -> impl Future<Output = Result<(), StepError>>;
}

/// What a worker is woken by, besides its own timer.
#[derive(Clone)]
pub struct Wake {
    /// The journal's synced end, for those who read it.
    pub journal: Option<watch::Receiver<Position>>,
    /// Whoever has something for it.
    pub called: Arc<Notify>,
}

/// A worker's thread.
pub struct Running {
    name: String,
    ended: oneshot::Receiver<()>,
}

impl Running {
    /// Waits for its end, at most `most`; says so if that was not enough.
    pub async fn ended(self, most: Duration) -> bool {
        let in_time = tokio::time::timeout(most, self.ended).await.is_ok();
        if !in_time {
            tracing::warn!(
                worker = self.name,
                "did not end in time; what it had not committed is done again"
            );
        }
        in_time
    }
}

/// Starts a thread that drives the worker which `open` makes, until `stop`.
///
/// # Errors
/// If the system gives no thread.
pub fn start<W, F, O>(
    name: &str,
    wake: Wake,
    status: Status,
    stop: CancellationToken,
    open: O,
) -> Result<Running>
where
    W: Worker,
    F: Future<Output = Result<W>>,
    O: Fn() -> F + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .with_context(|| format!("a runtime for {name}"))?;
    let (done, ended) = oneshot::channel();
    let of = name.to_owned();
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            runtime.block_on(drive(&of, wake, &status, &stop, open));
            // Whoever waits may have given up at the time limit.
            let _ = done.send(());
        })
        .with_context(|| format!("a thread for {name}"))?;
    Ok(Running { name: name.to_owned(), ended })
}

async fn drive<W, F, O>(
    name: &str,
    mut wake: Wake,
    status: &Status,
    stop: &CancellationToken,
    open: O,
) where
    W: Worker,
    F: Future<Output = Result<W>>,
    O: Fn() -> F,
{
    let mut pause = REOPEN_FIRST;
    while !stop.is_cancelled() {
        let error = match open().await {
            Ok(mut worker) => {
                status.worker(name, None);
                match run(&mut worker, &mut wake, stop, &mut pause).await {
                    Ok(()) => return,
                    Err(error) => anyhow::Error::from(error),
                }
            }
            Err(error) => error,
        };
        let why = format!("{error:#}");
        tracing::error!(
            worker = name,
            why,
            again_in_ms = pause.as_millis() as u64,
            "worker: opened again"
        );
        status.worker(name, Some(why));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
        pause = pause.saturating_mul(2).min(REOPEN_MAX);
    }
}

async fn run<W: Worker>(
    worker: &mut W,
    wake: &mut Wake,
    stop: &CancellationToken,
    pause: &mut Duration,
) -> Result<(), StepError> {
    loop {
        if stop.is_cancelled() {
            return worker.stop().await;
        }
        // Seen before the step: what comes while it runs wakes it again.
        if let Some(journal) = &mut wake.journal {
            journal.mark_unchanged();
        }
        let step = worker.step(SystemClock.now()).await?;
        *pause = REOPEN_FIRST;
        match step {
            // The runtime looks at its sockets and timers only when it is given a turn.
            Step::Progress => tokio::task::yield_now().await,
            Step::Idle { wake_at } => idle(wake, wake_at, stop).await,
        }
    }
}

async fn idle(wake: &mut Wake, wake_at: Option<Timestamp>, stop: &CancellationToken) {
    let timer = async {
        match wake_at {
            Some(at) => tokio::time::sleep(at.since(SystemClock.now())).await,
            None => std::future::pending().await,
        }
    };
    let appended = async {
        match &mut wake.journal {
            // The sender lives as long as any handle does, so an error cannot be the end of all.
            Some(journal) => {
                if journal.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = timer => {}
        () = appended => {}
        () = wake.called.notified() => {}
        () = stop.cancelled() => {}
    }
}
