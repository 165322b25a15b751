//! Three lights: the archive, the destinations of alerts, the journal. From: cursors, queues, the
//! journal, and what processes report. To: the pulse of everybody who looks on.

use std::sync::Arc;
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::{Ledger, Stored, oldest_unread};
use mutt_store::{Cursor, Database, DeliveryState, Queue};
use serde::Serialize;
use utoipa::ToSchema;

use crate::destinations::{length, names};
use crate::problem::Problem;
use crate::processes::{Processes, millis};
use crate::report::JournalReport;
use crate::site::{Site, blocking};

/// What waits longer than this is worth a look.
const LATE_AFTER: Duration = Duration::from_secs(60);
/// From here on the journal is nearly full, and full.
const USED_WARN: f64 = 0.7;
const USED_DOWN: f64 = 0.9;

/// How something is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LightState {
    /// As it should be.
    Ok,
    /// Worth a look.
    Warn,
    /// It does not work.
    Down,
}

/// How something is, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Light {
    /// How it is.
    pub state: LightState,
    /// Why, in words.
    pub words: String,
}

impl Light {
    fn new(state: LightState, words: impl Into<String>) -> Self {
        Self { state, words: words.into() }
    }

    /// The worst of several, and its words.
    fn worst(lights: impl IntoIterator<Item = Light>, none: &str) -> Self {
        let worst = lights.into_iter().max_by_key(|light| light.state);
        worst.unwrap_or_else(|| Self::new(LightState::Ok, none))
    }
}

/// The three lights at one moment.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct Pulse {
    /// When, in RFC 3339.
    pub at: String,
    /// The way to NetIM.
    pub archive: WayLight,
    /// The ways to who is told of alerts.
    pub destinations: WayLight,
    /// Messages that are stored.
    pub journal: JournalLight,
}

/// One or several ways out.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct WayLight {
    /// How the worst of them is.
    pub state: LightState,
    /// Why, in words.
    pub words: String,
    /// Messages or notices that wait.
    pub waiting: u64,
    /// How old the oldest is that waits; 0: none waits.
    pub oldest_waiting_age_ms: u64,
    /// Dead letters; always 0 of the archive.
    pub dead: u64,
}

/// The journal.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct JournalLight {
    /// How it is.
    pub state: LightState,
    /// Why, in words.
    pub words: String,
    /// How old the oldest message is that the judge has not read; 0: none waits.
    pub oldest_unread_age_ms: u64,
    /// On disk, or in Redis.
    pub bytes: u64,
    /// What may not be trimmed, of the limit: 0 to 1.
    pub used: f64,
}

/// The lights now.
pub async fn pulse(site: &Arc<Site>) -> Result<Pulse, Problem> {
    let (cursors, queues) = (site.store.cursors().await?, site.store.queues().await?);
    let processes = Processes::now(site).await?;
    let now = SystemClock.now();
    let readings = {
        let site = Arc::clone(site);
        blocking(move || Readings::new(&site, &cursors, now)).await?
    };
    Ok(Pulse {
        at: now.to_string(),
        archive: archive(&readings, &processes),
        destinations: destinations(site, &queues, &processes, now),
        journal: journal(&readings),
    })
}

/// The lights while the database does not answer.
pub fn dark(why: &str) -> Pulse {
    let words = format!("not known: {why}");
    let way = || WayLight {
        state: LightState::Down,
        words: words.clone(),
        waiting: 0,
        oldest_waiting_age_ms: 0,
        dead: 0,
    };
    Pulse {
        at: SystemClock.now().to_string(),
        archive: way(),
        destinations: way(),
        journal: JournalLight {
            state: LightState::Down,
            words: words.clone(),
            oldest_unread_age_ms: 0,
            bytes: 0,
            used: 0.0,
        },
    }
}

/// A reader of the journal.
struct Reading {
    reader: String,
    waiting: u64,
    oldest: Duration,
}

struct Readings {
    readers: Vec<Reading>,
    journal: JournalReport,
}

impl Readings {
    fn new(site: &Site, cursors: &[Cursor], now: Timestamp) -> Self {
        let readers: Vec<&str> = site.readers.iter().map(String::as_str).collect();
        let ledger = Ledger::new(&Stored::now(&site.lanes), cursors, &readers);
        let oldest = oldest_unread(&site.lanes, cursors, &site.readers, now);
        let reading = |reader: &String| Reading {
            reader: reader.clone(),
            waiting: ledger.reader(reader).map_or(0, |account| account.all.waiting),
            oldest: oldest.get(reader).copied().unwrap_or_default(),
        };
        Self { readers: site.readers.iter().map(reading).collect(), journal: (site.journal)() }
    }
}

/// A way's light: what is said of it, and how long something waits.
fn way(name: &str, said: Result<Option<String>, ()>, waiting: u64, oldest: Duration) -> Light {
    match said {
        Err(()) => Light::new(LightState::Down, format!("{name}: no process sends there")),
        Ok(Some(why)) => Light::new(LightState::Down, format!("{name}: {why}")),
        Ok(None) if waiting > 0 && oldest > LATE_AFTER => {
            let words = format!("{name}: {waiting} wait, the oldest for {} s", oldest.as_secs());
            Light::new(LightState::Warn, words)
        }
        Ok(None) => Light::new(LightState::Ok, format!("{name}: takes what it is sent")),
    }
}

