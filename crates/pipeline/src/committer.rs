//! How a worker's step becomes true: one change, tried again as it is until the database has it.
//!
//! From: the judge, a judge of one partition, the correlator. To: the database.

use std::time::Duration;

use mutt_alert::Notice;
use mutt_event::Timestamp;
use mutt_journal::Position;
use mutt_store::{Change, Database};

use crate::StepError;
use crate::shadow::Counted;
use crate::stats::ReaderStats;
use crate::step::passes;

/// A change on its way; nothing else happens before it is true.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    pub change: Change,
    /// Where the worker's cursors are then.
    pub to: Position,
    /// How many of its notices nobody is told, since MUTT only observes.
    pub observed: u64,
    /// What shadow rules would have done.
    pub shadowed: Counted,
}

/// What came of trying.
pub(crate) enum Tried {
    /// There was nothing to try.
    Nothing,
    /// It is true.
    True(Box<Prepared>),
    /// Not now: again at this time.
    Later(Timestamp),
}

/// Commits a worker's changes, one after the other.
pub(crate) struct Committer<B> {
    database: B,
    name: String,
    stats: ReaderStats,
    delay: Duration,
    retry_delay: Duration,
    prepared: Option<(Box<Prepared>, Timestamp)>,
    last_commit: Timestamp,
}

impl<B: Database> Committer<B> {
    /// Nothing is under way. A change may wait for `delay` if nobody waits for it; one that failed
    /// is tried again after `retry_delay`.
    pub fn new(
        database: B,
        name: &str,
        stats: ReaderStats,
        (delay, retry_delay): (Duration, Duration),
        now: Timestamp,
    ) -> Self {
        let name = name.to_owned();
        Self { database, name, stats, delay, retry_delay, prepared: None, last_commit: now }
    }

    /// The database.
    pub fn database(&self) -> &B {
        &self.database
    }

    /// When what nobody waits for is committed.
    pub fn commit_at(&self) -> Timestamp {
        self.last_commit.after(self.delay)
    }

    /// Makes this the change that is tried next; the one before must be true.
    pub fn prepare(&mut self, prepared: Prepared, now: Timestamp) {
        self.prepared = Some((Box::new(prepared), now));
    }

    /// Tries what is prepared, if it is time.
    ///
    /// # Errors
    /// The database refuses for good, or somebody else has taken over.
    pub async fn commit(&mut self, now: Timestamp) -> Result<Tried, StepError> {
        let Some((prepared, retry_at)) = self.prepared.take() else { return Ok(Tried::Nothing) };
        if now < retry_at {
            self.prepared = Some((prepared, retry_at));
            return Ok(Tried::Later(retry_at));
        }
        let stats = &self.stats;
        match self.database.commit(prepared.change.clone()).await {
            Ok(()) => {
                prepared.change.notices.iter().for_each(|(notice, _)| say(notice));
                self.last_commit = now;
                stats.made(&prepared.change);
                stats.observed.inc_by(prepared.observed);
                stats.shadowed(&prepared.shadowed);
                stats.standing.good();
                Ok(Tried::True(prepared))
            }
            Err(error) if passes(&error) => {
                tracing::warn!(worker = self.name, %error, "commit failed, trying again");
                stats.commit_failures.inc();
                stats.standing.bad(now, error.to_string());
                let retry_at = now.after(self.retry_delay);
                self.prepared = Some((prepared, retry_at));
                Ok(Tried::Later(retry_at))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What an operator finds by an alert's correlation id.
fn say(notice: &Notice) {
    tracing::info!(
        correlation_id = %notice.cause,
        alert_id = notice.alert.id,
        notice_id = notice.id,
        rule = notice.alert.rule.id,
        host = notice.alert.host,
        kind = notice.kind.name(),
        "notice made"
    );
}
