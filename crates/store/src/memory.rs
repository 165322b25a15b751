//! The database in memory: the twin of the real one, for simulation and tests. It forgets all
//! when the last of its clones goes.

mod catalog;
mod history;
mod leases;
mod live;
mod patterns;
mod people;
mod reports;
mod signals;
mod sums;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mutt_alert::{Alert, AlertState, Decided, Moment, Notice, Track};
use mutt_event::Timestamp;
use mutt_patterns::{Account, Pattern, PatternDecided};

use crate::history::live_until;
use crate::model::{distinct, fenced, moved_twice};
use crate::{
    Change, Counts, Cursor, Database, Delivery, DeliveryState, Keep, PRUNE_ROWS_MAX, Pruned, Queue,
    SignalRow, StoreError, TallyKind, hour_of,
};

/// A database that lives in memory; clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    tables: Arc<Mutex<Tables>>,
    clock: leases::DatabaseClock,
}

#[derive(Debug, Default)]
struct Tables {
    cursors: BTreeMap<(String, u16), Cursor>,
    alerts: HashMap<String, Alert>,
    open: HashMap<String, String>,
    notices: HashMap<String, Notice>,
    deliveries: BTreeMap<i64, Row>,
    last_number: i64,
    tracks: BTreeMap<String, Track>,
    moments: BTreeMap<i64, Moment>,
    last_moment: i64,
    decisions: BTreeMap<i64, Decided>,
    last_decision: i64,
    tallies: BTreeMap<(i64, TallyKind, String), u64>,
    patterns: patterns::Table,
    signals: signals::Table,
    shelf: catalog::Shelf,
    leases: leases::Table,
    people: people::Table,
    alerts_changed: HashMap<String, Timestamp>,
    reports: BTreeMap<String, (Timestamp, String)>,
}

#[derive(Debug)]
struct Row {
    delivery: Delivery,
    changed_at: Timestamp,
}

impl MemoryStore {
    /// An empty database, whose clock is the process's.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty database with a clock of its own, which leases go by.
    pub fn with_clock(clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: leases::DatabaseClock::new(clock), ..Self::default() }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // A change is checked before it is applied, so a panic leaves no half of one.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Database for MemoryStore {
    async fn claim(
        &self,
        reader: &str,
        journal: &str,
        partitions: Range<u16>,
    ) -> Result<Vec<Cursor>, StoreError> {
        let mut tables = self.tables();
        if let Some(other) = tables.cursors.values().find(|cursor| cursor.journal != journal) {
            return Err(StoreError::OtherJournal {
                expected: other.journal.clone(),
                found: journal.to_owned(),
            });
        }
        let claim = |partition| {
            let cursor =
                tables.cursors.entry((reader.to_owned(), partition)).or_insert_with(|| Cursor {
                    reader: reader.to_owned(),
                    partition,
                    journal: journal.to_owned(),
                    epoch: 0,
                    position: 1,
                    time: Timestamp::ZERO,
                    counts: Counts::default(),
                });
            cursor.epoch += 1;
            cursor.clone()
        };
        Ok(partitions.map(claim).collect())
    }

    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        Ok(self.tables().cursors.values().cloned().collect())
    }

    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tables = self.tables();
        tables.check(&change)?;
        tables.apply(change, now);
        Ok(())
    }

    async fn live_alerts(&self, at: Timestamp) -> Result<Vec<Alert>, StoreError> {
        let tables = self.tables();
        let is_live = |alert: &&Alert| live_until(alert).is_some_and(|until| until >= at);
        let mut live: Vec<Alert> = tables.alerts.values().filter(is_live).cloned().collect();
        live.sort_by(|a, b| (a.first_seen, &a.id).cmp(&(b.first_seen, &b.id)));
        Ok(live)
    }

    async fn tracks(&self) -> Result<Vec<(String, Track)>, StoreError> {
        Ok(self.tables().tracks.iter().map(|(key, track)| (key.clone(), track.clone())).collect())
    }

    async fn decisions(&self, limit: u32) -> Result<Vec<(i64, Decided)>, StoreError> {
        let tables = self.tables();
        let first = tables.decisions.iter().take(limit as usize);
        Ok(first.map(|(number, decided)| (*number, decided.clone())).collect())
    }

    async fn patterns(&self) -> Result<Vec<Pattern>, StoreError> {
        Ok(self.tables().patterns.all())
    }

    async fn mining(&self) -> Result<Account, StoreError> {
        Ok(self.tables().patterns.account())
    }

    async fn pattern_decisions(
        &self,
        limit: u32,
    ) -> Result<Vec<(i64, PatternDecided)>, StoreError> {
        Ok(self.tables().patterns.decisions(limit))
    }

    async fn signals(&self) -> Result<Vec<SignalRow>, StoreError> {
        Ok(self.tables().signals.first())
    }

    async fn posted(&self, limit: u32) -> Result<Vec<(i64, String)>, StoreError> {
        Ok(self.tables().signals.posted(limit))
    }

    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        let tables = self.tables();
        let mut open: Vec<Alert> =
            tables.open.values().filter_map(|id| tables.alerts.get(id)).cloned().collect();
        open.sort_by(|a, b| (a.first_seen, &a.id).cmp(&(b.first_seen, &b.id)));
        Ok(open)
    }

    async fn latest_alerts(&self, limit: u32) -> Result<Vec<Alert>, StoreError> {
        let mut alerts: Vec<Alert> = self.tables().alerts.values().cloned().collect();
        alerts.sort_by(|a, b| (b.first_seen, &b.id).cmp(&(a.first_seen, &a.id)));
        alerts.truncate(limit as usize);
        Ok(alerts)
    }

    async fn waiting(&self, destination: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let tables = self.tables();
        let waits = tables.deliveries.values().map(|row| &row.delivery).filter(|delivery| {
            delivery.state == DeliveryState::Waiting && delivery.destination == destination
        });
        Ok(waits.take(limit as usize).cloned().collect())
    }

    async fn overtaken(&self, destination: &str) -> Result<Vec<(i64, String)>, StoreError> {
        Ok(self.tables().overtaken(destination))
    }

    async fn dead_letters(&self, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let tables = self.tables();
        let all = tables.deliveries.values().rev().map(|row| &row.delivery);
        let dead = all.filter(|delivery| delivery.state == DeliveryState::Dead);
        Ok(dead.take(limit as usize).cloned().collect())
    }

    async fn queues(&self) -> Result<Vec<Queue>, StoreError> {
        let mut queues: BTreeMap<String, Queue> = BTreeMap::new();
        for Row { delivery, .. } in self.tables().deliveries.values() {
            let name = &delivery.destination;
            let queue = queues.entry(name.clone()).or_insert_with(|| Queue::empty(name.clone()));
            queue.add(delivery.state, 1, delivery.notice.at);
        }
        Ok(queues.into_values().collect())
    }

    async fn prune(&self, keep: Keep) -> Result<Pruned, StoreError> {
        Ok(self.tables().prune(&keep))
    }
}

