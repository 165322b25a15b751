//! What people decide of alerts and patterns. From: the database, where the API put it. To: the
//! correlator and the miner; and with its effects the decision is taken out of the database, so
//! that it is done once.

use std::time::Duration;

use mutt_alert::Correlator;
use mutt_event::Timestamp;
use mutt_store::{Database, StoreError};

use super::mining::{Mining, Tells};
use crate::StepError;
use crate::step::passes;

/// How often it is looked for decisions that another process wrote.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How many are done in one step.
const DECISIONS_MAX: u32 = 100;

/// Decisions on their way.
#[derive(Debug, Default)]
pub(crate) struct People {
    next_look: Timestamp,
    /// The numbers of those that are done, until that is committed.
    done: Vec<i64>,
    /// The same of patterns.
    patterns_done: Vec<i64>,
}

impl People {
    /// When it looks next.
    pub fn looks_at(&self) -> Timestamp {
        self.next_look
    }

    /// Whether it is time to look; if so, the next time is set.
    pub fn is_time(&mut self, called: bool, now: Timestamp) -> bool {
        if !called && now < self.next_look {
            return false;
        }
        self.next_look = now.after(LOOK_EVERY);
        true
    }

    pub fn has_done(&self) -> bool {
        !self.done.is_empty() || !self.patterns_done.is_empty()
    }

    pub fn take_done(&mut self) -> Vec<i64> {
        std::mem::take(&mut self.done)
    }

    pub fn take_patterns_done(&mut self) -> Vec<i64> {
        std::mem::take(&mut self.patterns_done)
    }

    /// Does what people decided of alerts, by the time `at`.
    pub async fn decide_alerts<B: Database>(
        &mut self,
        database: &B,
        at: Timestamp,
        correlator: &mut Correlator,
    ) -> Result<(), StepError> {
        for (number, decided) in found(database.decisions(DECISIONS_MAX).await)? {
            tracing::info!(
                alert_id = decided.alert_id,
                who = decided.who,
                decision = ?decided.decision,
                "alert: decided"
            );
            correlator.decide(decided, at);
            self.done.push(number);
        }
        Ok(())
    }

    /// Does what people decided of patterns, by the time `at`.
    pub async fn decide_patterns<B: Database>(
        &mut self,
        database: &B,
        at: Timestamp,
        mining: &mut Mining,
        to: &mut impl Tells,
    ) -> Result<(), StepError> {
        for (number, decided) in found(database.pattern_decisions(DECISIONS_MAX).await)? {
            tracing::info!(
                pattern = %decided.pattern,
                who = decided.who,
                state = ?decided.state,
                "pattern: decided"
            );
            mining.decide(decided, at, to);
            self.patterns_done.push(number);
        }
        Ok(())
    }
}

/// A database that does not answer has nothing to be done now.
fn found<T>(answer: Result<Vec<T>, StoreError>) -> Result<Vec<T>, StepError> {
    match answer {
        Err(error) if passes(&error) => Ok(Vec::new()),
        answer => Ok(answer?),
    }
}
