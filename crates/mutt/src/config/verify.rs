//! What no single setting can know: listeners that clash, addresses that are missing, files that
//! cannot be read.

mod secrets;
mod snmp;
mod tls;

use std::net::SocketAddr;
use std::path::Path;

use ipnet::IpNet;
use mutt_input::fits_as_redis_list;
use mutt_pipeline::book::Role;
use mutt_rules::Environments;

use super::problem::Place;
use super::reader::Reader;
use super::settings::{
    ArchiveMode, DestinationKind, RedisListSettings, Settings, SyslogSource, Transport, WhenFull,
};
use crate::{mib_files, rule_files, telemetry};

/// Reports every mistake between settings.
pub fn verify(settings: &Settings, reader: &mut Reader<'_>) {
    listeners(settings, reader);
    http_keys(settings, reader);
    redis_lists(settings, reader);
    snmp::verify(&settings.input.snmp, reader);
    archive(settings, reader);
    destinations(settings, reader);
    times(settings, reader);
    journal(settings, reader);
    database(settings, reader);
    redis_journal(settings, reader);
    folders(settings, reader);
    oidc(settings, reader);
    secrets::verify(settings, reader);
    tls::verify(settings, reader);
    for fault in Environments::new(&settings.environment.development).err().into_iter().flatten() {
        wrong(reader, "environment.development", fault.to_string());
    }
    if let Err(message) = telemetry::check_level(&settings.log.level) {
        wrong(reader, "log.level", message);
    }
    let (files, limits) = (&settings.rules.seed_files, rule_files::limits(&settings.rules));
    let names = match mib_files::names(&settings.mibs) {
        Ok(names) => names,
        Err(why) => {
            wrong(reader, "mibs.folder", format!("{why:#}"));
            Default::default()
        }
    };
    for mut fault in rule_files::load(files, &limits, names).err().into_iter().flatten() {
        let file = fault.file.take().unwrap_or_default();
        let place = Place::File(file.into(), fault.line.take().unwrap_or(0));
        reader.problems.add(place, "", fault.to_string());
    }
}

fn wrong(reader: &mut Reader<'_>, path: &str, message: impl Into<String>) {
    let place = reader.place(path);
    reader.problems.add(place, path, message);
}

/// A provider needs a secret, a way back, and roles that there are.
fn oidc(settings: &Settings, reader: &mut Reader<'_>) {
    let oidc = &settings.oidc;
    let Some(issuer) = &oidc.issuer else { return };
    // What the provider says is believed, so nobody in between may say it.
    let fits = url::Url::parse(issuer).is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => url.host_str().is_some_and(|host| ["127.0.0.1", "localhost"].contains(&host)),
        _ => false,
    });
    if !fits {
        wrong(reader, "oidc.issuer", "is no URL that begins with https://");
    }
    if oidc.client_secret.is_none() {
        wrong(reader, "oidc.client_secret", "missing: the provider gives one to MUTT");
    }
    if settings.api.public_url.is_none() {
        wrong(reader, "api.public_url", "missing: people come back from the provider to it");
    }
    if oidc.roles.is_empty() {
        wrong(reader, "oidc.roles", "missing: nobody could sign in");
    }
    for (group, role) in &oidc.roles {
        if Role::from_name(role).is_none() {
            let names = Role::ALL.map(Role::name).join(", ");
            wrong(reader, "oidc.roles", format!("`{group}` has the role `{role}`: one of {names}"));
        }
    }
}

/// Two listeners of one protocol cannot share an address and port.
fn listeners(settings: &Settings, reader: &mut Reader<'_>) {
    let input = &settings.input;
    let all = [
        ("input.syslog_udp", "udp", input.syslog_udp.enabled, input.syslog_udp.listen),
        ("input.snmp", "udp", input.snmp.enabled, input.snmp.listen),
        ("input.syslog_tcp", "tcp", input.syslog_tcp.enabled, input.syslog_tcp.listen),
        ("input.syslog_tls", "tcp", input.syslog_tls.enabled, input.syslog_tls.listen),
        ("input.relp", "tcp", input.relp.enabled, input.relp.listen),
        ("input.relp_tls", "tcp", input.relp_tls.enabled, input.relp_tls.listen),
        ("input.http", "tcp", input.http.enabled, input.http.listen),
        ("admin", "tcp", settings.admin.enabled, settings.admin.listen),
        ("api", "tcp", settings.api.enabled, settings.api.listen),
    ];
    for (index, (name, protocol, enabled, listen)) in all.iter().enumerate() {
        for (other, other_protocol, other_enabled, other_listen) in &all[..index] {
            let both = *enabled && *other_enabled && protocol == other_protocol;
            if both && clash(*listen, *other_listen) {
                let (name, other) = (format!("{name}.listen"), format!("{other}.listen"));
                // Said where a person wrote it, not where a default holds.
                let written = reader.places.contains_key(&name);
                let (here, there) = if written { (name, other) } else { (other, name) };
                wrong(reader, &here, format!("{listen} over {protocol} is also {there}"));
            }
        }
    }
}

