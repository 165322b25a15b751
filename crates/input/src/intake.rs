//! What all inputs share: a message becomes an envelope in a batch, a batch is stored, and
//! every message is counted as stored or as refused.
//!
//! From: an input that framed messages. To: the journal's [`Appender`].

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ipnet::IpNet;
use mutt_event::{Envelope, Flags, Hosts, Input, Kind, Timestamp, Usm, partition_of};
use mutt_journal::{AppendError, Appender, Batch, Clock, Pending, Receipt, SystemClock, WhenFull};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::stats::{InputStats, Meter, Refusal};

/// Why an input could not start, or had to stop.
#[derive(Debug, Error)]
pub enum InputError {
    /// The address could not be bound.
    #[error(
        "{input}: cannot listen on {address}: {error}; is the port free, and may this user bind it?"
    )]
    Bind {
        /// The input's name.
        input: &'static str,
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        error: std::io::Error,
    },
    /// A socket failed while it served.
    #[error("{input}: socket failed: {error}")]
    Socket {
        /// The input's name.
        input: &'static str,
        /// What the system said.
        error: std::io::Error,
    },
    /// Settings that no input can work with.
    #[error("{input}: {error}")]
    Config {
        /// The input's name.
        input: &'static str,
        /// What is wrong.
        error: String,
    },
    /// The journal takes nothing more.
    #[error("{input}: stopped, since the {error}")]
    Journal {
        /// The input's name.
        input: &'static str,
        /// What the journal said.
        error: AppendError,
    },
}

/// What all inputs share: the way into the journal, the hosts, the counters. Make one for all.
#[derive(Debug)]
pub struct Intake {
    appender: Appender,
    hosts: Hosts,
    stats: InputStats,
    clock: SystemClock,
    last_session: AtomicU64,
    failure: OnceLock<AppendError>,
    failed: CancellationToken,
}

impl Intake {
    /// An intake into the journal behind `appender`.
    pub fn new(appender: Appender, hosts: Hosts, stats: InputStats) -> Arc<Self> {
        Arc::new(Self {
            appender,
            hosts,
            stats,
            clock: SystemClock,
            last_session: AtomicU64::new(0),
            failure: OnceLock::new(),
            failed: CancellationToken::new(),
        })
    }

    /// The counters of all inputs.
    pub fn stats(&self) -> &InputStats {
        &self.stats
    }

    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A number for a new connection: microseconds since the epoch, at least one more than the
    /// last. So it is unique over restarts as long as the machine's clock is not set back.
    pub(crate) fn session(&self) -> u64 {
        let now = self.now().as_micros().max(1).unsigned_abs();
        let next = |last: u64| Some(now.max(last.saturating_add(1)));
        let last = self.last_session.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        now.max(last.unwrap_or(0).saturating_add(1))
    }

    fn fail(&self, error: &AppendError) {
        if matches!(error, AppendError::Closed | AppendError::Failed(_)) {
            let _ = self.failure.set(error.clone()); // the first failure is the cause; keep it
            self.failed.cancel();
        }
    }
}

/// A framed message, before its host is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival<'a> {
    pub kind: Kind,
    pub flags: Flags,
    pub session: u64,
    pub peer: Option<SocketAddr>,
    pub dedup: Option<[u8; 16]>,
    pub usm: Option<Usm<'a>>,
    pub raw: &'a [u8],
}

/// The messages of one read, on their way into one batch.
#[derive(Debug)]
pub(crate) struct Round {
    pub batch: Batch,
    pub received: Timestamp,
    raw_bytes: u64,
    truncated: u64,
}

/// One input's way into the intake. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub input: Input,
    pub intake: Arc<Intake>,
    pub meter: Meter,
    sources: Arc<[IpNet]>,
}

impl Door {
    pub fn new(input: Input, intake: Arc<Intake>, sources: &[IpNet]) -> Self {
        let meter = intake.stats.meter(input);
        Self { input, intake, meter, sources: sources.into() }
    }

    /// May this address send? With no list all may.
    pub fn allows(&self, ip: IpAddr) -> bool {
        self.sources.is_empty() || self.sources.iter().any(|net| net.contains(&ip))
    }

    /// Starts a round with room for `bytes` of messages.
    pub fn round(&self, bytes: usize) -> Round {
        // 40 bytes of envelope on a message of 200 is the usual overhead; half is roomy.
        let batch = Batch::with_capacity(bytes + bytes / 2);
        Round { batch, received: self.intake.now(), raw_bytes: 0, truncated: 0 }
    }

    /// Puts a message into the round, in the partition of its host.
    pub fn push(&self, round: &mut Round, arrival: &Arrival<'_>) {
        let Arrival { kind, flags, session, peer, dedup, usm, raw } = *arrival;
        let ip = peer.map(|peer| peer.ip());
        let host = self.intake.hosts.find_of(kind, raw, ip, usm.as_ref());
        let partition = partition_of(&host, self.intake.appender.partitions());
        let (input, received) = (self.input, round.received);
        let envelope =
            Envelope { input, kind, flags, received, session, peer, host: &host, dedup, usm, raw };
        round.batch.push(partition, |out| envelope.encode_into(out));
        round.raw_bytes += raw.len() as u64;
        round.truncated += u64::from(flags.truncated);
    }

