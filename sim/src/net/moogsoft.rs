//! Moogsoft, which answers as it likes: slowly, with errors, with lies, or not at all for a while.
//! From: deliverers. To: what it took.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::Clock;
use mutt_output::{Http, HttpError, Request, Response};

use super::Watchman;
use crate::dice::Dice;
use crate::node::SimClock;
use crate::store::Weather;

/// Moogsoft, and what it took.
#[derive(Clone)]
pub struct Moogsoft {
    taken: Arc<Mutex<Vec<Vec<u8>>>>,
    away_until: Arc<AtomicI64>,
    faults: Arc<AtomicU64>,
    dice: Dice,
    weather: Weather,
    clock: SimClock,
    watchman: Option<Watchman>,
}

impl Moogsoft {
    pub fn new(dice: Dice, weather: Weather, clock: SimClock) -> Self {
        Self {
            taken: Arc::default(),
            away_until: Arc::default(),
            faults: Arc::default(),
            dice,
            weather,
            clock,
            watchman: None,
        }
    }

    /// The same for one who may send as long as his lease lasts.
    pub fn watched(&self, watchman: Watchman) -> Self {
        Self { watchman: Some(watchman), ..self.clone() }
    }

    /// The bodies that it took, in order.
    pub fn taken(&self) -> Vec<Vec<u8>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often it did not simply take what it was sent.
    pub fn faults(&self) -> u64 {
        self.faults.load(Ordering::Relaxed)
    }

    /// It is away until then.
    pub fn goes_away(&self, until: Timestamp) {
        self.away_until.store(until.as_micros(), Ordering::Relaxed);
    }

    fn is_away(&self) -> bool {
        self.clock.now().as_micros() < self.away_until.load(Ordering::Relaxed)
    }

    fn take(&self, body: Vec<u8>) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(body);
    }

    /// Time passes for all while a request is under way.
    fn answers_after(&self, took: Duration, request: &Request) -> Result<Duration, HttpError> {
        let took_at_most = took.min(request.timeout);
        self.clock.pass(took_at_most);
        match took < request.timeout {
            true => Ok(took),
            false => Err(HttpError::Timeout(request.timeout)),
        }
    }
}

fn answer(status: u16, after: u64, took: Duration) -> Result<Response, HttpError> {
    let retry_after = (after > 0).then(|| Duration::from_secs(after));
    Ok(Response { status, retry_after, body: String::new(), took })
}

impl Http for Moogsoft {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        if let Some(watchman) = &self.watchman {
            watchman.sends(request.timeout);
        }
        let is_bad = self.weather.is_bad();
        let luck = if is_bad { self.dice.below(100) } else { 99 };
        self.faults.fetch_add(u64::from(luck < 32), Ordering::Relaxed);
        if is_bad && self.is_away() {
            return Err(HttpError::Network("nobody is there".to_owned()));
        }
        let slow = Duration::from_millis(if luck < 32 { self.dice.below(20_000) } else { 20 });
        match luck {
            0..6 => return answer(500, 0, Duration::ZERO),
            6..10 => return answer(429, 1 + self.dice.below(5), Duration::ZERO),
            10..12 => return answer(401, 0, Duration::ZERO),
            12..16 => {
                let took = self.answers_after(slow, &request)?;
                return answer(503, 0, took);
            }
            _ => {}
        }
        if request.body.windows(6).any(|part| part == b"poison") {
            return answer(400, 0, Duration::ZERO);
        }
        self.take(request.body.clone());
        match luck {
            16..22 => Err(HttpError::Network("the answer was lost".to_owned())),
            // It lies: it has them.
            22..26 => answer(500, 0, Duration::ZERO),
            26..32 => answer(200, 0, self.answers_after(slow, &request)?),
            _ => answer(200, 0, Duration::ZERO),
        }
    }
}
