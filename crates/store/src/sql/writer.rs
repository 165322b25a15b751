//! The one task that writes. From: the queues of people and of workers. To: the database, all that
//! waits as one transaction with one sync, people's changes first.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mutt_event::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::ballast::Ballast;
use super::counters::{Counters, count};
use super::dialect::Dialect;
use super::snmp_engine::SnmpEngine;
use super::wire::{Target, Wire};
use super::{catalog, change, leases, people, reports, rows, snmp_engine};
use crate::{
    Change, Cursor, Edit, Grant, Keep, Lease, LeaseRef, PeopleChange, Pruned, SignInAttempt,
    StoreError, Urgency,
};

/// The most jobs in one transaction; more wait for the next.
const JOBS_MAX: usize = 256;

/// How long what is to be written waits for a new connection to a server. What takes longer goes
/// on beside the work, which is refused meanwhile: whoever asked has other things to do.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) enum Work {
    Commit(Box<Change>),
    Claim { reader: String, journal: String, partitions: Range<u16> },
    Prune(Keep),
    Edit(Box<Edit>),
    People(Box<PeopleChange>),
    Attempt { name: String, at: Timestamp },
    TakeLease { name: String, holder: String, ttl: Duration, seen: Option<Lease> },
    RenewLease(LeaseRef, Duration),
    ReleaseLease(LeaseRef),
    SnmpEngine { proposed: String, keep: bool },
    Report { name: String, body: Option<String> },
    Close,
}

impl Work {
    /// Whether it appends to the audit.
    fn is_audited(&self) -> bool {
        match self {
            Work::Edit(_) => true,
            Work::Commit(change) => !change.audit.is_empty(),
            Work::People(change) => !change.audit.is_empty(),
            _ => false,
        }
    }
}

/// What came of a job: a claim's cursors, a pruning's numbers, an edit's last revision, a lease,
/// MUTT as an SNMP engine, how many sessions ended, an attempt to sign in.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) cursors: Vec<Cursor>,
    pub(super) pruned: Pruned,
    pub(super) head: u64,
    pub(super) grant: Option<Grant>,
    pub(super) renewed: Option<Lease>,
    pub(super) engine: Option<SnmpEngine>,
    pub(super) ended: u64,
    pub(super) attempt: Option<SignInAttempt>,
}

#[derive(Debug)]
pub(super) struct Job {
    pub(super) urgency: Urgency,
    pub(super) work: Work,
    pub(super) answer: oneshot::Sender<Result<Done, StoreError>>,
}

/// A connection to a server that is being made.
struct Attempt {
    connecting: JoinHandle<Result<Wire, StoreError>>,
    since: Instant,
}

pub(super) struct Writer {
    target: Target,
    wire: Option<Wire>,
    attempt: Option<Attempt>,
    ballast: Option<Ballast>,
    people: mpsc::Receiver<Job>,
    workers: mpsc::Receiver<Job>,
    counters: Arc<Counters>,
}

impl Writer {
    pub(super) fn new(
        target: Target,
        wire: Wire,
        ballast: Option<Ballast>,
        people: mpsc::Receiver<Job>,
        workers: mpsc::Receiver<Job>,
        counters: Arc<Counters>,
    ) -> Self {
        Self { target, wire: Some(wire), attempt: None, ballast, people, workers, counters }
    }

    /// Runs until the store is closed or its last clone is gone, and nothing waits.
    pub(super) async fn run(mut self) {
        let mut closers = Vec::new();
        while let Some(first) = self.next().await {
            let mut jobs = self.batch(first);
            closers.extend(jobs.extract_if(.., |job| matches!(job.work, Work::Close)));
            if !closers.is_empty() {
                self.people.close();
                self.workers.close();
            }
            self.execute(jobs).await;
        }
        if let Some(wire) = self.wire.take()
            && let Err(fault) = wire.close().await
        {
            tracing::warn!(%fault, "the database did not close cleanly; nothing is lost by that");
        }
        for job in closers {
            let _ = job.answer.send(Ok(Done::default()));
        }
    }

