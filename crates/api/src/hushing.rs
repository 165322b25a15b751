//! What silences and maintenance windows have in common: how they stand now, who may save a broad
//! one, and what one would have hidden.
//!
//! From: the handlers of both. To: the stored alerts, which are only read.

use std::collections::HashMap;
use std::time::Duration;

use mutt_alert::{Alert, AlertState, SilencePlan};
use mutt_event::Timestamp;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::Role;
use mutt_store::{AlertQuery, History, PAGE_ROWS_MAX};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::problem::Problem;
use crate::site::Site;

/// How far back a preview looks.
const LOOK_BACK: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How many stored alerts a preview looks at.
const ALERTS_MAX: usize = 50_000;
/// How many rules and hosts a preview names.
const NAMES_MAX: usize = 20;
/// How many alerts a preview shows.
const SAMPLES_MAX: usize = 10;

/// How a silence or a window stands now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct SilenceStanding {
    /// Whether it holds.
    pub active: bool,
    /// In how many seconds it ends; null: it does not hold.
    pub ends_in_seconds: Option<u64>,
    /// In how many seconds it begins next; null: never again.
    pub begins_in_seconds: Option<u64>,
}

impl SilenceStanding {
    /// How it stands; none: it is faulty, so it never holds.
    pub fn of(plan: Option<&SilencePlan>) -> Self {
        let now = SystemClock.now();
        let seconds = |at: Timestamp| at.since(now).as_secs();
        let until = plan.and_then(|plan| plan.holds.until(now));
        Self {
            active: until.is_some(),
            ends_in_seconds: until.map(seconds),
            begins_in_seconds: plan.and_then(|plan| plan.holds.begins_after(now)).map(seconds),
        }
    }
}

/// Refuses a broad silence of whoever is no admin.
pub fn check_breadth(caller: &Caller, why: &[String]) -> Result<(), Problem> {
    if why.is_empty() || caller.role >= Role::Admin {
        return Ok(());
    }
    Err(Problem::forbidden(format!(
        "it is broad: {}; narrow it, or let somebody save it whose key has the role admin",
        why.join("; ")
    )))
}

/// How many alerts of a rule or a host.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct HiddenOf {
    /// The rule's id or the host's name.
    name: String,
    /// How many alerts.
    alerts: u64,
    /// How many notices were made of them.
    notices: u64,
}

/// An alert that would have been hidden.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct HiddenAlert {
    /// Its id.
    id: String,
    /// The rule's id.
    rule: String,
    /// The host.
    host: String,
    /// How bad it was at worst.
    severity: &'static str,
    /// One line for a person.
    summary: String,
    /// When it began, in RFC 3339.
    first_seen: String,
    /// How many notices were made of it.
    notices: u32,
}

/// What a silence would have hidden, had it held for the last seven days, whatever its times are.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct SilencePreview {
    /// Since when it was looked, in RFC 3339.
    since: String,
    /// How many alerts.
    alerts: u64,
    /// How many notices were made of them.
    notices: u64,
    /// How many are open now and told, so that it would quiet them at once.
    open_alerts: u64,
    /// The rules with the most, at most 20.
    rules: Vec<HiddenOf>,
    /// The hosts with the most, at most 20.
    hosts: Vec<HiddenOf>,
    /// The newest of them, at most 10.
    samples: Vec<HiddenAlert>,
    /// Whether there are more alerts than were looked at, the newest 50,000.
    truncated: bool,
    /// Why only an admin may save it; empty: an operator may.
    broad: Vec<String>,
}

/// Looks what a silence would have hidden.
pub async fn preview(
    site: &Site,
    plan: &SilencePlan,
    broad: Vec<String>,
) -> Result<SilencePreview, Problem> {
    let since = SystemClock.now().before(LOOK_BACK);
    let mut found = Found::default();
    let week = AlertQuery { since: Some(since), ..AlertQuery::default() };
    let cut = each(site, week, |alert| found.see(plan, alert)).await?;
    let mut open_alerts = 0;
    let states = vec![AlertState::Open, AlertState::Acknowledged];
    let open = AlertQuery { states, ..AlertQuery::default() };
    let open_cut = each(site, open, |alert| {
        open_alerts += u64::from(alert.quiet.is_empty() && plan.concerns(alert));
    })
    .await?;
    Ok(SilencePreview {
        since: since.to_string(),
        alerts: found.total.alerts,
        notices: found.total.notices,
        open_alerts,
        rules: most(found.rules),
        hosts: most(found.hosts),
        samples: found.samples,
        truncated: cut || open_cut,
        broad,
    })
}

