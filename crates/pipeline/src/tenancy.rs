//! A worker's lease: taken, renewed, and known to be over by a clock of the worker's own.
//!
//! From: the table of leases, which all processes share. To: [`Leased`](crate::Leased), which lets
//! a worker work only while it holds its lease.
//!
//! The database fences what is written to it; a request or a line to a receiver it cannot call
//! back. So a worker reaches out only until its own deadline: the time before it asked, plus the
//! lease's length, less a margin. Nobody else has the lease before that, however long the answer
//! was under way.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_store::{Grant, Lease, LeaseRef, Leases, StoreError};

use crate::step::passes;

/// How long a lease is not asked for at most, however long it lasts: what is left of it when the
/// database goes away, and how soon one that was given back is taken, hang on that.
const ASK_EVERY_MAX: Duration = Duration::from_secs(10);
/// The same after a renewal that failed.
const RETRY_EVERY_MAX: Duration = Duration::from_secs(1);

/// Which lease, whose, and for how long.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeaseSettings {
    /// The lease's name, which is its worker's: `judge`, `archive/syslog`, `deliver/moogsoft`, …
    pub name: String,
    /// Who asks; no two that live may have the same name.
    pub holder: String,
    /// How long it lasts without a renewal; it is renewed after a third, and every ten seconds.
    pub ttl: Duration,
    /// If shorter than that: another takes over from a holder whom it has seen not to renew it for so
    /// long, though the database answered all the while; so it is renewed after a third of this.
    pub silence: Option<Duration>,
}

impl LeaseSettings {
    /// For clocks that do not run alike, and for what is between a look at the clock and a byte on
    /// its way.
    fn margin(&self) -> Duration {
        self.ttl / 10
    }

    fn ask_every(&self) -> Duration {
        (self.silence.unwrap_or(self.ttl).min(self.ttl) / 3).min(ASK_EVERY_MAX)
    }

    fn retry_every(&self) -> Duration {
        (self.ttl / 10).min(RETRY_EVERY_MAX)
    }
}

/// Time that never goes back, from some beginning; it must go on while the machine is suspended.
#[derive(Clone)]
pub struct Stopwatch(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Stopwatch {
    /// One that reads this.
    pub fn new(read: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    fn now(&self) -> Duration {
        (self.0)()
    }
}

impl fmt::Debug for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stopwatch").field(&self.now()).finish()
    }
}

/// A lease in its worker's hand. Clones are the same: a renewal lengthens all of them.
#[derive(Clone, Debug)]
pub struct Tenure {
    lease: LeaseRef,
    clock: Stopwatch,
    /// In microseconds by the clock.
    ends: Arc<AtomicU64>,
}

impl Tenure {
    /// What a change names it by.
    pub fn lease(&self) -> &LeaseRef {
        &self.lease
    }

    /// How long the worker may reach out yet: what it begins must end within this. Zero: nothing
    /// may be begun until the lease is renewed.
    pub fn left(&self) -> Duration {
        let ends = Duration::from_micros(self.ends.load(Ordering::Relaxed));
        ends.saturating_sub(self.clock.now())
    }

