//! How much noise there is: from messages to pages, by day and night, host and rule; what severity
//! alone would have paged; and which pages severity would have missed.
//!
//! From: numbers by the hour and alerts. To: people who want fewer pages. Drills count nowhere.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_alert::{Alert, DRILL_RULE};
use mutt_event::{Severity, Timestamp};
use mutt_journal::{Clock, SystemClock};
use mutt_rules::{AlertSeverity, Handling};
use mutt_store::{
    AlertQuery, History, PAGE_ROWS_MAX, StoreError, Sums, Tally, TallyKind, hour_of, hour_start,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::days::Days;
use crate::problem::Problem;
use crate::request::Query;
use crate::site::Site;

/// The most days that are looked at.
pub const DAYS_MAX: u32 = 31;
/// How many unless asked otherwise.
pub const DAYS_DEFAULT: u32 = 7;
/// How many hosts and how many rules are named.
const NAMED_MAX: usize = 20;
/// How many alerts below critical are named,
const BELOW_MAX: usize = 100;
/// of how many that are looked at.
const LOOKED_AT_MAX: usize = 10_000;

/// The path of noise.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(noise))
}

/// Which days, and where.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NoiseQuery {
    /// How many days with today, 1 to 31; default 7.
    #[param(minimum = 1, maximum = 31)]
    days: Option<u32>,
    /// The time zone whose days they are, by its name in the IANA database; default UTC.
    zone: Option<String>,
}

/// From messages to pages, over the days that were asked for.
#[derive(Serialize, ToSchema)]
struct Noise {
    /// The zone whose days they are.
    zone: String,
    /// When the first hour begins, in RFC 3339.
    from: String,
    /// When the last hour ends, in RFC 3339.
    until: String,
    /// Since when there are numbers.
    since: Since,
    /// From messages to pages.
    funnel: Funnel,
    /// Each day, the oldest first.
    days: Vec<NoiseDay>,
    /// The hosts with the most pages, then alerts, then messages; at most 20.
    hosts: Vec<NoiseOf>,
    /// The rules with the most pages, then alerts, then messages; at most 20.
    rules: Vec<NoiseOf>,
    /// Pages by the syslog severity of the message that opened the alert; `none`: it had none.
    page_severities: BTreeMap<String, u64>,
    /// Alerts that paged, though severity alone would not have.
    below_critical: BelowCritical,
}

/// The first hour that has such a number, in RFC 3339; null: nothing was counted so far. What was
/// before is not known.
#[derive(Serialize, ToSchema)]
struct Since {
    /// Messages.
    messages: Option<String>,
    /// Messages that a rule owned.
    matched: Option<String>,
    /// Alerts.
    alerts: Option<String>,
    /// Pages by day.
    pages: Option<String>,
    /// Pages by rule and by host.
    pages_by_name: Option<String>,
    /// Pages by syslog severity.
    page_severities: Option<String>,
    /// Alerts by host.
    host_alerts: Option<String>,
}

/// From messages to pages.
#[derive(Serialize, ToSchema)]
struct Funnel {
    /// Messages received.
    messages: u64,
    /// Those that a rule owned.
    matched: u64,
    /// Alerts that opened.
    alerts: u64,
    /// Notices that page: a problem began, came back or became worse.
    pages: u64,
}

/// One day.
#[derive(Serialize, ToSchema)]
struct NoiseDay {
    /// The day, such as 2026-11-28.
    day: String,
    /// Messages received.
    messages: u64,
    /// Alerts that opened.
    alerts: u64,
    /// Pages from 06:00 to 22:00.
    pages_day: u64,
    /// Pages from 00:00 to 06:00 and from 22:00 to 24:00.
    pages_night: u64,
    /// Messages of the severities emergency, alert and critical from 06:00 to 22:00: what severity
    /// alone would have paged.
    severe_day: u64,
    /// The same from 00:00 to 06:00 and from 22:00 to 24:00.
    severe_night: u64,
}

/// How much noise a host or a rule makes.
#[derive(Serialize, ToSchema)]
struct NoiseOf {
    /// The host or the rule.
    name: String,
    /// Its messages; of a rule those that it owned.
    messages: u64,
    /// Its alerts.
    alerts: u64,
    /// Its pages.
    pages: u64,
}

/// Alerts that paged, though severity alone would not have.
#[derive(Serialize, ToSchema)]
struct BelowCritical {
    /// Since when the severity is kept, in RFC 3339; null: no page was counted so far.
    since: Option<String>,
    /// Those alerts, the newest first; at most 100.
    items: Vec<BelowAlert>,
    /// Whether there are more, or more alerts than were looked at, the newest 10,000.
    truncated: bool,
}

