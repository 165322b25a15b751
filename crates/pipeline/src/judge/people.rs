//! What people decide of alerts and patterns. From: the database, where the API put it. To: the
//! correlator and the miner; and with its effects the decision is taken out of the database, so that it is done once.

use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::Disk;
use mutt_store::Database;

use super::Judge;
use crate::StepError;
use crate::step::passes;

/// How often it is looked for decisions that another process wrote.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How many are done in one step.
const DECISIONS_MAX: u32 = 100;

/// Decisions on their way.
#[derive(Debug, Default)]
pub(super) struct People {
    next_look: Timestamp,
    /// The numbers of those that are done, until that is committed.
    done: Vec<i64>,
    /// The same of patterns.
    patterns_done: Vec<i64>,
}

impl People {
    pub fn looks_at(&self) -> Timestamp {
        self.next_look
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
}

impl<D: Disk, B: Database> Judge<D, B> {
    /// Does what people decided since the last look.
    pub(super) async fn look_for_decisions(&mut self, now: Timestamp) -> Result<(), StepError> {
        if !self.parts.inbox.take_decided() && now < self.people.next_look {
            return Ok(());
        }
        self.people.next_look = now.after(LOOK_EVERY);
        let decisions = match self.parts.database.decisions(DECISIONS_MAX).await {
            Ok(decisions) => decisions,
            Err(error) if passes(&error) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for (number, decided) in decisions {
            tracing::info!(
                alert_id = decided.alert_id,
                who = decided.who,
                decision = ?decided.decision,
                "alert: decided"
            );
            self.engine.correlator.decide(decided, self.time);
            self.people.done.push(number);
        }
        self.look_for_pattern_decisions().await
    }

    async fn look_for_pattern_decisions(&mut self) -> Result<(), StepError> {
        // Without a miner they wait for a judge that has one.
        let Some(mining) = &mut self.mining else { return Ok(()) };
        let decisions = match self.parts.database.pattern_decisions(DECISIONS_MAX).await {
            Ok(decisions) => decisions,
            Err(error) if passes(&error) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for (number, decided) in decisions {
            tracing::info!(
                pattern = %decided.pattern,
                who = decided.who,
                state = ?decided.state,
                "pattern: decided"
            );
            mining.decide(decided, self.time, &mut self.engine.correlator);
            self.people.patterns_done.push(number);
        }
        Ok(())
    }
}
