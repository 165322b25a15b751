//! What people ask of alerts and patterns, in memory. From: tests and the simulator. To: the tables.

use mutt_alert::{Alert, Moment};
use mutt_patterns::{Pattern, PatternId};

use super::MemoryStore;
use crate::history::{AlertQuery, History, PAGE_ROWS_MAX, Tally, TallyKind};
use crate::{Delivery, PatternQuery, StoreError};

impl History for MemoryStore {
    async fn alerts(&self, query: &AlertQuery) -> Result<Vec<Alert>, StoreError> {
        let tables = self.tables();
        let key = |alert: &Alert| (alert.first_seen, alert.id.clone());
        let is_older =
            |alert: &Alert| query.before.as_ref().is_none_or(|before| key(alert) < *before);
        let mut found: Vec<Alert> = tables
            .alerts
            .values()
            .filter(|alert| query.fits(alert) && is_older(alert))
            .cloned()
            .collect();
        found.sort_by_key(|alert| std::cmp::Reverse(key(alert)));
        found.truncate(query.limit.min(PAGE_ROWS_MAX) as usize);
        Ok(found)
    }

    async fn alert(&self, id: &str) -> Result<Option<Alert>, StoreError> {
        Ok(self.tables().alerts.get(id).cloned())
    }

    async fn moments(
        &self,
        alert_id: &str,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Moment)>, StoreError> {
        let tables = self.tables();
        let of = tables.moments.range(after.saturating_add(1)..);
        let of = of.filter(|(_, moment)| moment.alert_id == alert_id);
        let limit = limit.min(PAGE_ROWS_MAX) as usize;
        Ok(of.take(limit).map(|(number, moment)| (*number, moment.clone())).collect())
    }

    async fn deliveries(&self, alert_id: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let tables = self.tables();
        let all = tables.deliveries.values().map(|row| &row.delivery);
        let of = all.filter(|delivery| delivery.notice.alert.id == alert_id);
        Ok(of.take(limit.min(PAGE_ROWS_MAX) as usize).cloned().collect())
    }

    async fn tallies(
        &self,
        kind: TallyKind,
        from: i64,
        until: i64,
    ) -> Result<Vec<Tally>, StoreError> {
        let tables = self.tables();
        let of = tables
            .tallies
            .iter()
            .filter(|((hour, of, _), _)| *of == kind && (from..until).contains(hour));
        let tally = |((hour, kind, name), value): (&(i64, TallyKind, String), &u64)| Tally {
            hour: *hour,
            kind: *kind,
            name: name.clone(),
            value: *value,
        };
        Ok(of.map(tally).collect())
    }

    async fn found_patterns(&self, query: &PatternQuery) -> Result<Vec<Pattern>, StoreError> {
        Ok(self.tables().patterns.find(query))
    }

    async fn pattern(&self, id: PatternId) -> Result<Option<Pattern>, StoreError> {
        Ok(self.tables().patterns.one(id))
    }
}
