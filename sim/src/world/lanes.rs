//! What is done and suffered where each partition is a lane in Redis. From: chance. To: the process
//! that takes messages, Redis, and the workers of three processes.

use mutt_journal::Clock;
use mutt_pipeline::{CORRELATE, JUDGE, MINE};

use super::World;
use crate::node::{Journal, PARTITIONS, start, takes_messages, true_lanes};
use crate::oracle;
use crate::tale::Trouble;

impl World {
    /// Workers of a kind do a step, some of their partitions, on any process; beside the judges
    /// who works with what they found.
    pub(super) fn lanes_work(&mut self, kind: &str) -> Result<(), String> {
        for place in self.places(kind) {
            if self.dice.chance(60) {
                self.one_works(place)?;
            }
        }
        if kind == JUDGE {
            for (kind, often) in [(CORRELATE, 60), (MINE, 30)] {
                for place in self.places(kind) {
                    if self.dice.chance(often) {
                        self.one_works(place)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Who holds the lease does a step, or anybody who is awake; mostly after a look.
    fn one_works(&mut self, place: usize) -> Result<(), String> {
        let time = self.ground.clock.now();
        let crews = self.node.crews.iter_mut().enumerate();
        let awake: Vec<usize> =
            crews.filter_map(|(n, crew)| (!crew.is_asleep(time)).then_some(n)).collect();
        let holds = |n: &&usize| self.node.crews[**n].places[place].worker.holds();
        let crew = match awake.iter().find(holds) {
            Some(holder) if !self.dice.chance(20) => *holder,
            _ if awake.is_empty() => return Ok(()),
            _ => *self.dice.pick(&awake),
        };
        if self.dice.chance(70) {
            self.node.crews[crew].looks(self.node.crews[crew].places[place].partition);
        }
        if self.dice.chance(50) {
            self.node.crews[crew].follows();
        }
        self.step(crew, place).map(|_| ())
    }

    /// The writer sends a round to some partitions, or its process dies on the way.
    pub(super) fn write_lanes(&mut self) -> Result<(), String> {
        let dies = self.may(Trouble::Crashes) && self.dice.chance(2);
        if !self.ground.redis.inner.is_up() && self.dice.chance(20) {
            self.redis_starts();
        }
        let most = if dies { self.dice.below(u64::from(PARTITIONS)) as u16 } else { PARTITIONS };
        let Journal::Lanes(writer) = &mut self.node.journal else { return Ok(()) };
        for partition in 0..most {
            if self.is_drained || self.dice.chance(85) {
                writer.step(partition);
            }
        }
        if dies {
            return self.crash_lanes(false);
        }
        self.senders.hear();
        Ok(())
    }

    /// The process that takes messages is killed; or the power fails, and all processes and Redis
    /// start again.
    pub(super) fn crash_lanes(&mut self, power: bool) -> Result<(), String> {
        self.senders.lose_connections();
        if power {
            self.ground.redis.inner.stop();
            self.ground.redis.inner.start();
            self.ground.syslog.sender_is_gone();
            self.ground.traps.sender_is_gone();
            self.node = start(&self.ground)?;
        } else {
            let (appender, writer) = takes_messages(&self.ground);
            (self.node.appender, self.node.journal) = (appender, Journal::Lanes(writer));
        }
        if self.flips {
            return Ok(());
        }
        oracle::nothing_is_lost(&self.senders, &true_lanes(&self.ground))
    }

    /// Redis is killed or full, or that is over.
    pub(super) fn redis_suffers(&mut self) {
        let redis = self.ground.redis.inner.clone();
        match self.dice.below(10) {
            _ if !redis.is_up() => self.redis_starts(),
            0..3 => {
                self.tell("Redis is killed");
                self.summary.redis_faults += 1;
                redis.stop();
            }
            3..6 => {
                self.tell("Redis is killed and starts");
                self.summary.redis_faults += 1;
                redis.stop();
                redis.start();
            }
            6..8 => {
                self.tell("Redis is out of memory");
                self.summary.redis_faults += 1;
                redis.set_full(true);
            }
            _ => {
                self.tell("Redis has memory");
                redis.set_full(false);
            }
        }
    }

    fn redis_starts(&mut self) {
        self.tell("Redis starts");
        self.ground.redis.inner.start();
    }

    /// A process gives one of its workers back, for another to take.
    pub(super) fn worker_moves(&mut self) -> Result<(), String> {
        let time = self.ground.clock.now();
        let which = self.dice.below(self.node.crews.len() as u64) as usize;
        let crew = &mut self.node.crews[which];
        if crew.is_asleep(time) {
            return Ok(());
        }
        let held: Vec<usize> =
            (0..crew.places.len()).filter(|place| crew.places[*place].worker.holds()).collect();
        if held.is_empty() {
            return Ok(());
        }
        let place = &mut crew.places[*self.dice.pick(&held)];
        // What it could not end is as after a crash.
        let _ = place.worker.stop(time)?;
        let story = format!("{} gives {} back", crew.name, place.name());
        self.summary.moves += 1;
        self.tell(story);
        Ok(())
    }

    /// Bits of an entry flip.
    pub(super) fn bit_flips_in_redis(&mut self) {
        let dice = self.dice.clone();
        let flipped = self.ground.redis.inner.damage(|count| dice.below(count as u64) as usize);
        if let Some((partition, at)) = flipped {
            self.summary.disk_faults += 1;
            self.tell(format!("a bit flips in partition {partition} at {at}"));
        }
    }
}
