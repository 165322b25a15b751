//! The end, in order and within the limit: inputs, journal, readers, the rest.
//!
//! What is not done in time is not lost: cursors stand where they are, and it is done again.

use std::time::Duration;

use mutt_pipeline::{Progress, Standing};
use mutt_store::{Database, DeliveryState};
use tokio::time::{Instant, sleep, timeout};

use super::build::ms;
use super::deliver::worker_name;
use super::machine::Machine;
use super::watch::Way;
use crate::status::Status;

/// How often it is looked whether the readers are done.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// What is left of the limit for the last commits.
const LAST: Duration = Duration::from_secs(3);

impl Machine {
    /// Ends all parts.
    pub async fn stop(mut self) {
        let until = Instant::now() + ms(self.settings.shutdown_ms);
        self.status.inputs_up(None);
        self.stops.inputs.cancel();
        let drained = async { while self.inputs.join_next().await.is_some() {} };
        if timeout(left(until) / 2, drained).await.is_err() {
            tracing::warn!("inputs did not end in time: what was not on disk was not acknowledged");
        }
        self.inputs.abort_all();
        while self.inputs.join_next().await.is_some() {}
        // With the inputs the last appenders are gone: the writer stores what waits, and ends.
        if !self.writer.ended(left(until) / 2).await {
            tracing::warn!("the journal's writer did not end in time");
        }
        let patience = left(until).saturating_sub(LAST).max(left(until) / 2);
        let (readers, ways) = (&self.readers, &self.ways);
        let caught_up = caught_up(&self.journal, readers, &self.store, ways, &self.status);
        if timeout(patience, caught_up).await.is_err() {
            tracing::info!("readers are still behind: they go on at the next start");
        }
        self.stops.workers.cancel();
        for worker in self.workers {
            worker.ended(left(until)).await;
        }
        self.stops.rest.cancel();
        self.served.close();
        if timeout(left(until).max(LOOK_EVERY), self.served.wait()).await.is_err() {
            tracing::warn!("the API did not end in time");
        }
        if timeout(left(until).max(LOOK_EVERY), self.store.close()).await.is_err() {
            tracing::warn!("the database did not close in time");
        }
        tracing::info!("stopped");
    }
}

fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}

/// Waits until every reader that is well has done all that is stored, and every destination that
/// is well has been told all. What another process does is its own.
async fn caught_up(
    journal: &mutt_journal::Handle<mutt_journal::RealDisk>,
    readers: &[(String, Progress, Standing)],
    store: &mutt_store::SqlStore,
    ways: &[Way],
    status: &Status,
) {
    let end = journal.end();
    let behind = || {
        readers.iter().any(|(name, progress, standing)| {
            let works = standing.trouble().is_none() && !status.stands_by(name);
            works && progress.done() < end
        })
    };
    while behind() {
        sleep(LOOK_EVERY).await;
    }
    let well = |name: &str| {
        let named = ways.iter().find(|way| way.name == name);
        let well = named.is_some_and(|way| way.standing.trouble().is_none());
        well && !status.stands_by(&worker_name(name))
    };
    loop {
        let Ok(queues) = store.queues().await else { return };
        let waits = queues.iter().any(|queue| {
            let waiting = |length: &mutt_store::QueueLength| {
                length.state == DeliveryState::Waiting && length.count > 0
            };
            well(&queue.destination) && queue.lengths.iter().any(waiting)
        });
        if !waits {
            return;
        }
        sleep(LOOK_EVERY).await;
    }
}