    fn lengthen(&self, ends: Duration) {
        self.ends.store(u64::try_from(ends.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// How a worker stands to its lease.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seat {
    /// It holds it and works.
    Held {
        /// The epoch in which it was taken.
        epoch: u64,
    },
    /// Another holds it.
    Standby {
        /// Who.
        holder: String,
        /// When it ends unless it is renewed, by the database's clock.
        until: Timestamp,
    },
    /// It held it, its own deadline is over, and the database does not say whose it is.
    Unsure {
        /// Why no renewal came.
        why: String,
    },
    /// Another has taken it: what the worker has begun is void.
    Lost,
}

/// A lease of another's, as it was when it was asked for.
struct Seen {
    lease: Lease,
    /// Since when it was seen to stand so, and when last.
    since: Duration,
    last: Duration,
    ask_at: Duration,
}

enum State {
    /// Not ours; the answer of the last time that we asked, until it is time to ask again.
    Away(Option<Seen>),
    Held {
        tenure: Tenure,
        renew_at: Duration,
        /// Why the last renewal failed.
        why: Option<String>,
    },
}

/// Takes a lease and keeps it; see the [module](self).
pub struct Tenancy<B> {
    settings: LeaseSettings,
    database: B,
    clock: Stopwatch,
    state: State,
}

impl<B: Leases> Tenancy<B> {
    /// Asks nothing yet.
    pub fn new(database: B, settings: LeaseSettings, clock: Stopwatch) -> Self {
        Self { settings, database, clock, state: State::Away(None) }
    }

    /// The lease in hand, if there is one; its time may be over.
    pub fn tenure(&self) -> Option<&Tenure> {
        match &self.state {
            State::Held { tenure, .. } => Some(tenure),
            State::Away(_) => None,
        }
    }

    /// Takes the lease, or renews it when a third of its time is over, or ten seconds; asks the
    /// database only then, and as a stand-by after the same time, or once the other's is over.
    ///
    /// # Errors
    /// The database does not answer and nothing was held, or it refuses for good. A renewal that
    /// finds no answer is no error: it is tried again, also after the deadline.
    pub async fn keep(&mut self) -> Result<Seat, StoreError> {
        let now = self.clock.now();
        match &self.state {
            State::Held { tenure, renew_at, why } if now < *renew_at => {
                Ok(seat(tenure, why.as_deref()))
            }
            State::Held { tenure, .. } => self.renew(now, tenure.clone()).await,
            State::Away(Some(seen)) if now < seen.ask_at => Ok(standby(&seen.lease)),
            State::Away(_) => self.take(now).await,
        }
    }

    /// How long until [`Tenancy::keep`] asks the database next.
    pub fn asks_in(&self) -> Duration {
        let at = match &self.state {
            State::Held { renew_at, .. } => *renew_at,
            State::Away(Some(seen)) => seen.ask_at,
            State::Away(None) => Duration::ZERO,
        };
        at.saturating_sub(self.clock.now())
    }

    /// Forgets it, so that it has to be taken anew, in a new epoch.
    pub fn forget(&mut self) {
        self.state = State::Away(None);
    }

    /// Gives it back, so that another need not wait for its end.
    ///
    /// # Errors
    /// The database does not answer: then it ends by itself.
    pub async fn leave(&mut self) -> Result<(), StoreError> {
        match std::mem::replace(&mut self.state, State::Away(None)) {
            State::Held { tenure, .. } => self.database.release_lease(tenure.lease()).await,
            State::Away(_) => Ok(()),
        }
    }

    async fn take(&mut self, asked: Duration) -> Result<Seat, StoreError> {
        let LeaseSettings { name, holder, ttl, .. } = &self.settings;
        // An error forgets what was seen: while the database is away the holder cannot renew either.
        let seen = match std::mem::replace(&mut self.state, State::Away(None)) {
            State::Away(seen) => seen,
            State::Held { .. } => None,
        };
        let granted = match seen.as_ref().filter(|seen| self.is_silent(seen, asked)) {
            Some(seen) => self.database.take_over_lease(&seen.lease, holder, *ttl).await?,
            None => self.database.take_lease(name, holder, *ttl).await?,
        };
        match granted {
            Grant::Yours(lease) => {
                let tenure = Tenure {
                    lease: lease.tenure(),
                    clock: self.clock.clone(),
                    ends: Arc::default(),
                };
                tracing::info!(lease = name, epoch = lease.epoch, "lease taken");
                Ok(self.hold(asked, tenure))
            }
            Grant::Theirs { lease, left } => {
                let now = self.clock.now();
                let ask_at = now + left.min(self.settings.ask_every());
                let still = seen.filter(|seen| seen.lease == lease && self.is_watched(seen, now));
                let since = still.map_or(now, |seen| seen.since);
                let seat = standby(&lease);
                self.state = State::Away(Some(Seen { lease, since, last: now, ask_at }));
                Ok(seat)
            }
        }
    }

    /// Whether a holder has not renewed for too long, and was looked at all the while.
    fn is_silent(&self, seen: &Seen, now: Duration) -> bool {
        let silent = |silence| now.saturating_sub(seen.since) >= silence;
        self.settings.silence.is_some_and(silent) && self.is_watched(seen, now)
    }

    /// Whether the last look is not too old to know that the database answered since then.
    fn is_watched(&self, seen: &Seen, now: Duration) -> bool {
        now.saturating_sub(seen.last) <= 2 * self.settings.ask_every()
    }

    async fn renew(&mut self, asked: Duration, tenure: Tenure) -> Result<Seat, StoreError> {
        match self.database.renew_lease(tenure.lease(), self.settings.ttl).await {
            Ok(Some(_)) => Ok(self.hold(asked, tenure)),
            Ok(None) => {
                tracing::warn!(lease = self.settings.name, "lease lost to another worker");
                self.forget();
                Ok(Seat::Lost)
            }
            Err(error) if passes(&error) => {
                tracing::warn!(lease = self.settings.name, %error, "lease not renewed, trying again");
                let renew_at = self.clock.now() + self.settings.retry_every();
                let why = error.to_string();
                let seat = seat(&tenure, Some(&why));
                self.state = State::Held { tenure, renew_at, why: Some(why) };
                Ok(seat)
            }
            Err(error) => Err(error),
        }
    }

    fn hold(&mut self, asked: Duration, tenure: Tenure) -> Seat {
        tenure.lengthen(asked + self.settings.ttl - self.settings.margin());
        let seat = Seat::Held { epoch: tenure.lease.epoch };
        self.state = State::Held { tenure, renew_at: asked + self.settings.ask_every(), why: None };
        seat
    }
}

fn seat(tenure: &Tenure, why: Option<&str>) -> Seat {
    if tenure.left().is_zero() {
        let why = why.unwrap_or("a renewal is due").to_owned();
        return Seat::Unsure { why };
    }
    Seat::Held { epoch: tenure.lease.epoch }
}

fn standby(lease: &Lease) -> Seat {
    Seat::Standby { holder: lease.holder.clone(), until: lease.until }
}