impl Tables {
    fn check(&self, change: &Change) -> Result<(), StoreError> {
        if let Some(lease) = &change.lease {
            leases::check(&self.leases, lease)?;
        }
        if let Some(twice) = moved_twice(&change.cursors) {
            return Err(fenced(twice));
        }
        for step in &change.cursors {
            let cursor = self.cursors.get(&(step.reader.clone(), step.partition));
            if !cursor.is_some_and(|c| c.epoch == step.epoch && c.position == step.from) {
                return Err(fenced(step));
            }
        }
        // Only then: what is tried again has moved its cursor, and is refused for that.
        self.signals.check(&change.signals)?;
        let mut open: HashMap<&str, Option<&str>> = HashMap::new();
        for alert in &change.alerts {
            let signature = alert.signature.as_str();
            let before = || self.open.get(signature).map(String::as_str);
            let id = open.entry(signature).or_insert_with(before);
            match (alert.state.is_open(), *id) {
                (true, Some(other)) if other != alert.id => {
                    return Err(StoreError::Damaged(format!(
                        "a second open alert for `{signature}`"
                    )));
                }
                (true, _) => *id = Some(&alert.id),
                (_, Some(other)) if other == alert.id => *id = None,
                _ => {}
            }
        }
        let written: HashSet<&str> = change.alerts.iter().map(|alert| alert.id.as_str()).collect();
        for (notice, _) in &change.notices {
            let id = &notice.alert.id;
            if !written.contains(id.as_str()) && !self.alerts.contains_key(id) {
                return Err(StoreError::Damaged(format!(
                    "notice `{}` of an unknown alert",
                    notice.id
                )));
            }
        }
        Ok(())
    }

