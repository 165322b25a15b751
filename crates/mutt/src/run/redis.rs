//! The journal in Redis, opened. From: settings. To: its lanes, and the queue that inputs fill.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Error, Result};
use mutt_journal::{Durability, OpenError, RedisJournal, RedisOptions, Topology};
use mutt_secrets::SecretString;
use mutt_tls::{Connector, Tls};
use tokio::runtime::Handle;

use super::build::{ms, passwords};
use super::tls;
use crate::config::Settings;
use crate::config::redis_url::RedisUrl;
use crate::config::settings::{self, RedisJournalSettings};

/// Opens the journal: one try.
///
/// # Errors
/// What [`passes`], or not: it was made with another number of partitions, or by another version.
pub async fn open(settings: &Settings, tls: Option<Arc<Connector>>) -> Result<RedisJournal> {
    let options = RedisOptions { tls, ..options(settings)? };
    RedisJournal::connect(options, Handle::current()).await.context("redis_journal")
}

/// The TLS to its servers; none: plain text.
///
/// # Errors
/// Files that cannot be used.
pub fn connector(settings: &Settings, tls: &Tls) -> Result<Option<Arc<Connector>>> {
    let from = &settings.redis_journal;
    from.is_tls().then(|| tls::connector(tls, "redis_journal", &from.tls)).transpose()
}

/// Whether waiting may help: no server answers, or one is not what is asked for.
pub fn passes(error: &Error) -> bool {
    matches!(error.downcast_ref::<OpenError>(), Some(OpenError::Io { .. }))
}

fn options(settings: &Settings) -> Result<RedisOptions> {
    let (from, journal) = (&settings.redis_journal, &settings.journal);
    let small = |number: u64| u16::try_from(number).unwrap_or(u16::MAX);
    Ok(RedisOptions {
        prefix: from.prefix.to_string(),
        partitions: small(journal.partitions),
        durability: match from.durability {
            settings::Durability::Strict => Durability::Strict,
            settings::Durability::Relaxed => Durability::Relaxed,
        },
        replicas: small(from.replicas),
        declared: from.declared,
        connect_timeout_ms: from.connect_ms,
        response_timeout_ms: from.response_ms,
        poll_ms: from.poll_ms,
        retain_bytes: from.retain_bytes,
        retain_age: Duration::from_secs(journal.retain_hours * 3_600),
        keep_behind: ms(journal.keep_behind_ms),
        passwords: from
            .password
            .is_some()
            .then(|| passwords("redis_journal.password", [&from.password, &from.password_next])),
        ..RedisOptions::new(topology(from)?)
    })
}

fn topology(from: &RedisJournalSettings) -> Result<Topology> {
    let all = |urls: &[RedisUrl]| -> Result<Vec<_>> {
        urls.iter().map(|url| secret(url, from)).collect()
    };
    Ok(match &from.url {
        Some(url) => Topology::Single(secret(url, from)?),
        None if from.cluster.is_empty() => Topology::Sentinel {
            urls: all(&from.sentinels).context("redis_journal.sentinels")?,
            master_name: from.master.clone(),
        },
        None => Topology::Cluster { urls: all(&from.cluster).context("redis_journal.cluster")? },
    })
}

/// The URL with the user, as the journal takes it; passwords come beside it, since they change.
fn secret(url: &RedisUrl, from: &RedisJournalSettings) -> Result<SecretString> {
    let plain = format!("redis://{}/{}", url.address, url.database);
    let mut whole = url::Url::parse(&plain).context("redis_journal")?;
    let refused = |()| anyhow::anyhow!("redis_journal: a user that no URL takes");
    if let Some(user) = &from.user {
        whole.set_username(user).map_err(refused)?;
    }
    Ok(SecretString::from(String::from(whole)))
}
