//! Redis in the story: what befalls each call is chance, or a bug. From: the tale. To: the writer
//! and the lanes of every process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mutt_event::Timestamp;
use mutt_journal::{Clock, SimCall, SimFate, SimRedis};

use crate::Bug;
use crate::dice::Dice;
use crate::node::{PARTITIONS, SimClock};
use crate::store::Weather;

/// A Redis with faults.
#[derive(Clone)]
pub struct PlantedRedis {
    pub inner: SimRedis,
    faults: Arc<AtomicU64>,
}

impl PlantedRedis {
    /// Its clock is so many seconds before or behind everybody else's.
    pub fn new(
        dice: Dice,
        weather: Weather,
        (clock, off_by): (SimClock, i64),
        bug: Option<Bug>,
    ) -> Self {
        let faults = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&faults);
        let decide = move |call| {
            let fate = match weather.is_bad() {
                true => fate(call, dice.below(1_000), bug),
                false => SimFate::Done,
            };
            counted.fetch_add(u64::from(fate != SimFate::Done), Ordering::Relaxed);
            fate
        };
        let now = move || Timestamp::from_micros(clock.now().as_micros() + off_by * 1_000_000);
        Self { inner: SimRedis::new("sim", PARTITIONS, now, decide), faults }
    }

    /// How often a call failed.
    pub fn faults(&self) -> u64 {
        self.faults.load(Ordering::Relaxed)
    }
}

fn fate(call: SimCall, luck: u64, bug: Option<Bug>) -> SimFate {
    match (call, luck) {
        (SimCall::Append, 0..30) => SimFate::LostBefore,
        (SimCall::Append, 30..60) if bug == Some(Bug::StoredTwice) => SimFate::Forgotten,
        (SimCall::Append, 30..60) => SimFate::LostAfter,
        (SimCall::Append, 60..64) => SimFate::DiesBefore,
        (SimCall::Append, 64..68) => SimFate::DiesAfter,
        (SimCall::Read, 0..10) | (SimCall::Look, 0..30) => SimFate::LostBefore,
        (SimCall::Look, _) if bug == Some(Bug::TimeAhead) => match luck {
            30..500 => SimFate::Apart,
            _ => SimFate::Done,
        },
        _ => SimFate::Done,
    }
}
