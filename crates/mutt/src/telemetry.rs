//! Log lines: from the `tracing` calls of all crates, to standard error (or a file for the demo), as
//! JSON or for a person.

use std::fs::File;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::config::settings::{LogFormat, LogSettings};

/// The log's level, which may change at run time.
#[derive(Clone)]
pub struct Level {
    now: Arc<Mutex<String>>,
    change: Arc<dyn Fn(EnvFilter) -> bool + Send + Sync>,
}

impl Level {
    /// Sets it, if it is another; a text that is no level changes nothing.
    pub fn set(&self, wanted: &str) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if *now == wanted {
            return;
        }
        if let Ok(filter) = EnvFilter::try_new(wanted)
            && (self.change)(filter)
        {
            tracing::info!(level = wanted, "log: another level");
            wanted.clone_into(&mut now);
        }
    }
}

/// Says what is wrong with a level.
///
/// # Errors
/// If it is no filter.
pub fn check_level(level: &str) -> Result<(), String> {
    EnvFilter::try_new(level).map(drop).map_err(|error| format!("not a log filter: {error}"))
}

/// Starts logging; once in a process.
///
/// # Errors
/// If the level is no filter, or logging was started before.
pub fn start(settings: &LogSettings) -> Result<Level> {
    let filter = EnvFilter::try_new(&settings.level).context("log.level")?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE);
    let now = Arc::new(Mutex::new(settings.level.clone()));
    let failed = |error| anyhow::anyhow!("logging cannot start: {error}");
    match settings.format {
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_current_span(false);
            let lines = lines.with_filter_reloading();
            let handle = lines.reload_handle();
            lines.try_init().map_err(failed)?;
            Ok(Level { now, change: Arc::new(move |filter| handle.reload(filter).is_ok()) })
        }
        LogFormat::Human => {
            let lines = lines.with_ansi(std::io::stderr().is_terminal()).with_filter_reloading();
            let handle = lines.reload_handle();
            lines.try_init().map_err(failed)?;
            Ok(Level { now, change: Arc::new(move |filter| handle.reload(filter).is_ok()) })
        }
    }
}

/// Starts logging into a file, for a terminal that shows something else; once in a process.
///
/// # Errors
/// If the file cannot be made, or logging was started before.
pub fn start_in(file: &Path) -> Result<()> {
    let out = File::create(file).with_context(|| format!("{}", file.display()))?;
    let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(Mutex::new(out));
    lines.try_init().map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}
