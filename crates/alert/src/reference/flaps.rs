//! Problems that come and go in the model. From: alerts that begin and end. To: one alert that
//! stays open and says so.

use mutt_event::Timestamp;
use mutt_rules::Flapping;

use super::Reference;
use super::life::Life;
use crate::Ending;

/// A penalty below this is forgotten.
const FORGOTTEN: f64 = 0.25;

/// A problem began or ended.
#[derive(Debug)]
pub(super) struct Swing {
    object: String,
    at: Timestamp,
}

impl Life {
    /// What flaps, and when.
    fn flaps(&self) -> Option<(String, &Flapping)> {
        let flapping = self.plan.flapping.as_ref()?;
        let object = match &self.object {
            Some(object) if !flapping.object.is_empty() => format!("object {object}"),
            _ => format!("alert {}", self.signature),
        };
        Some((object, flapping))
    }
}

impl Reference {
    /// A problem began.
    pub(super) fn comes(&mut self, i: usize) {
        self.swing(i, true);
    }

    /// An event of an open alert: if it flaps, the problem may be back.
    pub(super) fn is_back(&mut self, i: usize) {
        if self.lives[i].flapping == Some(false) {
            self.lives[i].flapping = Some(true);
            self.swing(i, true);
        }
    }

    /// The problem of an open alert is over: so is the alert, unless it flaps.
    pub(super) fn goes(&mut self, i: usize) {
        match self.lives[i].flapping {
            Some(false) => {
                self.lives[i].last_seen = self.now;
                return;
            }
            Some(true) => self.lives[i].flapping = Some(false),
            None => {}
        }
        self.swing(i, false);
        if self.lives[i].flapping.is_some() {
            self.lives[i].last_seen = self.now;
        }
        if self.lives[i].flapping.is_none() {
            self.end(i, Ending::Clear);
        }
    }

    fn swing(&mut self, i: usize, is_there: bool) {
        let Some((object, flapping)) = self.lives[i].flaps() else { return };
        let above = f64::from(flapping.suppress_above);
        self.swings.push(Swing { object: object.clone(), at: self.now });
        let (penalty, _) = self.penalty(&object, &self.lives[i]);
        if self.told_by(&object).is_none() && penalty > above {
            self.lives[i].flapping = Some(is_there);
        }
    }

    /// What all swings of an object add up to at the last of them, and when that was.
    fn penalty(&self, object: &str, life: &Life) -> (f64, Timestamp) {
        let Some(flapping) = &life.plan.flapping else { return (0.0, self.now) };
        let cap = 4.0 * f64::from(flapping.suppress_above);
        let mut sum = 0.0_f64;
        let mut last = Timestamp::ZERO;
        for swing in self.swings.iter().filter(|swing| swing.object == object) {
            let passed = swing.at.since(last).as_secs_f64() / flapping.half_life.as_secs_f64();
            let rest = sum * (-passed).exp2();
            sum = if rest > FORGOTTEN { rest + 1.0 } else { 1.0 }.min(cap);
            last = swing.at;
        }
        (sum, last)
    }

    /// The open alert that says that an object flaps.
    fn told_by(&self, object: &str) -> Option<usize> {
        let says = |life: &Life| {
            life.flapping.is_some() && life.flaps().is_some_and(|(other, _)| other == object)
        };
        self.lives.iter().position(|life| life.is_open() && says(life))
    }

    /// Whether another alert tells of what this one is about.
    pub(super) fn another_flaps(&self, i: usize) -> bool {
        let Some((object, _)) = self.lives[i].flaps() else { return false };
        self.told_by(&object).is_some_and(|other| other != i)
    }

    /// The rule of an alert that flaps is gone, and with it how fast its penalty falls.
    pub(super) fn forget_flapping(&mut self, i: usize) {
        let life = &self.lives[i];
        if let Some((object, _)) = life.flaps().filter(|_| life.flapping.is_some()) {
            self.swings.retain(|swing| swing.object != object);
        }
    }

    /// When an alert that flaps will be calm, if nothing else comes.
    #[allow(clippy::cast_possible_truncation)] // it stays far below
    pub(super) fn calm_at(&self, i: usize) -> Option<Timestamp> {
        let life = &self.lives[i];
        life.flapping?;
        let (object, flapping) = life.flaps()?;
        let (penalty, last) = self.penalty(&object, life);
        let halves = (penalty / f64::from(flapping.release_below)).log2().max(0.0);
        let micros = (halves * flapping.half_life.as_secs_f64() * 1e6).ceil();
        Some(Timestamp::from_micros(last.as_micros() + micros as i64))
    }

    pub(super) fn calm_down(&mut self) {
        for i in 0..self.lives.len() {
            if self.calm_at(i).is_none_or(|due| due > self.now) {
                continue;
            }
            let is_there = self.lives[i].flapping.take();
            self.lives[i].calmed = self.now;
            if is_there == Some(false) {
                self.end(i, Ending::Clear);
            }
        }
    }
}