    async fn next(&mut self) -> Option<Job> {
        tokio::select! {
            biased;
            Some(job) = self.people.recv() => Some(job),
            Some(job) = self.workers.recv() => Some(job),
            else => None,
        }
    }

    /// The first job and what waits beside it, people's first, each queue in its order.
    fn batch(&mut self, first: Job) -> Vec<Job> {
        let mut jobs = vec![first];
        for queue in [&mut self.people, &mut self.workers] {
            while jobs.len() < JOBS_MAX
                && let Ok(job) = queue.try_recv()
            {
                jobs.push(job);
            }
        }
        jobs.sort_by_key(|job| job.urgency);
        jobs
    }

    async fn execute(&mut self, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        let mut result = self.transaction(&jobs).await;
        if matches!(result, Err(StoreError::Full(_))) && self.release() {
            result = self.transaction(&jobs).await;
        }
        let results = match result {
            Ok(results) => {
                self.ballast.iter_mut().for_each(Ballast::restore);
                results
            }
            // What needs no room may still fit, if it does not go with what does.
            Err(StoreError::Full(_)) if jobs.len() > 1 => self.each_alone(&jobs).await,
            Err(fault) => jobs.iter().map(|_| Err(fault.clone())).collect(),
        };
        for (job, result) in jobs.into_iter().zip(results) {
            let counter = match &result {
                Ok(_) => &self.counters.done,
                Err(fault) if alone(fault) => &self.counters.refused,
                Err(_) => &self.counters.failed,
            };
            count(counter);
            // A caller that gave up does not read it; what it asked for is done all the same.
            let _ = job.answer.send(result);
        }
    }

    fn release(&mut self) -> bool {
        self.ballast.as_mut().is_some_and(Ballast::release)
    }

    async fn each_alone(&mut self, jobs: &[Job]) -> Vec<Result<Done, StoreError>> {
        let mut results = Vec::with_capacity(jobs.len());
        for job in jobs {
            match self.transaction(std::slice::from_ref(job)).await {
                Ok(done) => results.extend(done),
                Err(fault) => results.push(Err(fault)),
            }
        }
        results
    }

    /// One result for each job, or the error that undid all of them.
    async fn transaction(
        &mut self,
        jobs: &[Job],
    ) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
        // Taken out, so that a connection in an unknown state is dropped, which rolls it back.
        let mut wire = match self.wire.take() {
            Some(wire) => wire,
            None => self.connect().await?,
        };
        let result = jobs_in_one(&mut wire, self.target.dialect, jobs).await;
        match &result {
            Ok(_) => {
                count(&self.counters.transactions);
                self.wire = Some(wire);
            }
            Err(fault) => {
                count(&self.counters.failed_transactions);
                tracing::error!(%fault, jobs = jobs.len(), "a database transaction failed");
                if let Err(fault) = wire.close().await {
                    tracing::warn!(%fault, "the database connection did not close cleanly");
                }
            }
        }
        result
    }

    async fn connect(&mut self) -> Result<Wire, StoreError> {
        let connected = match self.target.dialect {
            Dialect::Sqlite => self.target.connect().await,
            Dialect::Postgres => self.reconnect().await,
        };
        let connected = connected.map_err(|fault| rows::at(self.target.name(), fault));
        match &connected {
            Ok(_) => {
                count(&self.counters.reconnects);
                self.counters.is_back();
            }
            Err(fault) => {
                count(&self.counters.failed_transactions);
                // What a file holds can be read although it cannot be written.
                if self.target.dialect == Dialect::Postgres {
                    self.counters.is_away(fault);
                }
            }
        }
        connected
    }

    /// Makes a connection to a server, or goes on with making one.
    async fn reconnect(&mut self) -> Result<Wire, StoreError> {
        let target = self.target.clone();
        let mut attempt = self.attempt.take().unwrap_or_else(|| Attempt {
            connecting: tokio::spawn(async move { target.connect().await }),
            since: Instant::now(),
        });
        let patience = PATIENCE.saturating_sub(attempt.since.elapsed());
        match timeout(patience, &mut attempt.connecting).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => Err(StoreError::Unavailable(panic.to_string())),
            Err(_) => {
                self.attempt = Some(attempt);
                Err(StoreError::Unavailable("no answer to a new connection".to_owned()))
            }
        }
    }
}