    fn apply(&mut self, change: Change, now: Timestamp) {
        for step in change.cursors {
            if let Some(cursor) = self.cursors.get_mut(&(step.reader, step.partition)) {
                cursor.position = step.to;
                cursor.time = step.time;
                cursor.counts = step.counts;
            }
        }
        for alert in change.alerts {
            if alert.state.is_open() {
                self.open.insert(alert.signature.clone(), alert.id.clone());
            } else if self.open.get(&alert.signature) == Some(&alert.id) {
                self.open.remove(&alert.signature);
            }
            self.alerts_changed.insert(alert.id.clone(), now);
            self.alerts.insert(alert.id.clone(), alert);
        }
        for (notice, destinations) in change.notices {
            if self.notices.contains_key(&notice.id) {
                continue;
            }
            for destination in distinct(&destinations) {
                self.deliver(destination, &notice);
            }
            self.notices.insert(notice.id.clone(), notice);
        }
        for done in change.delivered {
            if let Some(Row { delivery, changed_at }) = self.deliveries.get_mut(&done.number) {
                delivery.state = done.state;
                delivery.attempts = done.attempts;
                delivery.answer = done.answer;
                delivery.done_at = (done.state != DeliveryState::Waiting).then_some(done.at);
                *changed_at = now;
            }
        }
        self.replay(&change.replay, now);
        for change in change.tracks {
            match change.track {
                Some(track) => self.tracks.insert(change.key, track),
                None => self.tracks.remove(&change.key),
            };
        }
        for moment in change.moments {
            self.last_moment += 1;
            self.moments.insert(self.last_moment, moment);
        }
        for tally in change.tallies {
            *self.tallies.entry((tally.hour, tally.kind, tally.name)).or_default() += tally.value;
        }
        self.decide(change.decide, &change.decided);
        self.patterns.apply(change.patterns);
        self.signals.apply(change.signals);
        self.people.append(change.audit);
    }

    fn decide(&mut self, decide: Vec<Decided>, decided: &[i64]) {
        for decided in decide {
            self.last_decision += 1;
            self.decisions.insert(self.last_decision, decided);
        }
        for number in decided {
            self.decisions.remove(number);
        }
    }

    fn deliver(&mut self, destination: &str, notice: &Notice) {
        self.last_number += 1;
        let delivery = Delivery {
            number: self.last_number,
            destination: destination.to_owned(),
            notice: notice.clone(),
            state: DeliveryState::Waiting,
            attempts: 0,
            answer: None,
            done_at: None,
            replays: 0,
        };
        self.deliveries.insert(self.last_number, Row { delivery, changed_at: Timestamp::ZERO });
    }

    fn prune(&mut self, keep: &Keep) -> Pruned {
        let most = PRUNE_ROWS_MAX as usize;
        let old = |at: Option<Timestamp>, keep: Timestamp| at.is_some_and(|at| at < keep);
        let done = self.deliveries.iter().filter(|(_, row)| match row.delivery.state {
            DeliveryState::Waiting => false,
            DeliveryState::Dead => old(row.delivery.done_at, keep.dead),
            DeliveryState::Delivered | DeliveryState::Superseded => {
                old(row.delivery.done_at, keep.delivered)
            }
        });
        let numbers: Vec<i64> = done.map(|(number, _)| *number).take(most).collect();
        for number in &numbers {
            self.deliveries.remove(number);
        }
        let used: HashSet<&String> =
            self.deliveries.values().map(|row| &row.delivery.notice.id).collect();
        let oldest = keep.delivered.max(keep.cleared).max(keep.closed);
        let notices = self.notices.values().filter(|n| n.at < oldest && !used.contains(&n.id));
        let notices: Vec<String> = notices.map(|n| n.id.clone()).take(most).collect();
        for id in &notices {
            self.notices.remove(id);
        }
        let used: HashSet<&String> = self.notices.values().map(|n| &n.alert.id).collect();
        let is_old = |alert: &&Alert| match alert.state {
            AlertState::Open | AlertState::Acknowledged => false,
            AlertState::Cleared => old(alert.ended_at, keep.cleared),
            AlertState::Closed => old(alert.ended_at, keep.closed),
        };
        let alerts = self.alerts.values().filter(is_old).filter(|a| !used.contains(&a.id));
        let alerts: Vec<String> = alerts.map(|a| a.id.clone()).take(most).collect();
        for id in &alerts {
            self.alerts.remove(id);
            self.alerts_changed.remove(id);
            self.moments.retain(|_, moment| moment.alert_id != *id);
        }
        let tallies = self.tallies.len();
        let oldest = hour_of(keep.tallies);
        self.tallies.retain(|(hour, _, _), _| *hour >= oldest);
        Pruned {
            deliveries: numbers.len() as u64,
            notices: notices.len() as u64,
            alerts: alerts.len() as u64,
            tallies: (tallies - self.tallies.len()) as u64,
        }
    }
}
