//! A journal in Redis, which any number of processes share.

use super::tls::WayTlsSettings;
use crate::config::kinds::{Name, Secret};
use crate::config::redis_url::RedisUrl;
use crate::config::section::section;
use crate::config::value::choice;

choice! {
    /// What a message survives once it is acknowledged.
    Durability {
        /// Redis has it on disk; a server with weaker settings is not written to.
        Strict = "strict",
        /// Whatever the servers offer; it is said in /readyz and in the log.
        Relaxed = "relaxed",
    }
}

section! {
    /// The journal in Redis (or Valkey) instead of a folder, if url, sentinels or cluster is given:
    /// `mutt ingest`, `alert`, `forward` and `web` are then processes of their own, as many as
    /// wanted; see docs/cluster.md. Of [journal] partitions, retain_hours, keep_behind_ms and
    /// queue_bytes hold for it too.
    RedisJournalSettings {
        /// One server; rediss:// for TLS, here and in the others.
        url: Option<RedisUrl> = None, like "\"redis://redis.example.net:6379/0\"";
        /// Sentinels that know the master.
        sentinels: Vec<RedisUrl> = Vec::new(), like "[\"redis://s1.example.net:26379\"]";
        /// What the Sentinels call the master.
        master: String = "mymaster".to_owned();
        /// Some nodes of a Redis Cluster.
        cluster: Vec<RedisUrl> = Vec::new(), like "[\"redis://r1.example.net:6379\"]";
        /// The user to log in as (Redis 6 or newer); unset: the default user.
        user: Option<String> = None, like "\"mutt\"";
        /// The password; unset: no login.
        password: Option<Secret> = None, like "\"secret\"";
        /// The password that is to replace it: tried when the other is refused.
        password_next: Option<Secret> = None, like "\"secret\"";
        /// What all its keys begin with.
        prefix: Name = Name::literal("mutt");
        /// "strict": acknowledged is on disk (appendonly yes, appendfsync always, noeviction).
        durability: Durability = Durability::Strict;
        /// How many replicas must have a message before it is acknowledged.
        replicas: u64 = 0, in 0..=9;
        /// The server forbids CONFIG, and you declare that its settings are those of "strict".
        declared: bool = false;
        /// The journal's limit, in bytes of compressed messages.
        retain_bytes: u64 = 4_294_967_296, in 4_194_304..=1_099_511_627_776_000;
        /// How long a connection may take, in milliseconds.
        connect_ms: u64 = 2_000, in 100..=60_000;
        /// How long an answer may take, in milliseconds.
        response_ms: u64 = 5_000, in 100..=60_000;
        /// How often it is looked for new messages, in milliseconds; a quarter as often while none come.
        poll_ms: u64 = 20, in 1..=1_000;
    }
    tables { tls: WayTlsSettings }
}

impl RedisJournalSettings {
    /// All URLs.
    pub fn urls(&self) -> impl Iterator<Item = &RedisUrl> {
        self.url.iter().chain(&self.sentinels).chain(&self.cluster)
    }

    /// Whether TLS is spoken.
    pub fn is_tls(&self) -> bool {
        self.urls().any(|url| url.tls)
    }

    /// How many places it names: the journal is in Redis if there is one.
    pub fn places(&self) -> usize {
        let many = [&self.sentinels, &self.cluster];
        usize::from(self.url.is_some()) + many.iter().filter(|urls| !urls.is_empty()).count()
    }
}