    /// Counts `count` messages as received and refused.
    pub fn refuse(&self, reason: Refusal, count: u64) {
        self.meter.received.inc_by(count);
        self.meter.refuse(reason, count);
    }

    /// Hands a round to the journal. It waits for room in the queue before it, at most `most`.
    ///
    /// The round is counted as received now, and as refused if this fails. Whoever drops this
    /// future half-way loses the count, so nobody does.
    pub async fn submit(
        &self,
        round: Round,
        when_full: WhenFull,
        most: Option<Duration>,
    ) -> Result<Waiting, SubmitError> {
        let Round { batch, received, raw_bytes, truncated } = round;
        let count = batch.len() as u64;
        self.meter.received.inc_by(count);
        self.meter.received_bytes.inc_by(raw_bytes);
        self.meter.truncated.inc_by(truncated);
        let submit = self.intake.appender.submit(batch, when_full);
        let submitted = match most {
            None => submit.await,
            Some(most) => match tokio::time::timeout(most, submit).await {
                Ok(submitted) => submitted,
                Err(_) => {
                    self.meter.refuse(Refusal::BackPressure, count);
                    return Err(SubmitError::NoRoom);
                }
            },
        };
        match submitted {
            Ok(pending) => Ok(Waiting { pending, count, received, door: self.clone() }),
            Err(error) => Err(SubmitError::Append(self.not_stored(error, count))),
        }
    }

    fn not_stored(&self, error: AppendError, count: u64) -> AppendError {
        let reason = match error {
            AppendError::Full(_) => Refusal::JournalFull,
            AppendError::Closed => Refusal::JournalClosed,
            AppendError::Failed(_) => Refusal::JournalFailed,
            AppendError::Invalid(_) => Refusal::JournalInvalid,
        };
        self.meter.refuse(reason, count);
        self.intake.fail(&error);
        error
    }

    /// Resolves when the journal takes nothing more.
    pub async fn failed(&self) {
        self.intake.failed.cancelled().await;
    }

    /// What a `serve` that has drained returns: an error if the journal is why it stopped.
    pub fn end(&self) -> Result<(), InputError> {
        match self.intake.failure.get() {
            None => Ok(()),
            Some(error) => {
                Err(InputError::Journal { input: self.input.name(), error: error.clone() })
            }
        }
    }
}

/// Why a round did not get into the queue.
#[derive(Debug)]
pub(crate) enum SubmitError {
    /// There was no room in time.
    NoRoom,
    /// The journal refused it.
    Append(AppendError),
}

/// A round that the journal has not answered yet.
#[derive(Debug)]
pub(crate) struct Waiting {
    pending: Pending,
    count: u64,
    received: Timestamp,
    door: Door,
}

impl Waiting {
    /// Waits for the sync and counts the messages, as stored or as refused.
    pub async fn stored(self) -> Result<Receipt, AppendError> {
        let Self { pending, count, received, door } = self;
        match pending.stored().await {
            Ok(receipt) => {
                door.meter.stored.inc_by(count);
                let took = door.intake.now().since(received);
                door.meter.receipt_to_disk.observe(took.as_secs_f64());
                Ok(receipt)
            }
            Err(error) => Err(door.not_stored(error, count)),
        }
    }
}

/// The peer's address as it is stored: IPv4 in IPv6 is written as IPv4.
/// A true IPv6 address keeps its scope, which an answer to a link-local peer needs.
pub(crate) fn canonical(peer: SocketAddr) -> SocketAddr {
    match peer.ip().to_canonical() {
        ip @ IpAddr::V4(_) => SocketAddr::new(ip, peer.port()),
        IpAddr::V6(_) => peer,
    }
}

#[cfg(test)]
mod tests {
    use mutt_event::HostsConfig;
    use mutt_journal::queue;

    use super::*;

    fn intake() -> Arc<Intake> {
        let (appender, _queue) = queue(16, 1 << 20);
        Intake::new(appender, Hosts::new(HostsConfig::default()), InputStats::new())
    }

    #[test]
    fn sessions_only_grow() {
        let intake = intake();
        let sessions: Vec<u64> = (0..1_000).map(|_| intake.session()).collect();
        assert!(sessions.windows(2).all(|pair| pair[0] < pair[1]), "{sessions:?}");
        assert!(sessions[0] > 0);
    }

    #[test]
    fn allows_by_network() {
        let nets = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let door = Door::new(Input::SyslogUdp, intake(), &nets);
        assert!(door.allows("10.2.3.4".parse().unwrap()));
        assert!(door.allows("fd00::1".parse().unwrap()));
        assert!(!door.allows("192.0.2.1".parse().unwrap()));
        assert!(Door::new(Input::SyslogUdp, intake(), &[]).allows("192.0.2.1".parse().unwrap()));
    }
}
