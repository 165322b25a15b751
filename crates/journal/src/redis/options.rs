//! What an operator may choose about a journal in Redis.

use std::sync::Arc;
use std::time::Duration;

use mutt_secrets::{Passwords, SecretString};
use mutt_tls::Connector;

use crate::options::OpenError;
use crate::segment::PARTITIONS_MAX;

/// Where the servers are. A URL is `redis://[user[:password]@]host[:port][/database]`; that of the
/// first also gives user, password and database for the masters.
#[derive(Clone, Debug)]
pub enum Topology {
    /// One server.
    Single(SecretString),
    /// Sentinels know which server is the master.
    Sentinel {
        /// Their URLs, any of them answers.
        urls: Vec<SecretString>,
        /// What they call the master.
        master_name: String,
    },
    /// A Redis Cluster; partitions are spread over its masters. It has database 0 only.
    Cluster {
        /// URLs of some of its nodes, any of them answers.
        urls: Vec<SecretString>,
    },
}

/// What a message survives once it is acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Durability {
    /// The servers' settings are checked at each connection, and a weak server is not written to.
    #[default]
    Strict,
    /// Whatever the servers offer.
    Relaxed,
}

/// The settings of a journal in Redis.
#[derive(Clone, Debug)]
pub struct RedisOptions {
    /// Where the servers are.
    pub topology: Topology,
    /// The passwords that may be in force, instead of the URLs'; none: the URLs'.
    pub passwords: Option<Passwords>,
    /// The TLS of all connections, whatever the URLs say; none: they are plain.
    pub tls: Option<Arc<Connector>>,
    /// What all keys begin with, without braces: two journals in one Redis need two.
    pub prefix: String,
    /// P, fixed when the journal is made: 1 to 1,024. Each is a lane with two connections.
    pub partitions: u16,
    /// Whether the servers' settings are checked.
    pub durability: Durability,
    /// How many replicas must have a message before it is acknowledged (WAIT).
    pub replicas: u16,
    /// The operator vouches for the settings of servers that forbid CONFIG.
    pub declared: bool,
    /// The longest that a connection may take, in milliseconds.
    pub connect_timeout_ms: u64,
    /// The longest that an answer may take, in milliseconds; WAIT as long as this.
    pub response_timeout_ms: u64,
    /// How often each lane is looked at, in milliseconds.
    pub poll_ms: u64,
    /// The most that all lanes together may take, in bytes of stored blobs; each lane has its share.
    pub retain_bytes: u64,
    /// How long messages are kept after all have read them.
    pub retain_age: Duration,
    /// Messages younger than this are never trimmed, since a database may come back older.
    pub keep_behind: Duration,
}

impl RedisOptions {
    /// The defaults, for these servers.
    pub fn new(topology: Topology) -> Self {
        Self {
            topology,
            passwords: None,
            tls: None,
            prefix: "mutt".to_owned(),
            partitions: 16,
            durability: Durability::Strict,
            replicas: 0,
            declared: false,
            connect_timeout_ms: 2_000,
            response_timeout_ms: 5_000,
            poll_ms: 20,
            retain_bytes: 4 << 30,
            retain_age: Duration::from_secs(24 * 3600),
            keep_behind: Duration::from_secs(600),
        }
    }

    /// Says what cannot work.
    ///
    /// # Errors
    /// [`OpenError::Options`] names the setting and its bounds.
    pub fn check(&self) -> Result<(), OpenError> {
        let wrong = |what: String| Err(OpenError::Options(what));
        if !(1..=PARTITIONS_MAX).contains(&self.partitions) {
            let has = self.partitions;
            return wrong(format!("partitions is {has}, but must be 1 to {PARTITIONS_MAX}"));
        }
        if self.prefix.is_empty() || self.prefix.contains(['{', '}']) {
            return wrong(format!(
                "prefix is `{}`, but must be a text without braces",
                self.prefix
            ));
        }
        for (name, value) in [
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("response_timeout_ms", self.response_timeout_ms),
            ("poll_ms", self.poll_ms),
        ] {
            if !(1..=600_000).contains(&value) {
                return wrong(format!("{name} is {value}, but must be 1 to 600000"));
            }
        }
        Ok(())
    }

    pub(super) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(super) fn response_timeout(&self) -> Duration {
        Duration::from_millis(self.response_timeout_ms)
    }

    /// The longest that a question may take, connecting anew included.
    pub(super) fn patience(&self) -> Duration {
        (self.connect_timeout() + self.response_timeout()) * 2
    }
}
