//! What changed lately, and dead letters put back, in memory. From: tests. To: the tables.

use std::collections::{BTreeMap, BTreeSet};

use mutt_event::Timestamp;

use super::{MemoryStore, Tables};
use crate::live::{CHANGES_MAX, Changes, DeliveryQuery, Live, Replay, TallySum, overtaken_by};
use crate::{Delivery, DeliveryState, PAGE_ROWS_MAX, StoreError, TallyKind};

impl Tables {
    /// The notice that was delivered last and after this one, to the same destination and under
    /// the same signature.
    fn later(&self, of: &Delivery) -> Option<String> {
        let mut after = self.deliveries.range(of.number.saturating_add(1)..).rev();
        let later = after.find(|(_, row)| {
            row.delivery.state == DeliveryState::Delivered && is_kin(&row.delivery, of)
        });
        later.map(|(_, row)| row.delivery.notice.id.clone())
    }

    pub(super) fn overtaken(&self, destination: &str) -> Vec<(i64, String)> {
        let all = self.deliveries.values().map(|row| &row.delivery);
        let put_back = all.filter(|delivery| {
            delivery.state == DeliveryState::Waiting
                && delivery.destination == destination
                && delivery.replays > 0
        });
        put_back.filter_map(|delivery| Some((delivery.number, self.later(delivery)?))).collect()
    }

    /// Puts dead letters back; see [`Replay`].
    pub(super) fn replay(&mut self, replay: &Replay, now: Timestamp) {
        let dead = |number: &i64| {
            let delivery = &self.deliveries.get(number)?.delivery;
            (delivery.state == DeliveryState::Dead).then_some(delivery)
        };
        let mut back = BTreeSet::new();
        for asked in replay.numbers.iter().filter_map(dead) {
            let from = self.deliveries.range(asked.number..).map(|(_, row)| &row.delivery);
            let kin = from.filter(|one| one.state == DeliveryState::Dead && is_kin(one, asked));
            back.extend(kin.map(|one| one.number));
        }
        for number in back {
            let later = self.deliveries.get(&number).and_then(|row| self.later(&row.delivery));
            let Some(row) = self.deliveries.get_mut(&number) else { continue };
            row.changed_at = now;
            match later {
                Some(later) => {
                    row.delivery.state = DeliveryState::Superseded;
                    row.delivery.answer = Some(overtaken_by(&later));
                    row.delivery.done_at = Some(replay.at);
                }
                None => {
                    row.delivery.state = DeliveryState::Waiting;
                    row.delivery.done_at = None;
                    row.delivery.replays += 1;
                }
            }
        }
    }
}

/// Whether both tell one destination of one problem.
fn is_kin(one: &Delivery, other: &Delivery) -> bool {
    one.destination == other.destination
        && one.notice.alert.signature == other.notice.alert.signature
}

impl Live for MemoryStore {
    async fn changes(&self, since: Option<Timestamp>) -> Result<Changes, StoreError> {
        let now = self.clock.now();
        let Some(since) = since else { return Ok(Changes { now, ..Changes::default() }) };
        let tables = self.tables();
        let most = CHANGES_MAX as usize;
        let of_alerts = tables.alerts.values().filter_map(|alert| {
            let at = *tables.alerts_changed.get(&alert.id)?;
            (at >= since).then(|| (at, alert.clone()))
        });
        let mut alerts: Vec<_> = of_alerts.collect();
        alerts.sort_by_key(|(at, _)| *at);
        alerts.truncate(most);
        let changed = tables.deliveries.values().filter(|row| row.changed_at >= since);
        let mut deliveries: Vec<_> =
            changed.map(|row| (row.changed_at, row.delivery.clone())).collect();
        deliveries.sort_by_key(|(at, _)| *at);
        deliveries.truncate(most);
        Ok(Changes { now, alerts, deliveries })
    }

    async fn found_deliveries(&self, query: &DeliveryQuery) -> Result<Vec<Delivery>, StoreError> {
        let tables = self.tables();
        let fits = |one: &&Delivery| {
            query.state.is_none_or(|state| one.state == state)
                && query.destination.as_ref().is_none_or(|to| one.destination == *to)
                && query.alert.as_ref().is_none_or(|alert| one.notice.alert.id == *alert)
                && query.before.is_none_or(|before| one.number < before)
        };
        let mut found: Vec<&Delivery> =
            tables.deliveries.values().map(|row| &row.delivery).filter(fits).collect();
        if !query.oldest_first {
            found.reverse();
        }
        Ok(found.into_iter().take(query.limit.min(PAGE_ROWS_MAX) as usize).cloned().collect())
    }

    async fn delivery(&self, number: i64) -> Result<Option<Delivery>, StoreError> {
        Ok(self.tables().deliveries.get(&number).map(|row| row.delivery.clone()))
    }

    async fn tally_sums(&self, kind: TallyKind) -> Result<Vec<TallySum>, StoreError> {
        let mut sums: BTreeMap<String, TallySum> = BTreeMap::new();
        for ((hour, _, name), value) in
            self.tables().tallies.iter().filter(|((_, of, _), _)| *of == kind)
        {
            let new = || TallySum { name: name.clone(), first: *hour, last: *hour, value: 0 };
            let sum = sums.entry(name.clone()).or_insert_with(new);
            sum.last = sum.last.max(*hour);
            sum.value += value;
        }
        Ok(sums.into_values().collect())
    }
}
