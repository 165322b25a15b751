//! MUTT as an SNMP engine: the authority for informs, whose boots and time senders must know.
//!
//! From: the database, which has one epoch for all processes. To: the checks, reports and answers.

use std::fmt;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// snmpEngineTime goes this far, in seconds; then boots counts up (RFC 3414 section 2.2.2).
const TIME_MAX: u64 = 2_147_483_647;
/// An engine id has 5 to 32 bytes (RFC 3411 section 5).
const ID_BYTES: std::ops::RangeInclusive<usize> = 5..=32;

/// Who MUTT is to senders of informs; the same in all processes over one database.
#[derive(Clone)]
pub struct Engine {
    id: Vec<u8>,
    boots: u32,
    /// Since the epoch, when this was made.
    age: Duration,
    made: Duration,
}

impl Engine {
    /// An engine whose epoch was `age` ago by the database's clock. Its own clock goes on from
    /// there: one that goes on in suspend, and that nobody sets.
    pub fn new(id: Vec<u8>, boots: u32, age: Duration) -> Self {
        Self { id, boots, age, made: since_start() }
    }

    /// Whether an engine can have this id (RFC 3411 section 5).
    pub fn fits_as_id(id: &[u8]) -> bool {
        let same = |byte: u8| id.iter().all(|one| *one == byte);
        ID_BYTES.contains(&id.len()) && !same(0) && !same(0xff)
    }

    /// snmpEngineID.
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// snmpEngineBoots and snmpEngineTime, as they are now.
    pub fn boots_and_time(&self) -> (u32, u32) {
        self.at(since_start())
    }

    fn at(&self, now: Duration) -> (u32, u32) {
        let seconds = (self.age + now.saturating_sub(self.made)).as_secs();
        let overflows = u32::try_from(seconds / TIME_MAX).unwrap_or(u32::MAX);
        let boots = self.boots.saturating_add(overflows).min(TIME_MAX as u32);
        (boots, (seconds % TIME_MAX) as u32)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (boots, time) = self.boots_and_time();
        write!(f, "Engine(boots {boots}, time {time} s)")
    }
}

fn since_start() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_from_the_epoch_and_boots_count_its_overflows() {
        let engine = Engine::new(vec![1; 5], 3, Duration::from_secs(100));
        let after = |seconds| engine.at(engine.made + Duration::from_secs(seconds));
        assert_eq!(after(0), (3, 100));
        assert_eq!(after(50), (3, 150));
        assert_eq!(after(TIME_MAX - 100), (4, 0));
        let other = Engine::new(vec![1; 5], 3, Duration::from_secs(150));
        assert_eq!(other.at(other.made), after(50), "whoever looks later at the same epoch");
    }

    #[test]
    fn an_id_has_5_to_32_bytes_that_say_something() {
        assert!(Engine::fits_as_id(&[0x80, 0, 0, 1, 5]));
        for id in [&[1; 4][..], &[1; 33], &[0; 8], &[0xff; 8]] {
            assert!(!Engine::fits_as_id(id), "{id:?}");
        }
    }
}
