//! A deliverer: the notices for one destination, in the order they were made.
//!
//! From: the database, where the judge's change put them. To: the destination, over HTTP, and back
//! to the database with what became of them.
//!
//! A notice keeps its id however often it is sent; what was taken but not yet written down when
//! MUTT was killed is sent again under the same id. The first in the queue goes first always, so
//! the notices of one alert arrive in order. Nothing is given up but what the destination refuses
//! for good: that goes to the dead letters with the answer. After an absence only what is so by
//! then is sent, unless all is wanted; what is sent late says so.
//!
//! A request begins and ends within the deliverer's lease, so when another takes over, nothing of
//! this one is under way any more, and the latest that is told of an alert comes last.

mod latest;
mod payload;

pub use payload::{Payload, Receiver};

use std::collections::VecDeque;
use std::time::Duration;

use mutt_alert::{Notice, NoticeKind};
use mutt_event::Timestamp;
use mutt_output::{Adapter, Answer, DestinationStats, Gate, GateState, Http, HttpError, Response};
use mutt_secrets::{Passwords, scrub};
use mutt_store::{
    Change, Database, Delivered, Delivery, DeliveryState, StoreError, Tally, overtaken_by,
};

use crate::delays;
use crate::stats::Standing;
use crate::step::passes;
use crate::{Step, StepError, Tenure};

/// How many waiting notices are held in memory.
const HELD_MAX: u32 = 512;

/// How many are looked at after an absence, to know the latest of each alert.
const LATE_MAX: u32 = 20_000;

/// Numbers of deliveries that must not be sent any more, each with the notice that tells more.
type Overtaken = Vec<(i64, String)>;

/// How a deliverer works.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DelivererSettings {
    /// The destination's name, as the judge's notices bear it.
    pub destination: String,
    /// How long after a failed commit or read of the database it is tried again.
    pub retry_delay: Duration,
    /// How often it looks for new notices although nobody woke it.
    pub look_every: Duration,
    /// A notice that is sent so long after its cause is marked late.
    pub late_after: Duration,
    /// Whether all that is late is sent, not only the latest of each alert.
    pub sends_all: bool,
}

impl DelivererSettings {
    /// The defaults for a destination.
    pub fn new(destination: &str) -> Self {
        Self {
            destination: destination.to_owned(),
            retry_delay: Duration::from_secs(1),
            look_every: Duration::from_secs(1),
            late_after: Duration::from_secs(60),
            sends_all: false,
        }
    }
}

/// What a deliverer works with.
pub struct DelivererParts<B, H> {
    /// Where notices wait.
    pub database: B,
    /// The way out.
    pub http: H,
    /// The destination's language.
    pub adapter: Adapter,
    /// The destination's pace.
    pub gate: Gate,
    /// For whoever looks on.
    pub stats: DestinationStats,
    /// What keeps it from going on.
    pub standing: Standing,
    /// How long it may send.
    pub tenure: Tenure,
}

impl<B, H: Http> DelivererParts<B, H> {
    /// Sends a request, and again with each other password that may be in force, within the lease.
    async fn ask(&self, notices: &[&Notice]) -> Result<Response, HttpError> {
        let passwords = self.adapter.passwords();
        let candidates = passwords.map(Passwords::candidates).unwrap_or_default();
        let mut candidates = candidates.iter();
        let mut password = candidates.next();
        let mut before = Duration::ZERO;
        loop {
            let mut request = self.adapter.render_with(notices, password);
            request.timeout = request.timeout.min(self.tenure.left());
            let mut result = self.http.send(request).await;
            if let (Ok(response), Some(password)) = (&mut result, password) {
                // The answer is logged and kept, and may quote what it refuses.
                response.body = scrub(std::mem::take(&mut response.body), password);
            }
            if let Ok(response) = &mut result {
                before += response.took;
                response.took = before;
            }
            match (self.adapter.classify(&result), candidates.next()) {
                (Answer::Forbidden { .. }, Some(next)) if !self.tenure.left().is_zero() => {
                    password = Some(next);
                    continue;
                }
                (Answer::Forbidden { .. }, _) => passwords.iter().for_each(|all| all.refused()),
                (Answer::Taken, _) => {
                    passwords.zip(password).iter().for_each(|(all, one)| all.worked(one));
                }
                (Answer::Again { .. } | Answer::Refused { .. }, _) => {}
            }
            return result;
        }
    }
}

/// The worker; see the [module](self).
pub struct Deliverer<B, H> {
    settings: DelivererSettings,
    parts: DelivererParts<B, H>,
    waiting: VecDeque<Delivery>,
    /// So many from the front go one by one, since the batch they were in was refused.
    one_by_one: usize,
    /// The last try failed: the next is one notice alone, so that of few it is unknown whether the
    /// destination has them.
    probes: bool,
    /// Up to this number somebody before us perhaps sent what he could not write down any more;
    /// none: it was not looked yet.
    in_doubt: Option<i64>,
    /// What became of notices, to be written down before anything else is sent.
    prepared: Option<(Change, Timestamp)>,
    /// How often the destination's passwords had changed by the last step.
    passwords: u64,
}