/// Shows the alerts that a query finds, the newest first; answers whether there were too many.
async fn each(
    site: &Site,
    mut query: AlertQuery,
    mut see: impl FnMut(&Alert),
) -> Result<bool, Problem> {
    query.limit = PAGE_ROWS_MAX;
    let mut seen = 0;
    loop {
        let alerts = site.store.alerts(&query).await?;
        alerts.iter().for_each(&mut see);
        seen += alerts.len();
        let Some(last) = alerts.last().filter(|_| alerts.len() >= PAGE_ROWS_MAX as usize) else {
            return Ok(false);
        };
        if seen >= ALERTS_MAX {
            return Ok(true);
        }
        query.before = Some((last.first_seen, last.id.clone()));
    }
}

#[derive(Clone, Copy, Default)]
struct Sum {
    alerts: u64,
    notices: u64,
}

impl Sum {
    fn add(&mut self, alert: &Alert) {
        self.alerts += 1;
        self.notices += u64::from(alert.notices);
    }
}

#[derive(Default)]
struct Found {
    total: Sum,
    rules: HashMap<String, Sum>,
    hosts: HashMap<String, Sum>,
    samples: Vec<HiddenAlert>,
}

impl Found {
    fn see(&mut self, plan: &SilencePlan, alert: &Alert) {
        if !plan.concerns(alert) {
            return;
        }
        self.total.add(alert);
        self.rules.entry(alert.rule.id.clone()).or_default().add(alert);
        self.hosts.entry(alert.host.clone()).or_default().add(alert);
        if self.samples.len() < SAMPLES_MAX {
            self.samples.push(HiddenAlert {
                id: alert.id.clone(),
                rule: alert.rule.id.clone(),
                host: alert.host.clone(),
                severity: alert.worst.name(),
                summary: alert.summary.clone(),
                first_seen: alert.first_seen.to_string(),
                notices: alert.notices,
            });
        }
    }
}

/// Those with the most alerts.
fn most(sums: HashMap<String, Sum>) -> Vec<HiddenOf> {
    let of =
        |(name, sum): (String, Sum)| HiddenOf { name, alerts: sum.alerts, notices: sum.notices };
    let mut list: Vec<HiddenOf> = sums.into_iter().map(of).collect();
    list.sort_by(|one, other| {
        (other.alerts, other.notices, &one.name).cmp(&(one.alerts, one.notices, &other.name))
    });
    list.truncate(NAMES_MAX);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_come_first_and_equal_ones_by_name() {
        let sum = |alerts| Sum { alerts, notices: 1 };
        let sums = [("b", 1), ("c", 3), ("a", 1)].map(|(name, n)| (name.to_owned(), sum(n)));
        let names: Vec<String> = most(sums.into()).into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["c", "a", "b"]);
        let many = (0..50).map(|number| (number.to_string(), sum(number))).collect();
        assert_eq!(most(many).len(), NAMES_MAX);
    }

    #[test]
    fn only_an_admin_saves_a_broad_one_and_others_are_told_why() {
        let caller = |role| Caller {
            name: "x".to_owned(),
            role,
            teams: Vec::new(),
            scope: Vec::new(),
            from: None,
            session: None,
        };
        let why = ["it names no host, site or label".to_owned()];
        assert!(check_breadth(&caller(Role::Operator), &[]).is_ok());
        assert!(check_breadth(&caller(Role::Admin), &why).is_ok());
        let problem = check_breadth(&caller(Role::Author), &why).unwrap_err();
        assert_eq!(problem.status, 403);
        assert!(problem.detail.contains("no host, site or label"), "{}", problem.detail);
    }
}
