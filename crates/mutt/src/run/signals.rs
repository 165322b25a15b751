//! What the system tells the process: stop, or look at the catalog now.

use anyhow::{Context, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that a running MUTT knows.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

/// What was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// SIGTERM or SIGINT.
    Stop,
    /// SIGHUP.
    Look,
}

impl Signals {
    /// Takes the signals over from now on.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn take() -> Result<Self> {
        let take = |kind| signal(kind).context("signal handler");
        Ok(Self {
            terminate: take(SignalKind::terminate())?,
            interrupt: take(SignalKind::interrupt())?,
            hangup: take(SignalKind::hangup())?,
        })
    }

    /// Waits until a stop is asked for.
    pub async fn stop(&mut self) {
        while self.next().await != Asked::Stop {}
    }

    /// The next one.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.hangup.recv() => Asked::Look,
        }
    }
}
