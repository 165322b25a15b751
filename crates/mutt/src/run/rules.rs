//! The rules in force: loaded at the start, and again within two seconds of a change on disk.
//!
//! A set with a fault is refused whole; the last good one goes on, and MUTT raises an alert.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};
use arc_swap::ArcSwap;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::Rulebook;
use mutt_rules::Environments;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::config::Settings;
use crate::rule_files::{self, FileFault, Loaded};
use crate::status::Status;

/// How often the files are looked at. A change is in force within two of these.
const LOOK_EVERY: Duration = Duration::from_millis(800);

/// The rules in force, shared with the judge.
pub type Rules = Arc<ArcSwap<Rulebook>>;

/// Loads the rules for the first time.
///
/// # Errors
/// Any fault: there is no last good set yet.
pub fn load(settings: &Settings, status: &Status) -> Result<Rules> {
    let book = read(settings, status).map_err(|why| anyhow!(why))?;
    Ok(Arc::new(ArcSwap::from_pointee(book)))
}

/// Watches the files until `stop`; `again` asks for a look at once.
pub async fn watch(
    settings: Arc<Settings>,
    rules: Rules,
    status: Status,
    again: Arc<Notify>,
    stop: CancellationToken,
) {
    let files = settings.rules.files.clone();
    let look =
        move |files: Vec<_>| tokio::task::spawn_blocking(move || rule_files::changed_at(&files));
    let mut seen = look(files.clone()).await.unwrap_or_default();
    loop {
        let asked = tokio::select! {
            () = stop.cancelled() => return,
            () = again.notified() => true,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        let now = look(files.clone()).await.unwrap_or_default();
        if now == seen && !asked {
            continue;
        }
        seen = now;
        let (settings, rules, status) = (Arc::clone(&settings), Arc::clone(&rules), status.clone());
        // Compiling thousands of rules takes a while: not on a thread that serves others.
        let _ = tokio::task::spawn_blocking(move || reload(&settings, &rules, &status)).await;
    }
}

fn reload(settings: &Settings, rules: &Rules, status: &Status) {
    match read(settings, status) {
        Ok(book) => rules.store(Arc::new(book)),
        Err(why) => {
            tracing::error!(why, "rules: refused; the last good set goes on");
            status.rules(|state| {
                state.refused = Some(why);
                state.refusals += 1;
            });
        }
    }
}

fn read(settings: &Settings, status: &Status) -> Result<Rulebook, String> {
    let Loaded { rules, warnings } = rule_files::load(&settings.rules).map_err(|f| words(&f))?;
    for warning in warnings {
        tracing::warn!(warning, "rules: perhaps not meant");
    }
    let environments = Environments::new(&settings.environment.development)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    tracing::info!(count = rules.len(), revision = rules.revision(), "rules: in force");
    status.rules(|state| {
        state.count = rules.len();
        state.revision = rules.revision().to_owned();
        state.loaded_at = SystemClock.now();
        state.refused = None;
        state.loads += 1;
    });
    let (inventory, observe) = (environments.into(), settings.observe);
    Ok(Rulebook { rules, inventory, observe, revision: 0 })
}

fn words(faults: &[FileFault]) -> String {
    const SAID: usize = 5;
    let mut said: Vec<String> = faults.iter().take(SAID).map(ToString::to_string).collect();
    if faults.len() > SAID {
        said.push(format!("and {} more", faults.len() - SAID));
    }
    said.join("; ")
}
