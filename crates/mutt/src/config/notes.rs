//! What is no mistake, but what nobody shall find out too late: where messages go nowhere, or in plain text.
//!
//! From: settings. To: `mutt check`, and the log at the start of `mutt run`.

use super::settings::ArchiveMode;
use super::{Settings, doors};

/// Whether what is asked there goes over a network without TLS.
fn is_open(url: &url::Url) -> bool {
    let here = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "http" && !here
}

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
    if settings.vault.address.as_ref().is_some_and(|address| is_open(address.url())) {
        note("vault.address is plain HTTP: whoever is on the way reads secrets; use https");
    }
    for (index, to) in settings.destinations.iter().enumerate() {
        if to.url.as_ref().is_some_and(|url| is_open(url.url())) {
            note(&format!(
                "destination.{index}.url is plain HTTP: whoever is on the way reads alerts and \
                 what MUTT signs in with; use https"
            ));
        }
    }
    let all = [doors::inputs(settings), doors::api(settings), doors::admin(settings)];
    for door in all.iter().flatten() {
        if let Some(Ok(text) | Err(text)) = door.says() {
            note(&format!("{}: {text}", door.name));
        }
    }
    notes
}