/// An alert that paged.
#[derive(Serialize, ToSchema)]
struct BelowAlert {
    /// Its id.
    id: String,
    /// The rule.
    rule: String,
    /// The host.
    host: String,
    /// One line for a person.
    summary: String,
    /// What the rule asks for.
    handling: Handling,
    /// How bad it was at worst, by the rule.
    worst: AlertSeverity,
    /// The syslog severity of the message that opened it; null: it had none, such as a trap.
    syslog_severity: Option<&'static str>,
    /// When it began, in RFC 3339.
    first_seen: String,
    /// The id of the message that opened it.
    correlation_id: String,
}

/// How many days a query asks for.
pub fn days_of(days: Option<u32>) -> Result<u32, Problem> {
    match days.unwrap_or(DAYS_DEFAULT) {
        days @ 1..=DAYS_MAX => Ok(days),
        days => Err(Problem::unreadable(format!("days is {days}: it is 1 to {DAYS_MAX}"))),
    }
}

/// Where noise comes from: from messages to pages by day and night, host, rule and severity.
#[utoipa::path(get, path = "/noise", tag = "noise", params(NoiseQuery), responses(
    (status = 200, description = "The noise of the last days", body = Noise),
))]
async fn noise(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(query): Query<NoiseQuery>,
) -> Result<Json<Noise>, Problem> {
    let zone = query.zone.unwrap_or_else(|| "UTC".to_owned());
    let days = Days::last(days_of(query.days)?, &zone, hour_of(SystemClock.now()))?;
    let by_day = ByDay::read(&site, &days).await?;
    let rules =
        Names::read(&site, &days, [TallyKind::Matched, TallyKind::Alerts, TallyKind::Pages])
            .await?;
    let hosts =
        Names::read(&site, &days, [TallyKind::Host, TallyKind::HostAlerts, TallyKind::HostPages])
            .await?;
    let severities = site.store.name_sums(TallyKind::PageSeverity, days.hours.clone()).await?;
    let since = Since::read(&site).await?;
    Ok(Json(Noise {
        from: hour_start(days.hours.start).to_string(),
        until: hour_start(days.hours.end).to_string(),
        funnel: by_day.funnel(rules.matched()),
        days: by_day.days(&days),
        hosts: hosts.most(),
        rules: rules.most(),
        page_severities: severities.into_iter().collect(),
        below_critical: below_critical(&site, &days).await?,
        since,
        zone,
    }))
}

type Hours = Vec<(i64, u64)>;

/// Numbers by the hour.
struct ByDay {
    received: Hours,
    severe: Hours,
    alerts: Hours,
    pages: Hours,
}

/// Whether a message of this severity would page by severity alone.
fn is_severe(severity: &str) -> bool {
    [Severity::Emergency, Severity::Alert, Severity::Critical]
        .map(Severity::name)
        .contains(&severity)
}

/// Whether a notice of this kind and handling pages; see [`mutt_alert::Notice::pages`].
fn pages(how: &str) -> bool {
    let Some((kind, handling)) = how.split_once(' ') else { return false };
    ["open", "worse"].contains(&kind)
        && [Handling::PageOnly, Handling::PageAndTicket].map(Handling::name).contains(&handling)
}

fn hours_of(tallies: &[Tally], wants: impl Fn(&str) -> bool) -> Hours {
    let wanted = tallies.iter().filter(|tally| wants(&tally.name));
    wanted.map(|tally| (tally.hour, tally.value)).collect()
}

impl ByDay {
    async fn read(site: &Site, days: &Days) -> Result<Self, StoreError> {
        let (from, until) = (days.hours.start, days.hours.end);
        let received = site.store.tallies(TallyKind::Received, from, until).await?;
        let handling = site.store.tallies(TallyKind::Handling, from, until).await?;
        Ok(Self {
            severe: hours_of(&received, is_severe),
            received: hours_of(&received, |_| true),
            alerts: site.store.hour_sums(TallyKind::Alerts, days.hours.clone()).await?,
            pages: hours_of(&handling, pages),
        })
    }

    fn funnel(&self, matched: u64) -> Funnel {
        let sum = |hours: &Hours| hours.iter().map(|(_, count)| count).sum();
        Funnel {
            messages: sum(&self.received),
            matched,
            alerts: sum(&self.alerts),
            pages: sum(&self.pages),
        }
    }

    fn days(self, days: &Days) -> Vec<NoiseDay> {
        let received = days.by_day(self.received);
        let (severe, alerts) = (days.by_day(self.severe), days.by_day(self.alerts));
        let pages = days.by_day(self.pages);
        let day = |day: String| {
            let of = |by: &BTreeMap<String, crate::days::DayNight>| {
                by.get(&day).copied().unwrap_or_default()
            };
            NoiseDay {
                messages: of(&received).both(),
                alerts: of(&alerts).both(),
                pages_day: of(&pages).day,
                pages_night: of(&pages).night,
                severe_day: of(&severe).day,
                severe_night: of(&severe).night,
                day,
            }
        };
        days.names().into_iter().map(day).collect()
    }
}

/// Messages, alerts and pages by name.
struct Names(HashMap<String, [u64; 3]>);

