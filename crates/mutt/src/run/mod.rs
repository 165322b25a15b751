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
mod fleet;
mod heartbeat;
mod inputs;
mod journal;
mod judge;
mod lanes;
mod lease;
mod machine;
mod redis;
mod report;
mod role;
mod share;
mod signals;
mod snmp;
mod stop;
mod store;
pub(crate) mod tls;
mod trim;
mod wait;
mod watch;
mod worker;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use mutt_tls::Tls;
use tokio_util::sync::CancellationToken;

use crate::config::Settings;
use crate::secrets::Keeper;
use crate::telemetry::{self, Level};
use fleet::Fleet;
use machine::Counters;
pub use machine::Machine;
pub use role::Role;
use signals::{Asked, Signals};
pub use store::{open as open_store, options as store_options, place as store_place};

/// Runs with the jobs of a role until SIGTERM or SIGINT, or until the journal fails.
pub fn run(settings: Settings, role: Role) -> ExitCode {
    let level = match telemetry::start(&settings.log) {
        Ok(level) => level,
        Err(error) => {
            eprintln!("{error:#}");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime().and_then(|runtime| {
        let ended = runtime.block_on(serve(settings, role, level));
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
async fn serve(settings: Settings, role: Role, level: Level) -> Result<()> {
    let mut signals = Signals::take()?;
    let settings = Arc::new(settings);
    fleet::check(&settings, role)?;
    let keeper = tokio::select! {
        keeper = wait::secrets(&settings) => keeper?,
        () = signals.stop() => return Ok(()),
    };
    let secrets = keeper.as_ref().map(Keeper::secrets).unwrap_or_default();
    let kept = CancellationToken::new();
    // Ends with this function, whatever ends it.
    let _kept = kept.clone().drop_guard();
    keeper.map(|keeper| tokio::spawn(keeper.run(kept)));
    let store = tokio::select! {
        store = wait::database(&settings), if role.needs_database() => Some(store?),
        () = signals.stop() => return Ok(()),
        () = std::future::ready(()), if !role.needs_database() => None,
    };
    if settings.redis_journal.places() == 0 {
        let store = store.context("a journal in a folder needs a database")?;
        let machine = Machine::start(settings, store, secrets, Some(level)).await?;
        return serve_machine(machine, signals).await;
    }
    let tls = Tls::default();
    let journal = tokio::select! {
        journal = wait::journal(&settings, &tls) => journal?,
        () = signals.stop() => return Ok(()),
    };
    let counters = Counters { secrets, tls, ..Counters::default() };
    let mut fleet = Fleet::start(settings, role, (journal, store), counters, Some(level)).await?;
    let ended = loop {
        tokio::select! {
            asked = signals.next() => match asked {
                Asked::Stop => break Ok(()),
                Asked::Look => fleet.look_at_catalog(),
            },
            why = fleet.broken() => break Err(why),
        }
    };
    tracing::info!(role = role.name(), "stopping: what is under way is finished or handed over");
    fleet.stop().await;
    ended
}

async fn serve_machine(mut machine: Machine, mut signals: Signals) -> Result<()> {
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
