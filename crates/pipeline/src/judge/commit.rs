//! How a step of the judge becomes true: one change, tried again as it is until the database has
//! it.

use mutt_alert::Notice;
use mutt_event::Timestamp;
use mutt_journal::{Disk, Position};
use mutt_store::{Change, Database, PatternChange};

use super::Judge;
use crate::shadow::Counted;
use crate::step::passes;
use crate::{Rulebook, StepError};

/// A change on its way; nothing else happens before it is true.
pub(super) struct Prepared {
    pub change: Change,
    pub to: Position,
    /// How many of its notices nobody is told, since MUTT only observes.
    pub observed: u64,
    /// What shadow rules would have done.
    pub shadowed: Counted,
    pub retry_at: Timestamp,
}

impl<D: Disk, B: Database> Judge<D, B> {
    /// Whether there is something to commit, though nobody waits for it.
    pub(super) fn has_moved(&self) -> bool {
        self.done > self.committed || self.shadow.has_news()
    }

    pub(super) fn prepare(&mut self, rulebook: &Rulebook, now: Timestamp) -> Prepared {
        let changes = self.engine.correlator.take_changes();
        let shadowed = self.shadow.take();
        self.tallies.shadowed(&shadowed);
        let tallies = self.tallies.take(&changes);
        let mining = &self.parts.stats.mining;
        let mined = self.mining.as_mut().map(|all| all.take(mining)).unwrap_or_default();
        let patterns = PatternChange { decided: self.people.take_patterns_done(), ..mined };
        let destinations = if rulebook.observe { &[][..] } else { &self.settings.destinations };
        let observed = if rulebook.observe { changes.notices.len() as u64 } else { 0 };
        let notices = changes.notices.into_iter().map(|notice| (notice, destinations.to_vec()));
        let change = Change {
            cursors: self.cursors.moves(self.done),
            alerts: changes.alerts,
            notices: notices.collect(),
            tracks: changes.tracks,
            moments: changes.moments,
            tallies,
            lease: self.parts.lease.clone(),
            decided: self.people.take_done(),
            patterns,
            ..Change::default()
        };
        Prepared { change, to: self.done, observed, shadowed, retry_at: now }
    }

    /// Makes the prepared change true; answers whether it is.
    pub(super) async fn commit(&mut self, now: Timestamp) -> Result<bool, StepError> {
        let Some(mut prepared) = self.prepared.take() else { return Ok(true) };
        let stats = &self.parts.stats;
        match self.parts.database.commit(prepared.change.clone()).await {
            Ok(()) => {
                self.committed = prepared.to;
                prepared.change.notices.iter().for_each(|(notice, _)| say(notice));
                self.last_commit = now;
                stats.done(&self.cursors.committed(prepared.to));
                stats.observed.inc_by(prepared.observed);
                stats.shadowed(&prepared.shadowed);
                let forgotten = self.repeats.evicted().saturating_sub(stats.forgotten.get());
                stats.forgotten.inc_by(forgotten);
                stats.progress.set_committed(prepared.to);
                stats.standing.good();
                Ok(true)
            }
            Err(error) if passes(&error) => {
                tracing::warn!(%error, "judge: commit failed, trying again");
                stats.commit_failures.inc();
                stats.standing.bad(now, error.to_string());
                prepared.retry_at = now.after(self.settings.retry_delay);
                self.prepared = Some(prepared);
                Ok(false)
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
