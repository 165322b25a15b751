//! Workers with what is theirs in the story alone. From: the site that opens them. To: their leases.

use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::Lane;
use mutt_pipeline::{Archiver, Step, StepError, Worker};

use crate::net::SimChannel;
use crate::node::SimClock;
use crate::store::PlantedStore;
use crate::trail::Trail;

/// A judge, a correlator or a miner with the trail that it leaves.
pub struct Trailed<W> {
    pub worker: W,
    pub trail: Trail,
}

impl<W: Worker> Worker for Trailed<W> {
    async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        self.trail.begins();
        self.worker.step(now).await
    }

    async fn stop(&mut self, now: Timestamp) -> Result<(), StepError> {
        self.worker.stop(now).await
    }
}

/// An archiver and the clock that its end goes by.
pub struct Archives<L: Lane> {
    pub archiver: Archiver<L, PlantedStore, SimChannel>,
    pub clock: SimClock,
}

impl<L: Lane> Worker for Archives<L> {
    async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        self.archiver.step(now).await
    }

    async fn stop(&mut self, _: Timestamp) -> Result<(), StepError> {
        self.archiver.stop(&self.clock, Duration::ZERO).await.map(|_| ())
    }
}
