//! Drives a worker: steps while there is something to do, sleeps until there is again. One that
//! fails is opened anew, after a pause that grows.
//!
//! A worker is woken by the journal's new end, by a [`Notify`], or by its own timer, and has a
//! thread of its own: it reads files and computes, and must not hold up the inputs.

use std::future::Future;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use mutt_event::Timestamp;
use mutt_journal::{Clock, Position, SystemClock};
use mutt_pipeline::{Leased, Seat, Step, Tenancy, Tenure, Worker};
use mutt_store::Leases;
use std::sync::Arc;
use tokio::sync::{Notify, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::share::{Share, Turn};
use crate::status::Status;

/// The first wait before a worker is opened again; it doubles up to [`REOPEN_MAX`].
const REOPEN_FIRST: Duration = Duration::from_millis(100);
const REOPEN_MAX: Duration = Duration::from_secs(5);

/// How long a worker rests for which there is no room in the share.
const REST: Duration = Duration::from_millis(100);

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

/// Starts a thread that drives the worker which `open` makes whenever its lease was taken, until
/// `stop`; with a share it takes its lease only within that.
///
/// # Errors
/// If the system gives no thread.
pub fn start<B, W, F, O>(
    name: &str,
    wake: Wake,
    status: Status,
    stop: CancellationToken,
    (tenancy, share): (Tenancy<B>, Option<Arc<Share>>),
    open: O,
) -> Result<Running>
where
    B: Leases,
    W: Worker,
    F: Future<Output = Result<W>>,
    O: Fn(Tenure) -> F + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .with_context(|| format!("a runtime for {name}"))?;
    let (done, ended) = oneshot::channel();
    let told = Told { name: name.to_owned(), status, well: None, seat: None };
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            runtime.block_on(drive(Leased::new(tenancy, open), told, wake, share, &stop));
            // Whoever waits may have given up at the time limit.
            let _ = done.send(());
        })
        .with_context(|| format!("a thread for {name}"))?;
    Ok(Running { name: name.to_owned(), ended })
}

/// What the status was told of a worker last.
struct Told {
    name: String,
    status: Status,
    well: Option<bool>,
    seat: Option<Seat>,
}

impl Told {
    fn well(&mut self, seat: Option<&Seat>) {
        if self.well != Some(true) {
            self.well = Some(true);
            self.status.worker(&self.name, None);
        }
        self.seat(seat);
    }

    fn wrong(&mut self, why: String, seat: Option<&Seat>) {
        self.well = Some(false);
        self.status.worker(&self.name, Some(why));
        self.seat(seat);
    }

    fn seat(&mut self, seat: Option<&Seat>) {
        if self.seat.as_ref() != seat {
            self.seat = seat.cloned();
            self.status.seat(&self.name, self.seat.clone());
        }
    }
}

/// How long to wait before a worker is opened again.
///
/// A step that went well does not begin anew: a worker whose journal is away takes its lease and is
/// opened before it fails, each time. What begins anew is a worker that did not fail for a while.
#[derive(Default)]
struct Pauses {
    last: Option<(Duration, Instant)>,
}

impl Pauses {
    fn after_failure(&mut self, now: Instant) -> Duration {
        let pause = match self.last {
            Some((pause, until)) if now.saturating_duration_since(until) < REOPEN_MAX => {
                pause.saturating_mul(2).min(REOPEN_MAX)
            }
            _ => REOPEN_FIRST,
        };
        self.last = Some((pause, now + pause));
        pause
    }
}

async fn drive<B, W, F, O>(
    mut worker: Leased<B, W, O>,
    mut told: Told,
    mut wake: Wake,
    share: Option<Arc<Share>>,
    stop: &CancellationToken,
) where
    B: Leases,
    W: Worker,
    F: Future<Output = Result<W>>,
    O: FnMut(Tenure) -> F,
{
    let mut pauses = Pauses::default();
    while !stop.is_cancelled() {
        // Seen before the step: what comes while it runs wakes it again.
        if let Some(journal) = &mut wake.journal {
            journal.mark_unchanged();
        }
        let turn =
            share.as_ref().map_or(Turn::Work, |share| share.turn(&told.name, holds(&worker)));
        if turn != Turn::Work {
            rest(&mut worker, turn, &mut told, stop).await;
            continue;
        }
        let stepped = worker.step(SystemClock.now()).await;
        if let Some(share) = &share {
            share.after(&told.name, holds(&worker));
        }
        match stepped {
            Ok(step) => {
                told.well(worker.seat());
                match step {
                    // The runtime looks at its sockets and timers only when it is given a turn.
                    Step::Progress => tokio::task::yield_now().await,
                    Step::Idle { wake_at } => idle(&mut wake, wake_at, stop).await,
                }
            }
            Err(error) => {
                let why = format!("{error:#}");
                let pause = pauses.after_failure(Instant::now());
                tracing::error!(
                    worker = told.name,
                    why,
                    again_in_ms = pause.as_millis() as u64,
                    "worker: opened again"
                );
                told.wrong(why, worker.seat());
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }
    if let Err(error) = worker.stop(SystemClock.now()).await {
        let why = format!("{error:#}");
        tracing::error!(worker = told.name, why, "worker: did not end well");
    }
}

fn holds<B, W, F, O>(worker: &Leased<B, W, O>) -> bool
where
    B: Leases,
    W: Worker,
    F: Future<Output = Result<W>>,
    O: FnMut(Tenure) -> F,
{
    matches!(worker.seat(), Some(Seat::Held { .. } | Seat::Unsure { .. }))
}

/// Gives the lease back if it is so, and waits for another turn.
async fn rest<B, W, F, O>(
    worker: &mut Leased<B, W, O>,
    turn: Turn,
    told: &mut Told,
    stop: &CancellationToken,
) where
    B: Leases,
    W: Worker,
    F: Future<Output = Result<W>>,
    O: FnMut(Tenure) -> F,
{
    if turn == Turn::GiveUp {
        tracing::info!(worker = told.name, "given to another process");
        if let Err(error) = worker.stop(SystemClock.now()).await {
            tracing::warn!(worker = told.name, why = format!("{error:#}"), "did not end well");
        }
    }
    told.well(None);
    tokio::select! {
        () = tokio::time::sleep(REST) => {}
        () = stop.cancelled() => {}
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_fails_again_soon_waits_longer_and_one_that_worked_a_while_begins_anew() {
        let (mut pauses, mut now) = (Pauses::default(), Instant::now());
        let mut waited = Vec::new();
        for _ in 0..8 {
            let pause = pauses.after_failure(now);
            waited.push(pause.as_millis());
            // It takes its lease and is opened in between, and that goes well.
            now += pause + Duration::from_millis(50);
        }
        assert_eq!(waited, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        now += REOPEN_MAX;
        assert_eq!(pauses.after_failure(now), REOPEN_FIRST);
    }
}
