//! Log lines: from the `tracing` calls of all crates, to standard error (or a file for the demo), as
//! JSON or for a person.

use std::fs::File;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::config::settings::{LogFormat, LogSettings};

/// Starts logging; once in a process.
///
/// # Errors
/// If the level is no filter, or logging was started before.
pub fn start(settings: &LogSettings) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.level).context("log.level")?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE);
    let started = match settings.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).try_init(),
        LogFormat::Human => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
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
