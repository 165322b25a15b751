//! Reports of processes in memory. From: workers of tests. To: a map, by the database's clock.

use mutt_event::Timestamp;

use super::MemoryStore;
use crate::StoreError;
use crate::reports::{REPORTS_KEPT, Report, Reports};

impl Reports for MemoryStore {
    async fn report(&self, name: &str, body: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        let reports = &mut self.tables().reports;
        reports.insert(name.to_owned(), (now, body.to_owned()));
        reports.retain(|_, (at, _)| *at >= now.before(REPORTS_KEPT));
        Ok(())
    }

    async fn withdraw_report(&self, name: &str) -> Result<(), StoreError> {
        self.tables().reports.remove(name);
        Ok(())
    }

    async fn reports(&self) -> Result<Vec<Report>, StoreError> {
        let now = self.clock.now();
        let report = |(name, (at, body)): (&String, &(Timestamp, String))| Report {
            name: name.clone(),
            at: *at,
            age: now.since(*at),
            body: body.clone(),
        };
        Ok(self.tables().reports.iter().map(report).collect())
    }
}