fn clash(one: SocketAddr, other: SocketAddr) -> bool {
    let same_ip =
        one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && same_ip
}

fn http_keys(settings: &Settings, reader: &mut Reader<'_>) {
    let http = &settings.input.http;
    if http.enabled && http.api_keys.is_empty() && !http.listen.ip().is_loopback() {
        let message = format!(
            "missing: {} can be reached from outside, so requests must carry a key",
            http.listen
        );
        wrong(reader, "input.http.api_keys", message);
    }
}

/// The judge knows the repeats of so many lists.
const REDIS_LISTS_MAX: usize = 8;

fn redis_lists(settings: &Settings, reader: &mut Reader<'_>) {
    let lists = &settings.input.redis_list;
    if lists.len() > REDIS_LISTS_MAX {
        let message = format!("{} lists, and {REDIS_LISTS_MAX} is the most", lists.len());
        wrong(reader, "input.redis_list", message);
    }
    for (index, from) in lists.iter().enumerate() {
        let table = format!("input.redis_list.{index}");
        let path = |key: &str| format!("{table}.{key}");
        reader.require(&table, "url", "where Redis is");
        reader.require(&table, "list", "the list's key");
        if let Some(list) = from.list.as_ref().filter(|list| !fits_as_redis_list(list)) {
            let message = format!(
                "`{list}`: no other key can be in its slot of a cluster; expected a key without \
                 `}}`, or with a hash tag such as \"{{syslog}}:in\""
            );
            wrong(reader, &path("list"), message);
        }
        let same = |other: &&RedisListSettings| {
            from.url.is_some() && (&other.url, &other.list) == (&from.url, &from.list)
        };
        if let Some(other) = lists[..index].iter().find(same) {
            wrong(reader, &path("list"), format!("is read by `{}` already", other.name));
        }
        if from.user.is_some() && from.password.is_none() {
            wrong(reader, &path("user"), "a user logs in with a password: give that as well");
        }
        if from.batch_bytes_max.max(from.message_bytes_max) > settings.journal.retain_bytes / 8 {
            let message = "more than an eighth of journal.retain_bytes: it might never find room";
            wrong(reader, &path("batch_bytes_max"), message);
        }
        if from.timeout_ms > from.dead_after_ms {
            let message = "longer than dead_after_ms: others would take it for dead meanwhile";
            wrong(reader, &path("timeout_ms"), message);
        }
        if from.retry_first_ms > from.retry_max_ms {
            wrong(reader, &path("retry_first_ms"), "longer than retry_max_ms");
        }
    }
}

fn archive(settings: &Settings, reader: &mut Reader<'_>) {
    let archive = &settings.archive;
    if archive.retry_first_ms > archive.retry_max_ms {
        wrong(reader, "archive.retry_first_ms", "longer than archive.retry_max_ms");
    }
    if archive.mode == ArchiveMode::Off {
        return;
    }
    let spoofs = archive.syslog.source == SyslogSource::Spoof;
    if spoofs && archive.syslog.transport != Transport::Udp {
        let message = "only datagrams can come from another address: set transport = \"udp\", or \
                       source = \"plain\"";
        wrong(reader, "archive.syslog.source", message);
    }
    if archive.syslog.address.is_none() {
        let message = "missing: archive.mode is \"on\", so NetIM's syslog address must be given";
        wrong(reader, "archive.syslog.address", message);
    }
}

fn destinations(settings: &Settings, reader: &mut Reader<'_>) {
    for (index, to) in settings.destinations.iter().enumerate() {
        let path = |key: &str| format!("destination.{index}.{key}");
        let cloud = to.kind == DestinationKind::MoogsoftCloud;
        if !cloud && to.url.is_none() {
            wrong(reader, &path("url"), "missing: moogsoft_webhook needs it");
        }
        if cloud && to.api_key.is_none() {
            wrong(reader, &path("api_key"), "missing: moogsoft_cloud needs it");
        }
        if cloud && (to.user.is_some() || to.password.is_some()) {
            wrong(reader, &path("user"), "moogsoft_cloud has an api_key, no user and password");
        }
        if !cloud && to.api_key.is_some() {
            wrong(reader, &path("api_key"), "moogsoft_webhook has user and password, no api_key");
        }
        if to.user.is_some() != to.password.is_some() {
            wrong(reader, &path("user"), "user and password belong together: give both or none");
        }
        if to.retry_first_ms > to.retry_max_ms {
            wrong(reader, &path("retry_first_ms"), "longer than retry_max_ms");
        }
    }
}

