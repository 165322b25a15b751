//! Leases: of several processes one does a job, and for how long. From: workers, who take, renew
//! and give back. To: one table for all, by the database's own clock.
//!
//! A lease has one row, so the database never knows two holders. The epoch rises each time that it
//! is taken, and a [`Change`](crate::Change) that names an older one is refused: who was thought
//! dead writes nothing. What reaches beyond the database, a request or a line to a receiver, is
//! fenced by the holder alone, who stops at the end of his time by a clock of his own, counted
//! from before he asked. So two never work at once, unless the database's clock jumps forward
//! within a lease; one that goes back makes a lease last longer, never shorter. A long lease may be
//! taken over before its end ([`Leases::take_over_lease`]): then both may work for a while.

use std::future::Future;
use std::time::Duration;

use mutt_event::Timestamp;

use crate::StoreError;

/// Who does a job, and until when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// The job: `judge`, `archive/syslog`, `deliver/moogsoft`, …
    pub name: String,
    /// Who has it.
    pub holder: String,
    /// Raised each time that it is taken; a renewal keeps it.
    pub epoch: u64,
    /// When it ends unless it is renewed, by the database's clock.
    pub until: Timestamp,
}

impl Lease {
    /// What a change or a renewal names it by.
    pub fn tenure(&self) -> LeaseRef {
        LeaseRef { name: self.name.clone(), epoch: self.epoch }
    }
}

/// A lease as it was taken once: in a later epoch it is another's.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LeaseRef {
    /// The job.
    pub name: String,
    /// The epoch that it was taken in.
    pub epoch: u64,
}

/// What came of asking for a lease.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Grant {
    /// It is yours.
    Yours(Lease),
    /// Another has it.
    Theirs {
        /// Whose it is.
        lease: Lease,
        /// How long it lasts yet, by the database's clock.
        left: Duration,
    },
}

/// Where leases are; see the module for what is promised.
pub trait Leases: Clone + Send + Sync + 'static {
    /// Takes a lease that is free, has ended, or is `holder`'s already, in a new epoch; it lasts
    /// `ttl`. A holder's name must not be empty, and no two that live may have the same: whoever
    /// bears the name takes over at once.
    ///
    /// # Errors
    /// The database does not do it; where the answer was lost, it may have.
    fn take_lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> impl Future<Output = Result<Grant, StoreError>> + Send;

    /// As [`Leases::take_lease`], also from a holder whose lease still stands as it was seen: that he
    /// has not renewed it for too long is for the caller to know.
    ///
    /// # Errors
    /// As [`Leases::take_lease`].
    fn take_over_lease(
        &self,
        seen: &Lease,
        holder: &str,
        ttl: Duration,
    ) -> impl Future<Output = Result<Grant, StoreError>> + Send;

    /// Lets it last `ttl` from now, even if it had ended and nobody took it; none: it was taken by
    /// another or given back.
    ///
    /// # Errors
    /// As [`Leases::take_lease`].
    fn renew_lease(
        &self,
        lease: &LeaseRef,
        ttl: Duration,
    ) -> impl Future<Output = Result<Option<Lease>, StoreError>> + Send;

    /// Gives it back, so that another need not wait. One that was taken by another stays theirs.
    ///
    /// # Errors
    /// As [`Leases::take_lease`].
    fn release_lease(
        &self,
        lease: &LeaseRef,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// All that were taken and not given back, by name; some may have ended.
    fn leases(&self) -> impl Future<Output = Result<Vec<Lease>, StoreError>> + Send;
}

pub(crate) fn superseded(lease: &LeaseRef) -> StoreError {
    StoreError::Superseded { lease: lease.name.clone() }
}
