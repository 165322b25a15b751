//! What is done in a story, one thing after the other. From: chance. To: senders, writer, workers.

use std::time::Duration;

use mutt_journal::{Clock, Step as Written};
use mutt_pipeline::{ARCHIVE_SYSLOG, ARCHIVE_TRAP, JUDGE};

use super::{DESTINATION, World};
use crate::node::{Journal, start};
use crate::oracle;
use crate::tale::{Form, Trouble};

impl World {
    /// Somebody does something.
    pub(super) fn act(&mut self) -> Result<(), String> {
        match self.dice.below(1_000) {
            0..280 => {
                let story = self.senders.send(&self.node.appender, self.ground.clock.now())?;
                self.tell(story);
                oracle::within_limits(&self.node.appender)
            }
            280..450 => self.write(),
            450..600 => self.works(JUDGE),
            600..740 => self.works(ARCHIVE_SYSLOG),
            740..800 => self.works(ARCHIVE_TRAP),
            800..880 => self.works(DESTINATION),
            880..900 => {
                self.ground.clock.pass(Duration::from_millis(self.dice.below(5_000)));
                Ok(())
            }
            900..915 => {
                self.ground.syslog.reads();
                Ok(())
            }
            trouble => self.suffer(trouble),
        }
    }

    /// A worker of one of the crews that are awake does a step.
    fn works(&mut self, worker: &str) -> Result<(), String> {
        if self.tale.form == Form::Lanes {
            return self.lanes_work(worker);
        }
        let now = self.ground.clock.now();
        let crew = usize::from(self.dice.chance(30));
        let awake = [crew, 1 - crew].into_iter().find(|n| !self.node.crews[*n].is_asleep(now));
        for place in self.places(worker) {
            awake.map_or(Ok(()), |crew| self.step(crew, place).map(|_| ()))?;
        }
        Ok(())
    }

    /// The places of a kind in each crew.
    pub(super) fn places(&self, kind: &str) -> Vec<usize> {
        let of_any = self.node.crews.first().map(|crew| crew.places.iter().enumerate());
        let of_kind = of_any.into_iter().flatten().filter(|(_, place)| place.kind == kind);
        of_kind.map(|(n, _)| n).collect()
    }

    /// The journal's writer stores what waits, or dies of it.
    pub(super) fn write(&mut self) -> Result<(), String> {
        if self.tale.form == Form::Lanes {
            return self.write_lanes();
        }
        let dies = self.may(Trouble::Crashes) && self.dice.chance(2);
        if dies {
            // In the middle of its calls to the disk.
            self.ground.disk.inner.die_after(self.dice.below(4));
        }
        if self.may(Trouble::Disk) {
            self.disk_suffers();
        }
        let Journal::Log(writer, _) = &mut self.node.journal else { return Ok(()) };
        let step = writer.step();
        self.senders.hear();
        self.ground.disk.inner.fail_syncs(0);
        if dies {
            let power = self.torn && self.dice.chance(50);
            return self.crash(power);
        }
        if let Written::Failed { why } = step {
            self.tell(format!("the journal failed: {why}"));
            let power = self.dice.chance(50);
            self.crash(power)?;
        }
        Ok(())
    }

    /// MUTT is gone and starts again: killed, or the power failed and the disk forgot.
    pub(super) fn crash(&mut self, power: bool) -> Result<(), String> {
        self.tell(if power { "the power fails" } else { "MUTT is killed" });
        self.summary.crashes += 1;
        if self.tale.form == Form::Lanes {
            return self.crash_lanes(power);
        }
        self.ground.disk.inner = match power {
            true => self.ground.disk.inner.crash(self.dice.below(u64::MAX)),
            false => self.ground.disk.inner.restart(),
        };
        self.ground.disk.inner.set_capacity(None);
        self.senders.lose_connections();
        self.ground.syslog.sender_is_gone();
        self.ground.traps.sender_is_gone();
        self.node = start(&self.ground)?;
        match &self.node.journal {
            Journal::Log(_, handle) if !self.flips => {
                oracle::nothing_is_lost(&self.senders, std::slice::from_ref(handle))
            }
            _ => Ok(()),
        }
    }
}