fn times(settings: &Settings, reader: &mut Reader<'_>) {
    let time = &settings.time;
    if let Some(message) = zone_fault(&time.zone) {
        wrong(reader, "time.zone", message);
    }
    for (network, zone) in &time.zones {
        if network.parse::<IpNet>().is_err() {
            wrong(
                reader,
                "time.zones",
                format!("`{network}` is no network such as \"10.2.0.0/16\""),
            );
        }
        if let Some(message) = zone_fault(zone) {
            wrong(reader, "time.zones", message);
        }
    }
    for zone in time.host_zones.values() {
        if let Some(message) = zone_fault(zone) {
            wrong(reader, "time.host_zones", message);
        }
    }
}

fn zone_fault(zone: &str) -> Option<String> {
    let known = jiff::tz::TimeZone::get(zone).is_ok();
    (!known).then(|| format!("`{zone}` is no time zone such as \"UTC\" or \"Europe/Berlin\""))
}

fn journal(settings: &Settings, reader: &mut Reader<'_>) {
    let journal = &settings.journal;
    if journal.retain_bytes < journal.segment_bytes.saturating_mul(2) {
        let message = "less than two segments (journal.segment_bytes): nothing could be trimmed";
        wrong(reader, "journal.retain_bytes", message);
    }
    if settings.database.file() == Some(&journal.folder) {
        wrong(reader, "database.path", "is the journal's folder");
    }
}

/// It is a file or a server, and one password is its password.
fn redis_journal(settings: &Settings, reader: &mut Reader<'_>) {
    let redis = &settings.redis_journal;
    if redis.places() > 1 {
        let message = "the journal is in one place: give one of url, sentinels and cluster";
        wrong(reader, "redis_journal.url", message);
    }
    if redis.places() > 0 && settings.journal.when_full == WhenFull::DropOldest {
        let message =
            "a journal in Redis holds senders back when it is full: leave it at \"block\"";
        wrong(reader, "journal.when_full", message);
    }
    if redis.places() > 0 && settings.journal.partitions > 1_024 {
        wrong(reader, "journal.partitions", "a journal in Redis has at most 1024");
    }
    let other = redis.cluster.iter().position(|url| url.database != 0);
    if let Some(place) = other {
        let message = "a Redis Cluster has the database 0 alone";
        wrong(reader, &format!("redis_journal.cluster[{place}]"), message);
    }
    if redis.prefix.to_string().contains(['{', '}']) {
        wrong(reader, "redis_journal.prefix", "braces decide where keys are: leave them out");
    }
}

fn database(settings: &Settings, reader: &mut Reader<'_>) {
    let database = &settings.database;
    match &database.url {
        Some(url) => {
            if reader.places.contains_key("database.path") {
                let message = "given beside database.url: leave path out for a server, or url for \
                               a file";
                wrong(reader, "database.path", message);
            }
            if database.password.is_some() && url.has_password() {
                let message = "given twice: here and in database.url; leave one of them out";
                wrong(reader, "database.password", message);
            }
        }
        None if database.password.is_some() => {
            let message = "a file has none: give database.url, or leave password out";
            wrong(reader, "database.password", message);
        }
        None => {}
    }
}

fn folders(settings: &Settings, reader: &mut Reader<'_>) {
    if settings.journal.folder.exists() && !settings.journal.folder.is_dir() {
        let message = format!("{} is no folder", settings.journal.folder.display());
        wrong(reader, "journal.folder", message);
    }
    let file = settings.database.file();
    if let Some(file) = file.filter(|file| file.is_dir()) {
        let message = format!("{} is a folder, not a file", file.display());
        wrong(reader, "database.path", message);
    }
    let file = file.map(|file| (file, "database.path"));
    for (path, key) in [(&settings.journal.folder, "journal.folder")].into_iter().chain(file) {
        if let Some(message) = first_existing(path).and_then(not_writable) {
            wrong(reader, key, message);
        }
    }
}

/// The nearest folder above that is there already; the rest is made at the start.
fn first_existing(path: &Path) -> Option<&Path> {
    path.ancestors()
        .map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p })
        .find(|p| p.exists())
}

fn not_writable(existing: &Path) -> Option<String> {
    let read_only = std::fs::metadata(existing).ok()?.permissions().readonly();
    read_only.then(|| format!("{} cannot be written to", existing.display()))
}