async fn jobs_in_one(
    wire: &mut Wire,
    dialect: Dialect,
    jobs: &[Job],
) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
    wire.command(dialect.begin()).await?;
    if let (Some(lock), true) = (dialect.audit_lock(), jobs.iter().any(|job| job.work.is_audited()))
    {
        wire.command(lock).await?;
    }
    let mut results = Vec::with_capacity(jobs.len());
    for job in jobs {
        wire.command("SAVEPOINT job").await?;
        let result = one(wire, dialect, &job.work).await;
        match &result {
            Ok(_) => {}
            Err(fault) if alone(fault) => undo(wire).await?,
            Err(fault) => return Err(fault.clone()),
        }
        wire.command("RELEASE SAVEPOINT job").await?;
        results.push(result);
    }
    // Whatever stops a commit, nobody may take it for done.
    wire.command("COMMIT").await.map_err(|fault| match fault {
        StoreError::Full(text) => StoreError::Full(text),
        other => StoreError::Unavailable(other.to_string()),
    })?;
    Ok(results)
}

async fn one(wire: &mut Wire, dialect: Dialect, work: &Work) -> Result<Done, StoreError> {
    let mut done = Done::default();
    match work {
        Work::Commit(change) => change::apply(wire, dialect, change).await?,
        Work::Claim { reader, journal, partitions } => {
            done.cursors = change::claim(wire, reader, journal, partitions.clone()).await?;
        }
        Work::Prune(keep) => done.pruned = change::prune(wire, keep).await?,
        Work::Edit(edit) => done.head = catalog::apply(wire, edit).await?,
        Work::People(change) => done.ended = people::apply(wire, change).await?,
        Work::Attempt { name, at } => {
            done.attempt = Some(people::attempt(wire, name, *at).await?);
        }
        Work::TakeLease { name, holder, ttl, seen } => {
            let who = (name.as_str(), holder.as_str());
            done.grant = Some(leases::take(wire, dialect, who, *ttl, seen.as_ref()).await?);
        }
        Work::RenewLease(lease, ttl) => {
            done.renewed = leases::renew(wire, dialect, lease, *ttl).await?;
        }
        Work::ReleaseLease(lease) => leases::release(wire, lease).await?,
        Work::SnmpEngine { proposed, keep } => {
            done.engine = Some(snmp_engine::ask(wire, dialect, (proposed, *keep)).await?);
        }
        Work::Report { name, body } => {
            reports::apply(wire, dialect, name, body.as_deref()).await?;
        }
        Work::Close => {}
    }
    Ok(done)
}

/// Undoes the job in hand, and no other.
pub(super) async fn undo(wire: &mut Wire) -> Result<(), StoreError> {
    wire.command("ROLLBACK TO SAVEPOINT job").await
}

/// Whether the fault is of one job, and the others of the transaction can go on.
fn alone(fault: &StoreError) -> bool {
    match fault {
        StoreError::Fenced { .. }
        | StoreError::Superseded { .. }
        | StoreError::OtherJournal { .. }
        | StoreError::Outdated { .. }
        | StoreError::NoRevision(_)
        | StoreError::Unfit(_)
        | StoreError::Damaged(_) => true,
        StoreError::Full(_) | StoreError::Unavailable(_) => false,
    }
}