impl<B: Database, H: Http> Deliverer<B, H> {
    /// Goes on where the last one was: all its state is in the database.
    pub fn new(parts: DelivererParts<B, H>, settings: DelivererSettings) -> Self {
        parts.stats.gate(parts.gate.state());
        Self {
            settings,
            parts,
            waiting: VecDeque::new(),
            one_by_one: 0,
            probes: false,
            in_doubt: None,
            prepared: None,
            passwords: 0,
        }
    }

    /// Sends the next batch, if the gate lets it through, and writes down what became of it.
    ///
    /// # Errors
    /// See [`StepError`]. A destination or a database that does not answer is no error.
    pub async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        if let Some((_, retry_at)) = self.prepared {
            if now < retry_at {
                return Ok(Step::idle(retry_at));
            }
            return self.write_down(now).await;
        }
        if self.waiting.is_empty() {
            match self.read(now).await {
                Ok((waiting, overtaken)) => {
                    self.takes(waiting);
                    if !overtaken.is_empty() {
                        return self.leave_out(&overtaken, now).await;
                    }
                }
                Err(error) if passes(&error) => {
                    self.parts.standing.bad(now, error.to_string());
                    return Ok(Step::idle(now.after(self.settings.retry_delay)));
                }
                Err(error) => return Err(error.into()),
            }
            if self.waiting.is_empty() {
                return Ok(Step::idle(now.after(self.settings.look_every)));
            }
        }
        let passwords = self.parts.adapter.passwords().map_or(0, Passwords::version);
        if std::mem::replace(&mut self.passwords, passwords) != passwords {
            self.parts.gate.forgive(now);
        }
        let allowed = self.parts.gate.allowance(now);
        if allowed == 0 {
            return Ok(Step::idle(self.parts.gate.ready_at(now)));
        }
        if !self.settings.sends_all && self.one_by_one == 0 {
            let in_doubt = self.in_doubt.unwrap_or_default();
            let late_after = self.settings.late_after;
            let delivered = latest::only(&mut self.waiting, in_doubt, late_after, now);
            if !delivered.is_empty() {
                self.parts.stats.superseded(delivered.len() as u64);
                self.prepare(delivered, Vec::new(), now);
                return self.write_down(now).await;
            }
        }
        self.send(now, allowed).await
    }

    fn takes(&mut self, waiting: Vec<Delivery>) {
        let batch = self.parts.adapter.batch_max().max(1);
        let last = waiting.iter().take(batch).next_back().map_or(0, |delivery| delivery.number);
        self.in_doubt.get_or_insert(last);
        self.waiting = waiting.into();
    }

    /// What waits, and what of it must not be sent any more: dead letters that were put back, and
    /// that others have overtaken which this one held in memory meanwhile. Asked while nothing is
    /// held, so what was sent is written down.
    async fn read(&self, now: Timestamp) -> Result<(Vec<Delivery>, Overtaken), StoreError> {
        let waiting = self.queue(now).await?;
        let overtaken = match waiting.iter().any(|delivery| delivery.replays > 0) {
            true => self.parts.database.overtaken(&self.settings.destination).await?,
            false => Vec::new(),
        };
        Ok((waiting, overtaken))
    }

    /// After an absence as much as it takes to know what became of it.
    async fn queue(&self, now: Timestamp) -> Result<Vec<Delivery>, StoreError> {
        let destination = &self.settings.destination;
        let waiting = self.parts.database.waiting(destination, HELD_MAX).await?;
        let is_late = |first: &Delivery| now.since(first.notice.at) >= self.settings.late_after;
        let is_full = waiting.len() >= HELD_MAX as usize;
        if !self.settings.sends_all && is_full && waiting.first().is_some_and(is_late) {
            return self.parts.database.waiting(destination, LATE_MAX).await;
        }
        Ok(waiting)
    }

    /// Takes out of the queue what others have overtaken, and writes that down.
    async fn leave_out(
        &mut self,
        overtaken: &Overtaken,
        now: Timestamp,
    ) -> Result<Step, StepError> {
        let mut delivered = Vec::new();
        for (number, by) in overtaken {
            let held = self.waiting.iter().position(|delivery| delivery.number == *number);
            let Some(delivery) = held.and_then(|place| self.waiting.remove(place)) else {
                continue;
            };
            delivered.push(Delivered {
                number: delivery.number,
                state: DeliveryState::Superseded,
                attempts: delivery.attempts,
                answer: Some(overtaken_by(by)),
                at: now,
            });
        }
        if delivered.is_empty() {
            return Ok(Step::Progress);
        }
        self.parts.stats.superseded(delivered.len() as u64);
        self.prepare(delivered, Vec::new(), now);
        self.write_down(now).await
    }

    async fn send(&mut self, now: Timestamp, allowed: usize) -> Result<Step, StepError> {
        let alone = self.one_by_one > 0 || self.probes;
        let most = if alone { 1 } else { self.parts.adapter.batch_max() };
        let count = allowed.min(most.max(1)).min(self.waiting.len());
        for Delivery { notice, .. } in self.waiting.iter_mut().take(count) {
            notice.late = now.since(notice.received) > self.settings.late_after;
        }
        let notices: Vec<&Notice> =
            self.waiting.iter().take(count).map(|delivery| &delivery.notice).collect();
        if self.parts.tenure.left().is_zero() {
            // Whoever drives it renews the lease before the next step.
            return Ok(Step::Progress);
        }
        self.parts.gate.take(now, count);
        let result = self.parts.ask(&notices).await;
        // A request takes its time: its answer is judged by when it came.
        let now = now.after(result.as_ref().map_or(Duration::ZERO, |response| response.took));
        let answer = self.parts.adapter.classify(&result);
        self.parts.gate.record(now, &answer);
        self.parts.stats.asked(now, &self.parts.gate, &answer);
        self.take_answer(now, count, answer);
        if self.prepared.is_some() { self.write_down(now).await } else { Ok(Step::Progress) }
    }

    /// What the answer means for the first `count` of the queue.
    fn take_answer(&mut self, now: Timestamp, count: usize, answer: Answer) {
        let (state, text) = match answer {
            Answer::Taken => {
                self.parts.standing.good();
                (DeliveryState::Delivered, None)
            }
            Answer::Refused { why } if count > 1 => {
                // One of them is bad, and only sending them singly shows which.
                tracing::warn!(destination = self.settings.destination, why, "batch refused");
                self.one_by_one = count;
                return;
            }
            Answer::Refused { why } => {
                let refused = self.waiting.front().map(|delivery| &delivery.notice);
                tracing::error!(
                    destination = self.settings.destination,
                    correlation_id = refused.map(|notice| notice.cause.to_string()),
                    notice_id = refused.map(|notice| &notice.id),
                    why,
                    "notice refused"
                );
                self.parts.stats.dead(1);
                (DeliveryState::Dead, Some(why))
            }
            Answer::Again { after: _, why } => {
                self.parts.stats.retry("again");
                if self.parts.gate.state() != GateState::Closed {
                    self.parts.standing.bad(now, why.clone());
                }
                (DeliveryState::Waiting, Some(why))
            }
            Answer::Forbidden { why } => {
                self.parts.stats.retry("forbidden");
                let why = format!("paused, it does not accept our credentials: {why}");
                self.parts.standing.bad(now, why.clone());
                (DeliveryState::Waiting, Some(why))
            }
        };
        self.probes = state == DeliveryState::Waiting;
        let mut delivered = Vec::with_capacity(count);
        let mut tallies = Vec::new();
        for delivery in self.waiting.iter_mut().take(count) {
            delivery.attempts = delivery.attempts.saturating_add(1);
            if state == DeliveryState::Delivered {
                let kind = delivery.notice.kind.name();
                self.parts.stats.delivered(kind, delivery.notice.received, now);
                if delivery.notice.kind == NoticeKind::Open {
                    tallies.push(delays::tally(now.since(delivery.notice.received), now));
                }
            }
            delivered.push(Delivered {
                number: delivery.number,
                state,
                attempts: delivery.attempts,
                answer: text.clone(),
                at: now,
            });
        }
        if state != DeliveryState::Waiting {
            self.waiting.drain(..count);
            self.one_by_one = self.one_by_one.saturating_sub(count);
        }
        self.prepare(delivered, tallies, now);
    }

    /// What became of notices is to be written down, under the lease.
    fn prepare(&mut self, delivered: Vec<Delivered>, tallies: Vec<Tally>, now: Timestamp) {
        let lease = Some(self.parts.tenure.lease().clone());
        self.prepared = Some((Change { delivered, tallies, lease, ..Change::default() }, now));
    }

    async fn write_down(&mut self, now: Timestamp) -> Result<Step, StepError> {
        let Some((change, _)) = &self.prepared else { return Ok(Step::Progress) };
        match self.parts.database.commit(change.clone()).await {
            Ok(()) => {
                let failed = change.delivered.iter().any(|d| d.state == DeliveryState::Waiting);
                self.prepared = None;
                if failed {
                    // What is so by the next try is read then.
                    self.waiting.clear();
                }
                Ok(Step::Progress)
            }
            Err(error) if passes(&error) => {
                tracing::warn!(destination = self.settings.destination, %error, "commit failed");
                let retry_at = now.after(self.settings.retry_delay);
                if let Some(prepared) = &mut self.prepared {
                    prepared.1 = retry_at;
                }
                Ok(Step::idle(retry_at))
            }
            Err(error) => Err(error.into()),
        }
    }
}
