//! What each rule is good for: how often it hit, what came of it, when it hit last, and whether it
//! can hit at all. From: numbers by the hour, and the rules in force. To: authors.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_journal::{Clock, SystemClock};
use mutt_rules::{Mode, Rule};
use mutt_store::{DaySum, StoreError, Sums, TallyKind, hour_of, hour_start};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::days::Days;
use crate::noise::days_of;
use crate::page::Page;
use crate::problem::Problem;
use crate::request::{PageQuery, Query};
use crate::site::{Site, blocking};

/// The path of the rules' usage.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(usage))
}

/// Which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UsageQuery {
    /// How many days of UTC with today, 1 to 31; default 7.
    #[param(minimum = 1, maximum = 31)]
    days: Option<u32>,
}

/// What rules were good for.
#[derive(Serialize, ToSchema)]
struct Usage {
    /// The days of UTC, the oldest first.
    days: Vec<String>,
    /// Since when it is known what rules hit, in RFC 3339; null: nothing was counted so far.
    known_since: Option<String>,
    /// The rules of this page, in the order in which they are tried.
    items: Vec<RuleUsage>,
    /// The cursor of the next page, for `after`; none: this is the last.
    next: Option<String>,
}

/// What a rule was good for.
#[derive(Clone, Serialize, ToSchema)]
struct RuleUsage {
    /// The rule's id.
    rule: String,
    /// Its priority.
    priority: u32,
    /// Whether it takes part. Of one in shadow, alerts and pages are those that it would have made.
    mode: Mode,
    /// Who is responsible.
    team: String,
    /// Messages that it owned; one in shadow owns none.
    hits: u64,
    /// Alerts that it opened.
    alerts: u64,
    /// Notices of it that page.
    pages: u64,
    /// The same by day, in the order of `days`.
    per_day: Vec<RuleDay>,
    /// The hour in which it hit last, as far back as numbers are kept, in RFC 3339; null: never
    /// since `known_since`.
    last_hit: Option<String>,
    /// A rule that is tried before it and takes all that it fits, so that it can never hit; null: none
    /// is known.
    unreachable_by: Option<String>,
}

/// What a rule was good for on a day.
#[derive(Clone, Copy, Default, Serialize, ToSchema)]
struct RuleDay {
    /// Messages that it owned.
    hits: u64,
    /// Alerts that it opened.
    alerts: u64,
    /// Notices of it that page.
    pages: u64,
}

/// How often each rule hit, alerted and paged, when it hit last, and whether it can hit at all.
#[utoipa::path(get, path = "/rules/usage", tag = "rules", params(UsageQuery, PageQuery), responses(
    (status = 200, description = "The usage of a page of rules", body = Usage),
))]
async fn usage(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(query): Query<UsageQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Usage>, Problem> {
    let days = Days::last(days_of(query.days)?, "UTC", hour_of(SystemClock.now()))?;
    let latest = site.latest().await?;
    let (live, shadow) =
        (Counts::read(&site, &days, false).await?, Counts::read(&site, &days, true).await?);
    let last: HashMap<String, i64> =
        site.store.last_hours(TallyKind::Matched).await?.into_iter().collect();
    let hidden = hidden(&site).await?;
    let mut rules: Vec<&Rule> = latest.parts.rules.iter().collect();
    rules.sort_by_key(|rule| (rule.priority, rule.id.as_str()));
    let show = |rule: &Rule| {
        let counts = if rule.mode == Mode::Shadow { &shadow } else { &live };
        let per_day = counts.of(&rule.id, &days);
        RuleUsage {
            rule: rule.id.clone(),
            priority: rule.priority,
            mode: rule.mode,
            team: rule.team.clone(),
            hits: per_day.iter().map(|day| day.hits).sum(),
            alerts: per_day.iter().map(|day| day.alerts).sum(),
            pages: per_day.iter().map(|day| day.pages).sum(),
            per_day,
            last_hit: last.get(&rule.id).map(|hour| hour_start(*hour).to_string()),
            unreachable_by: hidden.get(&rule.id).cloned(),
        }
    };
    let page = Page::of(rules.into_iter(), &page, |rule| (rule.priority, rule.id.clone()), show)?;
    // Every message has an outcome, so numbers of rules begin with those.
    let known_since = site.store.first_hour(TallyKind::Outcome).await?;
    Ok(Json(Usage {
        days: days.names(),
        known_since: known_since.map(|hour| hour_start(hour).to_string()),
        items: page.items,
        next: page.next,
    }))
}

/// The rules in force that can never hit, each with a rule that hides it.
async fn hidden(site: &Arc<Site>) -> Result<HashMap<String, String>, Problem> {
    let rulebook = Arc::clone(&site.in_force.book().rulebook);
    let found = blocking(move || rulebook.rules.unreachable()).await?;
    Ok(found.into_iter().map(|one| (one.rule, one.by)).collect())
}

/// Numbers of rules by day.
struct Counts(HashMap<(String, i64), RuleDay>);

impl Counts {
    async fn read(site: &Site, days: &Days, shadow: bool) -> Result<Self, StoreError> {
        let sums = async |kind| site.store.day_sums(kind, days.hours.clone()).await;
        let mut all = Self(HashMap::new());
        if shadow {
            all.add(sums(TallyKind::ShadowAlerts).await?, |day, value| day.alerts += value);
            all.add(sums(TallyKind::ShadowPages).await?, |day, value| day.pages += value);
        } else {
            all.add(sums(TallyKind::Matched).await?, |day, value| day.hits += value);
            all.add(sums(TallyKind::Alerts).await?, |day, value| day.alerts += value);
            all.add(sums(TallyKind::Pages).await?, |day, value| day.pages += value);
        }
        Ok(all)
    }

    fn add(&mut self, sums: Vec<DaySum>, to: impl Fn(&mut RuleDay, u64)) {
        for DaySum { name, day, value } in sums {
            to(self.0.entry((name, day)).or_default(), value);
        }
    }

    /// Those of a rule, day by day.
    fn of(&self, rule: &str, days: &Days) -> Vec<RuleDay> {
        let (first, last) = (days.hours.start.div_euclid(24), (days.hours.end - 1).div_euclid(24));
        let day = |day| self.0.get(&(rule.to_owned(), day)).copied().unwrap_or_default();
        (first..=last).map(day).collect()
    }
}
