//! A Redis list that senders LPUSH to: the reliable queue. Each worker moves elements into a list of
//! its own, and takes them out of there once they are on disk.
//!
//! From: rsyslog's omhiredis, and programs. To: the journal, one batch a round trip. Delivery is at
//! least once: killed in between, a worker stores its last batch again, and if it stays away,
//! another one does. While the journal has no room nothing is taken.

mod element;
mod keys;
mod link;
mod recover;
mod session;
mod trouble;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use mutt_event::Input;
use mutt_secrets::Passwords;
use mutt_tls::Connector;
use rand::Rng;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::intake::{InputError, Intake};
use keys::Keys;
use link::Link;
use session::Session;
use trouble::Trouble;
use worker::Worker;

const INPUT: Input = Input::RedisList;

/// Settings of one list.
#[derive(Clone, Debug)]
pub struct RedisListConfig {
    /// What it is called in the log and in readiness.
    pub name: String,
    /// Host and port of the server.
    pub address: String,
    /// The TLS of connections; none: they are plain.
    pub tls: Option<Arc<Connector>>,
    /// The database's number.
    pub database: i64,
    /// Whom to log in as; none: the server's default user.
    pub user: Option<String>,
    /// The passwords that may be in force; none: no login.
    pub password: Option<Passwords>,
    /// The list's key.
    pub list: String,
    /// The worker's name, the same over restarts and no other worker's: letters, digits, `.`, `-`, `_`.
    pub worker: String,
    /// A longer message is cut, in bytes.
    pub message_bytes_max: usize,
    /// Messages in one batch.
    pub batch_messages_max: usize,
    /// Bytes in one batch, about.
    pub batch_bytes_max: usize,
    /// How long an answer may take, in milliseconds.
    pub answer_timeout_ms: u64,
    /// Without a sign of life for so long a worker is dead, in milliseconds.
    pub ttl_ms: u64,
    /// The first wait before it connects again, in milliseconds; each next one is twice as long.
    pub retry_first_ms: u64,
    /// The longest wait, in milliseconds.
    pub retry_max_ms: u64,
}

impl RedisListConfig {
    fn ttl(&self) -> Duration {
        Duration::from_millis(self.ttl_ms)
    }
}

/// Whether a list can have its workers' keys beside it in one slot of a cluster.
pub fn fits_as_redis_list(list: &str) -> bool {
    Keys::new(list).is_some()
}

/// The Redis list input, not connected yet.
#[derive(Debug)]
pub struct RedisList {
    config: RedisListConfig,
    keys: Keys,
    health: watch::Sender<Option<String>>,
}

impl RedisList {
    /// Prepares it; `serve` connects.
    ///
    /// # Errors
    /// [`InputError::Config`].
    pub fn new(config: RedisListConfig) -> Result<Self, InputError> {
        let wrong = |error: String| InputError::Config { input: INPUT.name(), error };
        let keys = Keys::new(&config.list).ok_or_else(|| {
            wrong(format!("list `{}`: braces that make no hash tag", config.list))
        })?;
        if !keys::is_name(&config.worker) {
            let error = format!("worker `{}`: letters, digits, `.`, `-`, `_`", config.worker);
            return Err(wrong(error));
        }
        let (health, _) = watch::channel(Some("not connected yet".to_owned()));
        Ok(Self { config, keys, health })
    }

    /// What is wrong with it now; none: nothing.
    pub fn health(&self) -> watch::Receiver<Option<String>> {
        self.health.subscribe()
    }

    /// Serves until `shutdown` is cancelled; returns when what was read is stored and taken out.
    ///
    /// # Errors
    /// [`InputError::Journal`] when the journal takes nothing more.
    pub async fn serve(
        self,
        intake: Arc<Intake>,
        shutdown: CancellationToken,
    ) -> Result<(), InputError> {
        let Self { config, keys, health } = self;
        let mut worker = Worker::new(config, keys, intake, health);
        let door = worker.door.clone();
        let mut failures = 0;
        while !shutdown.is_cancelled() {
            let trouble = match session(&mut worker, &shutdown, &mut failures).await {
                Ok(()) | Err(Trouble::Stopped) => break,
                Err(trouble) => trouble,
            };
            let delay = after(&mut worker, &trouble, failures);
            failures += 1;
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                () = door.failed() => break,
                () = tokio::time::sleep(delay) => {}
            }
        }
        door.end()
    }
}

/// One connection from open to close. `failures` are those without a success between them.
async fn session(
    worker: &mut Worker,
    stop: &CancellationToken,
    failures: &mut u32,
) -> Result<(), Trouble> {
    let address = worker.moved_to.take().unwrap_or_else(|| worker.config.address.clone());
    let meter = worker.door.meter.clone();
    let opened = tokio::select! {
        biased;
        () = stop.cancelled() => return Err(Trouble::Stopped),
        opened = Link::open(&worker.config, &address) => opened,
    };
    let link = opened.inspect_err(|trouble| meter.refuse_connection(trouble.reason()))?;
    meter.connections.inc();
    let ended = {
        let mut session = Session::new(worker, link, stop);
        let ended = session.run().await;
        if session.has_worked() {
            *failures = 0;
        }
        ended
    };
    meter.connections.dec();
    meter.close_connection(ended.as_ref().map_or_else(Trouble::reason, |()| "shutdown"));
    ended
}

/// What is learned from trouble, and how long it is waited before the next session.
fn after(worker: &mut Worker, trouble: &Trouble, failures: u32) -> Duration {
    let config = &worker.config;
    let longest = config.retry_max_ms.max(1);
    let first = config.retry_first_ms.max(1);
    let doubled = first.saturating_mul(1 << failures.min(20));
    let (known, ms) = match trouble {
        Trouble::Old if !worker.old => {
            worker.old = true;
            (true, first)
        }
        // All keys are in one slot, so the whole of it is there.
        Trouble::Moved(to) if failures < 5 => {
            worker.moved_to = Some(to.clone());
            (true, first)
        }
        Trouble::NamedAlike(_) => (false, longest),
        _ => (false, doubled.min(longest)),
    };
    if known {
        tracing::info!(input = %worker.config.name, "{trouble}");
    } else {
        worker.is_ill(trouble.to_string());
    }
    // Spread, so that many workers do not all come back at once.
    Duration::from_millis(rand::rng().random_range(ms / 2..=ms))
}
