//! How every process is, as it says itself. From: the table of reports. To: people; and the lights of
//! the pulse.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use mutt_store::{Report, Reports};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::problem::Problem;
use crate::report::{CheckReport, DestinationReport, ProcessReport, REPORT_EVERY};
use crate::site::Site;

/// A process that has said nothing for so many times of its pace is not believed any more.
const STALE_AFTER: u32 = 5;

/// The path of health.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(health))
}

/// A process.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct ProcessView {
    /// Its name among all.
    pub name: String,
    /// When it said so, in RFC 3339, by the database's clock.
    pub reported: String,
    /// How long ago that is.
    pub age_ms: u64,
    /// It has said nothing for too long: it is gone, or its database is away from it.
    pub stale: bool,
    /// What it said.
    #[serde(flatten)]
    pub report: ProcessReport,
}

impl From<Report> for ProcessView {
    fn from(row: Report) -> Self {
        let report = serde_json::from_str(&row.body).unwrap_or_else(|_| unreadable());
        Self {
            name: row.name,
            reported: row.at.to_string(),
            age_ms: millis(row.age),
            stale: row.age > REPORT_EVERY * STALE_AFTER,
            report,
        }
    }
}

fn unreadable() -> ProcessReport {
    let wrong = Some("it cannot be read: it is of another version".to_owned());
    let check = CheckReport { name: "report".to_owned(), wrong, ..CheckReport::default() };
    ProcessReport { checks: vec![check], ..ProcessReport::default() }
}

/// Whole milliseconds.
pub fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// All processes, as they are known now.
pub struct Processes(pub Vec<ProcessView>);

impl Processes {
    /// Asks the database.
    pub async fn now(site: &Site) -> Result<Self, Problem> {
        Ok(Self(site.store.reports().await?.into_iter().map(ProcessView::from).collect()))
    }

    fn fresh(&self) -> impl Iterator<Item = &ProcessView> {
        self.0.iter().filter(|process| !process.stale)
    }

    /// Why a way out takes nothing, as those say who send there; the error: nobody does.
    pub fn way(&self, name: &str) -> Result<Option<String>, ()> {
        let ways = self.fresh().flat_map(|process| &process.report.ways);
        let mut of_name = ways.filter(|way| way.name == name).peekable();
        of_name.peek().ok_or(())?;
        Ok(of_name.find_map(|way| way.down.clone()))
    }

    /// The process that sends to a destination; else the one that did last.
    pub fn destination(&self, name: &str) -> Option<(&ProcessView, &DestinationReport)> {
        let all = self.0.iter().flat_map(|process| {
            process.report.destinations.iter().map(move |destination| (process, destination))
        });
        let of_name = all.filter(|(_, destination)| destination.name == name);
        of_name.max_by_key(|(process, destination)| {
            (destination.holds && !process.stale, destination.last_answer_at.clone())
        })
    }
}

/// All processes.
#[derive(Serialize, ToSchema)]
struct Health {
    /// By name. A process without a database says nothing and is missing: `mutt ingest`.
    processes: Vec<ProcessView>,
}

/// How every process is, as it says itself every few seconds.
#[utoipa::path(get, path = "/health", tag = "health", responses(
    (status = 200, description = "All processes that report", body = Health),
))]
async fn health(State(site): State<Arc<Site>>, _: Caller) -> Result<Json<Health>, Problem> {
    Ok(Json(Health { processes: Processes::now(&site).await?.0 }))
}

#[cfg(test)]
mod tests {
    use mutt_event::Timestamp;

    use super::*;
    use crate::report::WayReport;

    fn view(age: u64, ways: &[(&str, Option<&str>)]) -> ProcessView {
        let way = |(name, down): &(&str, Option<&str>)| WayReport {
            name: (*name).to_owned(),
            down: down.map(str::to_owned),
        };
        let report = ProcessReport { ways: ways.iter().map(way).collect(), ..Default::default() };
        let body = serde_json::to_string(&report).unwrap();
        let (name, at, age) = ("a".to_owned(), Timestamp::ZERO, Duration::from_secs(age));
        Report { name, at, age, body }.into()
    }

    #[test]
    fn only_who_still_reports_is_believed() {
        let gone = view(16, &[("moogsoft", None)]);
        assert!(gone.stale);
        assert_eq!(Processes(vec![gone.clone()]).way("moogsoft"), Err(()));
        let here = view(15, &[("moogsoft", Some("503")), ("archive/syslog", None)]);
        let all = Processes(vec![gone, here]);
        assert_eq!(all.way("moogsoft"), Ok(Some("503".to_owned())));
        assert_eq!(all.way("archive/syslog"), Ok(None));
    }

    #[test]
    fn a_report_of_another_version_is_shown_as_that() {
        let (name, at) = ("a".to_owned(), Timestamp::ZERO);
        let row = Report { name, at, age: Duration::ZERO, body: "[1]".to_owned() };
        let view = ProcessView::from(row);
        assert!(!view.report.ready && !view.report.checks[0].ok);
        let row = Report { name: "b".into(), at, age: Duration::ZERO, body: "{\"new\":1}".into() };
        assert!(ProcessView::from(row).report.checks.is_empty());
    }
}
