//! A line of the log that whoever knocks could cause as often as he likes: said once in a while.

use std::sync::Mutex;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(10);

/// When it was said last.
#[derive(Debug, Default)]
pub(crate) struct Seldom(Mutex<Option<Instant>>);

impl Seldom {
    /// Whether it is time to say it again. While another asks, it is not.
    pub(crate) fn is_due(&self) -> bool {
        let Ok(mut last) = self.0.try_lock() else { return false };
        let due = last.is_none_or(|last| last.elapsed() >= EVERY);
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_said_once_in_a_while() {
        let seldom = super::Seldom::default();
        assert!(seldom.is_due());
        assert!(!seldom.is_due());
    }
}
