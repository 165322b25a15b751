//! Numbers by the hour: what came, what the rules made of it, from whom. From: the database. To:
//! people's reports.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_journal::{Clock, SystemClock};
use mutt_store::{History, TallyKind, hour_of, hour_start};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::problem::Problem;
use crate::request::{Query, time};
use crate::site::Site;

/// The most hours that are answered at once.
const HOURS_MAX: i64 = 24 * 31;

/// The paths of numbers by the hour.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(hours))
}

/// Which numbers are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HoursQuery {
    /// received (messages by syslog severity), outcome (what became of them), matched, alerts,
    /// notices (each by rule), handling (notices by kind and handling), host (messages by host),
    /// shadow_alerts, shadow_notices, shadow_pages (what shadow rules would have made, by rule),
    /// input (messages by input), page_delay (see /latency).
    kind: String,
    /// The first hour, any time in it, in RFC 3339; default a day ago.
    since: Option<String>,
    /// The hours before this time, in RFC 3339; default all until now.
    until: Option<String>,
}

/// The numbers of one hour.
#[derive(Serialize, ToSchema)]
struct HourView {
    /// When the hour begins, in RFC 3339.
    hour: String,
    /// Of which rule, host, …; `""`: those that were not counted one by one.
    name: String,
    /// How many.
    count: u64,
}

/// Numbers by the hour, by hour and name.
#[utoipa::path(get, path = "/hours", tag = "hours", params(HoursQuery), responses(
    (status = 200, description = "The numbers that are not 0", body = Vec<HourView>),
))]
async fn hours(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(query): Query<HoursQuery>,
) -> Result<Json<Vec<HourView>>, Problem> {
    let kind = TallyKind::ALL.into_iter().find(|kind| kind.name() == query.kind);
    let kind = kind.ok_or_else(|| {
        let names = TallyKind::ALL.map(TallyKind::name).join(", ");
        Problem::unreadable(format!("kind is `{}`: it is one of {names}", query.kind))
    })?;
    let (from, until) = range(query.since.as_deref(), query.until.as_deref())?;
    let tallies = site.store.tallies(kind, from, until).await?;
    let view = |tally: mutt_store::Tally| HourView {
        hour: hour_start(tally.hour).to_string(),
        name: tally.name,
        count: tally.value,
    };
    Ok(Json(tallies.into_iter().map(view).collect()))
}

/// The hours that are asked for, from and up to but not; without times those of the last day.
pub fn range(since: Option<&str>, until: Option<&str>) -> Result<(i64, i64), Problem> {
    let now = hour_of(SystemClock.now());
    let since = since.map(|text| time("since", text)).transpose()?;
    let until = until.map(|text| time("until", text)).transpose()?;
    let from = since.map_or(now - 23, hour_of);
    let until = until.map_or(now + 1, hour_of);
    if until - from > HOURS_MAX {
        let message = format!("{} hours are asked for: at most {HOURS_MAX}", until - from);
        return Err(Problem::unreadable(message));
    }
    Ok((from, until))
}