fn archive(readings: &Readings, processes: &Processes) -> WayLight {
    let is_archive = |reading: &&Reading| reading.reader.starts_with("archive/");
    let all: Vec<&Reading> = readings.readers.iter().filter(is_archive).collect();
    let light =
        |one: &&Reading| way(&one.reader, processes.way(&one.reader), one.waiting, one.oldest);
    let light = Light::worst(all.iter().map(light), "there is no archive in the settings");
    WayLight {
        state: light.state,
        words: light.words,
        waiting: all.iter().map(|one| one.waiting).max().unwrap_or_default(),
        oldest_waiting_age_ms: all.iter().map(|one| millis(one.oldest)).max().unwrap_or_default(),
        dead: 0,
    }
}

/// How a destination is; `known`: it is in the settings.
pub fn of_queue(
    name: &str,
    queue: Option<&Queue>,
    known: bool,
    processes: &Processes,
    now: Timestamp,
) -> Light {
    let waiting = queue.map_or(0, |queue| length(queue, DeliveryState::Waiting));
    let oldest = queue.and_then(|queue| queue.oldest_waiting);
    let oldest = oldest.map(|oldest| now.since(oldest)).unwrap_or_default();
    let dead = queue.map_or(0, |queue| length(queue, DeliveryState::Dead));
    let said = processes.way(name);
    if !known && waiting == 0 && said.is_err() {
        return Light::new(LightState::Ok, format!("{name}: not in the settings any more"));
    }
    match way(name, said, waiting, oldest) {
        Light { state: LightState::Ok, .. } if dead > 0 => {
            Light::new(LightState::Warn, format!("{name}: it refused {dead} for good"))
        }
        light => light,
    }
}

fn destinations(site: &Site, queues: &[Queue], processes: &Processes, now: Timestamp) -> WayLight {
    let light = |name: &String| {
        let queue = queues.iter().find(|queue| queue.destination == *name);
        let known = site.destinations.iter().any(|known| known.name == *name);
        of_queue(name, queue, known, processes, now)
    };
    let names = names(site, queues);
    let light = Light::worst(names.iter().map(light), "there is no destination in the settings");
    let sum = |state| queues.iter().map(|queue| length(queue, state)).sum();
    let ages = queues.iter().filter_map(|queue| queue.oldest_waiting);
    WayLight {
        state: light.state,
        words: light.words,
        waiting: sum(DeliveryState::Waiting),
        oldest_waiting_age_ms: ages.map(|at| millis(now.since(at))).max().unwrap_or_default(),
        dead: sum(DeliveryState::Dead),
    }
}

fn journal(readings: &Readings) -> JournalLight {
    let judges = readings.readers.iter().filter(|one| !one.reader.starts_with("archive/"));
    let oldest = judges.map(|one| one.oldest).max().unwrap_or_default();
    let JournalReport { bytes, used, stuck, .. } = &readings.journal;
    let percent = (used * 100.0).round();
    let light = match stuck {
        Some(why) => Light::new(LightState::Down, why.clone()),
        None if *used >= USED_DOWN => Light::new(LightState::Down, format!("{percent} % full")),
        None if *used >= USED_WARN => Light::new(LightState::Warn, format!("{percent} % full")),
        None if oldest > LATE_AFTER => {
            let words = format!("the judge is {} s behind", oldest.as_secs());
            Light::new(LightState::Warn, words)
        }
        None => Light::new(LightState::Ok, format!("{percent} % full")),
    };
    JournalLight {
        state: light.state,
        words: light.words,
        oldest_unread_age_ms: millis(oldest),
        bytes: *bytes,
        used: *used,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(used: f64, stuck: Option<&str>, oldest: u64) -> Readings {
        let judge =
            Reading { reader: "judge".to_owned(), waiting: 1, oldest: Duration::from_secs(oldest) };
        let stuck = stuck.map(str::to_owned);
        let journal = JournalReport { used, stuck, ..JournalReport::default() };
        Readings { readers: vec![judge], journal }
    }

    #[test]
    fn the_journal_is_well_until_it_fills_or_nobody_reads_it() {
        let state = |used, stuck, oldest| journal(&readings(used, stuck, oldest)).state;
        assert_eq!(state(0.1, None, 1), LightState::Ok);
        assert_eq!(state(0.1, None, 61), LightState::Warn);
        assert_eq!(state(0.7, None, 1), LightState::Warn);
        assert_eq!(state(0.9, None, 1), LightState::Down);
        assert_eq!(state(0.1, Some("no room"), 1), LightState::Down);
    }

    #[test]
    fn a_way_is_down_if_it_takes_nothing_or_nobody_sends() {
        let state =
            |said, waiting, oldest| way("x", said, waiting, Duration::from_secs(oldest)).state;
        assert_eq!(state(Ok(None), 5, 60), LightState::Ok);
        assert_eq!(state(Ok(None), 5, 61), LightState::Warn);
        assert_eq!(state(Ok(Some("503".to_owned())), 0, 0), LightState::Down);
        assert_eq!(state(Err(()), 0, 0), LightState::Down);
    }
}
