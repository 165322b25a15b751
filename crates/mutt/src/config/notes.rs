//! What is no mistake, but what nobody shall find out too late: where messages go nowhere.
//!
//! From: settings. To: `mutt check`, and the log at the start of `mutt run`.

use super::Settings;
use super::settings::ArchiveMode;

/// What the settings leave out, in words.
pub fn of(settings: &Settings) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |text: &str| notes.push(text.to_owned());
    if settings.archive.mode == ArchiveMode::Off {
        note("archive.mode is \"off\": messages are kept in the journal, and sent nowhere");
    } else if settings.archive.trap.address.is_none() && settings.input.snmp.enabled {
        note("archive.trap.address is not set: traps are judged, and not archived");
    }
    if settings.destinations.is_empty() {
        note("no [[destination]]: alerts are written to the database, and sent nowhere");
    } else if settings.observe {
        note("observe is true: alerts are written to the database, and sent nowhere");
    }
    if settings.api.enabled && !settings.api.listen.ip().is_loopback() {
        note("api.listen can be reached from outside, and it speaks plain HTTP: put TLS before it");
    }
    notes
}
