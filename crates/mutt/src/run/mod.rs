//! `mutt run`: builds everything, drives it, and ends it in order.
//!
//! From: settings. To: the running process. The way of a message is drawn in `mutt-pipeline`;
//! here each of its parts gets a thread or a task:
//!
//! ```text
//! inputs (tasks) → queue → journal (thread) ─┬→ judge (thread) → database → deliver/* (threads)
//!                                            └→ archive/* (threads)
//! ```

mod api;
mod archive;
mod book;
mod build;
mod deliver;
mod heartbeat;
mod inputs;
mod journal;
mod judge;
mod lease;
mod machine;
mod signals;
mod stop;
mod store;
mod wait;
mod watch;
mod worker;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};

use crate::config::Settings;
use crate::telemetry::{self, Level};
pub use machine::Machine;
use signals::{Asked, Signals};
pub use store::open as open_store;

/// Runs until SIGTERM or SIGINT, or until the journal fails.
pub fn run(settings: Settings) -> ExitCode {
    let level = match telemetry::start(&settings.log) {
        Ok(level) => level,
        Err(error) => {
            eprintln!("{error:#}");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime().and_then(|runtime| {
        let ended = runtime.block_on(serve(settings, level));
        // A disk that does not answer must not hold the end up.
        runtime.shutdown_background();
        ended
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(why = format!("{error:#}"), "mutt ends");
            ExitCode::FAILURE
        }
    }
}

/// The runtime that a MUTT's tasks run on.
///
/// # Errors
/// If the system gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("io")
        .build()
        .context("runtime")
}

/// Runs until asked to stop.
///
/// # Errors
/// When a part cannot start, an input ends by itself, or the journal has failed.
async fn serve(settings: Settings, level: Level) -> Result<()> {
    let mut signals = Signals::take()?;
    let settings = Arc::new(settings);
    let store = tokio::select! {
        store = wait::database(&settings) => store?,
        () = signals.stop() => return Ok(()),
    };
    let mut machine = Machine::start(settings, store, Some(level)).await?;
    let ended = loop {
        tokio::select! {
            asked = signals.next() => match asked {
                Asked::Stop => break Ok(()),
                Asked::Look => machine.look_at_catalog(),
            },
            why = machine.broken() => break Err(why),
        }
    };
    tracing::info!("stopping: no new messages; what is under way is finished");
    machine.stop().await;
    ended
}
