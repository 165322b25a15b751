//! Whether each listener that others reach is encrypted or may be plain, and whether files of TLS can
//! be used.

use mutt_tls::{ClientSettings, ServerSettings, Tls, TlsError};

use super::wrong;
use crate::config::doors::{self, Guard};
use crate::config::reader::Reader;
use crate::config::settings::{DoorTlsSettings, Settings, Transport, WayTlsSettings};
use crate::run::tls;

/// Reports every mistake of them.
pub fn verify(settings: &Settings, reader: &mut Reader<'_>) {
    plain_doors(settings, reader);
    let input = &settings.input;
    for (path, needed, of) in [
        ("input.syslog_tls", input.syslog_tls.enabled, &input.syslog_tls.tls),
        ("input.relp_tls", input.relp_tls.enabled, &input.relp_tls.tls),
        ("input.http", false, &input.http.tls),
        ("admin", false, &settings.admin.tls),
        ("api", false, &settings.api.tls),
    ] {
        if needed && !of.is_on() {
            let message = "missing: this listener speaks TLS, so it needs a certificate and its \
                           key; `mutt cert dev` makes some for a trial";
            wrong(reader, &format!("{path}.tls.certificate"), message);
        }
        door(&format!("{path}.tls"), of, reader);
    }
    ways(settings, reader);
}

fn ways(settings: &Settings, reader: &mut Reader<'_>) {
    let syslog = &settings.archive.syslog;
    let in_use = matches!(syslog.transport, Transport::Tls | Transport::RelpTls);
    way("archive.syslog.tls", &syslog.tls, in_use, reader);
    let journal = &settings.redis_journal;
    way("redis_journal.tls", &journal.tls, journal.is_tls(), reader);
    if journal.is_tls() && !journal.urls().all(|url| url.tls) {
        let message = "some URLs are rediss:// and some are not: all connections are alike";
        wrong(reader, "redis_journal", message);
    }
    for (index, list) in settings.input.redis_list.iter().enumerate() {
        let in_use = list.url.as_ref().is_some_and(|url| url.tls);
        way(&format!("input.redis_list.{index}.tls"), &list.tls, in_use, reader);
    }
    for (index, to) in settings.destinations.iter().enumerate() {
        let path = format!("destination.{index}");
        let given = (to.certificate.is_some(), to.key.is_some());
        if given == (false, false) || pair(&path, given.0, given.1, reader) {
            let http = tls::http(to);
            let key = if given.0 { "certificate" } else { "ca_file" };
            files(&path, key, Some(http.tls()), reader, |of| {
                Tls::default().client(&path, of).map(drop)
            });
        }
    }
}

fn plain_doors(settings: &Settings, reader: &mut Reader<'_>) {
    let all = [doors::inputs(settings), doors::api(settings), doors::admin(settings)];
    for door in all.iter().flatten().filter(|door| door.is_open() && door.guard == Guard::Plain) {
        let tls = match door.name {
            "input.syslog_tcp" => "use [input.syslog_tls] instead".to_owned(),
            "input.relp" => "use [input.relp_tls] instead".to_owned(),
            name => format!("give [{name}.tls] a certificate"),
        };
        let message = format!(
            "missing: {} can be reached from outside, and it is plain text: {tls}, or allow it with \
             allow_plaintext = true",
            door.listen
        );
        wrong(reader, &format!("{}.allow_plaintext", door.name), message);
    }
}

fn door(path: &str, of: &DoorTlsSettings, reader: &mut Reader<'_>) {
    if pair(path, of.certificate.is_some(), of.key.is_some(), reader) {
        files(path, "certificate", tls::door(of, false), reader, |settings: ServerSettings| {
            Tls::default().server(path, settings).map(drop)
        });
    }
    let asks = of.client_ca.is_some() || of.allowed_peers_file.is_some();
    if !of.is_on() && (asks || !of.allowed_peers.is_empty()) {
        let message = "missing: clients are asked for certificates over TLS alone";
        wrong(reader, &format!("{path}.certificate"), message);
    }
}

/// A way out's, which must be in use if something is given.
fn way(path: &str, of: &WayTlsSettings, in_use: bool, reader: &mut Reader<'_>) {
    let given = (of.certificate.is_some(), of.key.is_some());
    if !in_use && (given != (false, false) || of.ca_file.is_some()) {
        let key = if of.ca_file.is_some() { "ca_file" } else { "certificate" };
        let message = "TLS is not spoken there: choose it (transport \"tls\" or \"relp_tls\", or a \
                       rediss:// URL), or leave this out";
        wrong(reader, &format!("{path}.{key}"), message);
    }
    if in_use && (given == (false, false) || pair(path, given.0, given.1, reader)) {
        let key = if given.0 { "certificate" } else { "ca_file" };
        files(path, key, Some(tls::way(of)), reader, |settings: ClientSettings| {
            Tls::default().client(path, settings).map(drop)
        });
    }
}

/// Whether both are given; one alone is reported.
fn pair(path: &str, certificate: bool, key: bool, reader: &mut Reader<'_>) -> bool {
    if certificate != key {
        let missing = if certificate { "key" } else { "certificate" };
        let message = "missing: a certificate and its key belong together";
        wrong(reader, &format!("{path}.{missing}"), message);
    }
    certificate && key
}

fn files<T>(
    path: &str,
    key: &str,
    settings: Option<T>,
    reader: &mut Reader<'_>,
    open: impl FnOnce(T) -> Result<(), TlsError>,
) {
    if let Some(Err(error)) = settings.map(open) {
        let key = match &error {
            TlsError::NameWithoutCa(_) => "client_ca",
            _ => key,
        };
        wrong(reader, &format!("{path}.{key}"), error.to_string());
    }
}
