//! What a worker is over all its sessions: its name and keys, its pace, what it knows of the server.
//!
//! From: the settings, and what sessions find out. To: each session's commands.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use redis::Pipeline;
use tokio::sync::watch;

use super::keys::Keys;
use super::{INPUT, RedisListConfig};
use crate::intake::{Door, Intake};

/// Elements that a first, careful batch has.
const FIRST: usize = 16;

/// One worker of one list.
pub(super) struct Worker {
    pub config: RedisListConfig,
    pub keys: Keys,
    pub name: String,
    /// Tells this process's signs of life apart from those of another one of the same name.
    pub token: String,
    pub door: Door,
    /// The number that its messages carry; what may be a repeat comes under another one. 0: none yet.
    pub session: u64,
    pub pace: Pace,
    /// Elements put back for dead workers.
    pub recovered: Counter,
    /// Elements read again.
    pub reread: Counter,
    /// The server is older than 6.2.
    pub old: bool,
    /// Where the list is, if another node of a cluster said so.
    pub moved_to: Option<String>,
    health: watch::Sender<Option<String>>,
}

impl Worker {
    pub fn new(
        config: RedisListConfig,
        keys: Keys,
        intake: Arc<Intake>,
        health: watch::Sender<Option<String>>,
    ) -> Self {
        let token = format!("{}-{}", std::process::id(), intake.session());
        let pace = Pace::new(config.batch_messages_max, config.batch_bytes_max);
        let (recovered, reread) = (intake.stats().recovered(INPUT), intake.stats().reread(INPUT));
        let (name, door) = (config.worker.clone(), Door::new(INPUT, intake, &[]));
        Self {
            config,
            keys,
            name,
            token,
            door,
            session: 0,
            pace,
            recovered,
            reread,
            old: false,
            moved_to: None,
            health,
        }
    }

    /// The list of what this worker took.
    pub fn own_list(&self) -> String {
        self.keys.taken_by(&self.name)
    }

    /// How many of the elements, one at least, are stored together.
    pub fn fits(&self, elements: &[Vec<u8>]) -> usize {
        let mut room = self.config.batch_bytes_max;
        let fit = elements.iter().take_while(|element| {
            let bytes = element.len().min(self.config.message_bytes_max);
            let fits = bytes <= room;
            room = room.saturating_sub(bytes);
            fits
        });
        fit.count().max(1)
    }

    /// Adds the move of one element into the own list.
    pub fn moving(&self, commands: &mut Pipeline) {
        let (list, own) = (&self.keys.list, self.own_list());
        if self.old {
            commands.cmd("RPOPLPUSH").arg(list).arg(own);
        } else {
            commands.cmd("LMOVE").arg(list).arg(own).arg("RIGHT").arg("LEFT");
        }
    }

    /// Adds the same, which waits at most so long for an element.
    pub fn waiting(&self, commands: &mut Pipeline, most: Duration) {
        let (list, own) = (&self.keys.list, self.own_list());
        if self.old {
            // It knows whole seconds only, and 0 would be for ever.
            commands.cmd("BRPOPLPUSH").arg(list).arg(own).arg(most.as_secs().max(1));
        } else {
            let most = most.as_secs_f64();
            commands.cmd("BLMOVE").arg(list).arg(own).arg("RIGHT").arg("LEFT").arg(most);
        }
    }

    /// Adds the move of one element of a dead worker's list back to the end where the source is
    /// read: the youngest first, so that in the end the oldest is read first.
    pub fn putting_back(&self, commands: &mut Pipeline, from: &str) {
        let list = &self.keys.list;
        if self.old {
            // To the other end: it is read late, and not lost.
            commands.cmd("RPOPLPUSH").arg(from).arg(list);
        } else {
            commands.cmd("LMOVE").arg(from).arg(list).arg("LEFT").arg("RIGHT");
        }
    }

    /// Says that all is well.
    pub fn is_well(&self) {
        if self.health.send_replace(None).is_some() {
            tracing::info!(input = %self.config.name, list = self.keys.list, "taking messages");
        }
    }

    /// Says what is wrong; the log has it once.
    pub fn is_ill(&self, why: String) {
        let changed = self.health.borrow().as_ref() != Some(&why);
        if changed {
            tracing::warn!(input = %self.config.name, list = self.keys.list, why, "cannot take messages");
            self.health.send_replace(Some(why));
        }
    }
}

/// How many elements the next batch may have: more while there are many, fewer if they are large.
#[derive(Debug)]
pub(super) struct Pace {
    pub most: usize,
    pub messages_max: usize,
    bytes_max: usize,
}

impl Pace {
    fn new(messages_max: usize, bytes_max: usize) -> Self {
        let messages_max = messages_max.max(1);
        Self { most: FIRST.min(messages_max), messages_max, bytes_max }
    }

    /// Goes by the last batch.
    pub fn next(&mut self, elements: &[Vec<u8>]) {
        let Some(largest) = elements.iter().map(Vec::len).max() else { return };
        let wanted = if elements.len() < self.most {
            (self.most / 2).max(FIRST)
        } else {
            self.most.saturating_mul(2)
        };
        let fit = (self.bytes_max / largest.max(1)).max(1);
        self.most = wanted.min(fit).min(self.messages_max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_they_are_full_and_stay_within_their_bytes() {
        let mut pace = Pace::new(100, 1_000);
        assert_eq!(pace.most, 16);
        for most in [32, 64, 100, 100] {
            pace.next(&vec![b"short".to_vec(); pace.most]);
            assert_eq!(pace.most, most);
        }
        pace.next(&[vec![0; 300]]);
        assert_eq!(pace.most, 3);
        pace.next(&[vec![0; 5_000]]);
        assert_eq!(pace.most, 1);
        pace.next(&[vec![0; 5]]);
        assert_eq!(pace.most, 2);
        pace.next(&[]);
        assert_eq!(pace.most, 2);
    }
}