impl Names {
    async fn read(site: &Site, days: &Days, kinds: [TallyKind; 3]) -> Result<Self, StoreError> {
        let mut names: HashMap<String, [u64; 3]> = HashMap::new();
        for (place, kind) in kinds.into_iter().enumerate() {
            for (name, sum) in site.store.name_sums(kind, days.hours.clone()).await? {
                // Those that were not counted one by one are no host.
                if !name.is_empty() && name != DRILL_RULE {
                    names.entry(name).or_default()[place] += sum;
                }
            }
        }
        Ok(Self(names))
    }

    /// All messages.
    fn matched(&self) -> u64 {
        self.0.values().map(|[messages, _, _]| messages).sum()
    }

    fn most(self) -> Vec<NoiseOf> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_by(|(one, a), (other, b)| b.iter().rev().cmp(a.iter().rev()).then(one.cmp(other)));
        all.truncate(NAMED_MAX);
        let of = |(name, [messages, alerts, pages]): (String, [u64; 3])| NoiseOf {
            name,
            messages,
            alerts,
            pages,
        };
        all.into_iter().map(of).collect()
    }
}

impl Since {
    async fn read(site: &Site) -> Result<Self, StoreError> {
        let first = async |kind| {
            let hour = site.store.first_hour(kind).await?;
            Ok::<_, StoreError>(hour.map(|hour| hour_start(hour).to_string()))
        };
        Ok(Self {
            messages: first(TallyKind::Received).await?,
            matched: first(TallyKind::Matched).await?,
            alerts: first(TallyKind::Alerts).await?,
            pages: first(TallyKind::Handling).await?,
            pages_by_name: first(TallyKind::Pages).await?,
            page_severities: first(TallyKind::PageSeverity).await?,
            host_alerts: first(TallyKind::HostAlerts).await?,
        })
    }
}

/// Alerts of these days that paged, though their message was not critical or worse.
async fn below_critical(site: &Site, days: &Days) -> Result<BelowCritical, StoreError> {
    let Some(since) = site.store.first_hour(TallyKind::PageSeverity).await? else {
        return Ok(BelowCritical { since: None, items: Vec::new(), truncated: false });
    };
    let began = hour_start(since.max(days.hours.start));
    let mut query =
        AlertQuery { since: Some(began), limit: PAGE_ROWS_MAX, ..AlertQuery::default() };
    let (mut items, mut looked_at, mut truncated) = (Vec::new(), 0, false);
    loop {
        let alerts = site.store.alerts(&query).await?;
        looked_at += alerts.len();
        let fits = alerts.iter().filter(|alert| alert.first_seen >= began && is_below(alert));
        items.extend(fits.map(BelowAlert::from));
        let last = alerts.last().filter(|_| alerts.len() >= PAGE_ROWS_MAX as usize);
        let Some(last) = last.filter(|last| last.first_seen >= began) else { break };
        if items.len() > BELOW_MAX || looked_at >= LOOKED_AT_MAX {
            truncated = true;
            break;
        }
        query.before = Some((last.first_seen, last.id.clone()));
    }
    truncated |= items.len() > BELOW_MAX;
    items.truncate(BELOW_MAX);
    Ok(BelowCritical { since: Some(hour_start(since).to_string()), items, truncated })
}

/// Whether it paged and its message was not critical or worse. MUTT's own have no message.
fn is_below(alert: &Alert) -> bool {
    let is_own = alert.rule.id.starts_with(mutt_pipeline::OWN_RULES);
    let is_severe = alert.syslog_severity.is_some_and(|severity| is_severe(severity.name()));
    alert.handling.pages() && alert.notices > 0 && !is_severe && !is_own
}

impl From<&Alert> for BelowAlert {
    fn from(alert: &Alert) -> Self {
        Self {
            id: alert.id.clone(),
            rule: alert.rule.id.clone(),
            host: alert.host.clone(),
            summary: alert.summary.clone(),
            handling: alert.handling,
            worst: alert.worst,
            syslog_severity: alert.syslog_severity.map(Severity::name),
            first_seen: Timestamp::to_string(&alert.first_seen),
            correlation_id: alert.cause.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pages_and_what_is_severe_go_by_their_names() {
        assert!(pages("open page_only") && pages("worse page_and_ticket"));
        assert!(!pages("clear page_only") && !pages("open ticket_only") && !pages("open"));
        assert!(is_severe("critical") && is_severe("emergency") && !is_severe("error"));
    }

    #[test]
    fn pages_count_before_alerts_and_alerts_before_messages() {
        let all = [("a", [9, 1, 0]), ("b", [1, 1, 2]), ("c", [8, 2, 0]), ("d", [9, 1, 0])];
        let names = Names(all.map(|(name, sums)| (name.to_owned(), sums)).into());
        assert_eq!(names.matched(), 27);
        let order: Vec<String> = names.most().into_iter().map(|of| of.name).collect();
        assert_eq!(order, ["b", "c", "a", "d"]);
    }
}
