//! Patterns by the hour: which messages that no rule wants came when. From: the database, where each
//! pattern keeps the hours of its last week. To: a map of heat.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_journal::{Clock, SystemClock};
use mutt_patterns::Pattern;
use mutt_store::{History, PAGE_ROWS_MAX, PatternQuery, PatternSort, hour_of, hour_start};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::problem::Problem;
use crate::request::Query;
use crate::site::Site;

/// How many hours a pattern keeps.
const HOURS_MAX: u32 = 168;
/// How many unless asked otherwise.
const HOURS_DEFAULT: u32 = 48;
/// The most rows.
const ROWS_MAX: usize = 200;
/// How many unless asked otherwise.
const ROWS_DEFAULT: usize = 50;

/// The path of patterns by the hour.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(hours))
}

/// Which part of the map.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HeatQuery {
    /// How many hours with this one, 1 to 168; default 48.
    #[param(minimum = 1, maximum = 168)]
    hours: Option<u32>,
    /// At most so many patterns, 1 to 200; default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// Patterns by the hour.
#[derive(Serialize, ToSchema)]
struct PatternHeat {
    /// When each hour begins, in RFC 3339, the oldest first.
    hours: Vec<String>,
    /// The patterns with the most messages in these hours, the most first.
    rows: Vec<HeatRow>,
    /// How many patterns were looked at: those that were seen last, at most 1,000.
    looked_at: usize,
    /// Whether there are more patterns than were looked at.
    truncated: bool,
}

/// A pattern's messages by the hour.
#[derive(Serialize, ToSchema)]
struct HeatRow {
    /// The pattern's id.
    id: String,
    /// The vendor's mnemonic, the trap's OID, or the program; may be empty.
    key: String,
    /// The text, with `<*>` for what varies.
    template: String,
    /// open, handled or ignored.
    state: &'static str,
    /// Messages in these hours.
    count: u64,
    /// The same by hour, in the order of `hours`.
    counts: Vec<u64>,
}

/// Patterns by the hour: those with the most messages in the last hours.
#[utoipa::path(get, path = "/patterns/hours", tag = "patterns", params(HeatQuery), responses(
    (status = 200, description = "The patterns with their messages by the hour", body = PatternHeat),
))]
async fn hours(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(query): Query<HeatQuery>,
) -> Result<Json<PatternHeat>, Problem> {
    let hours = query.hours.unwrap_or(HOURS_DEFAULT);
    let limit = query.limit.unwrap_or(ROWS_DEFAULT);
    if !(1..=HOURS_MAX).contains(&hours) {
        return Err(Problem::unreadable(format!("hours is {hours}: it is 1 to {HOURS_MAX}")));
    }
    if !(1..=ROWS_MAX).contains(&limit) {
        return Err(Problem::unreadable(format!("limit is {limit}: it is 1 to {ROWS_MAX}")));
    }
    let now = hour_of(SystemClock.now());
    let first = now - i64::from(hours) + 1;
    let query = PatternQuery {
        sort: PatternSort::LastSeen,
        hour: now,
        limit: PAGE_ROWS_MAX,
        ..PatternQuery::default()
    };
    let patterns = site.store.found_patterns(&query).await?;
    let mut rows: Vec<HeatRow> = patterns
        .iter()
        .map(|pattern| row(pattern, first, now))
        .filter(|row| row.count > 0)
        .collect();
    rows.sort_by(|one, other| {
        (Reverse(one.count), &one.id).cmp(&(Reverse(other.count), &other.id))
    });
    rows.truncate(limit);
    Ok(Json(PatternHeat {
        hours: (first..=now).map(|hour| hour_start(hour).to_string()).collect(),
        rows,
        looked_at: patterns.len(),
        truncated: patterns.len() >= PAGE_ROWS_MAX as usize,
    }))
}

fn row(pattern: &Pattern, first: i64, last: i64) -> HeatRow {
    HeatRow {
        id: pattern.id.to_string(),
        key: pattern.key.clone(),
        template: pattern.template.clone(),
        state: pattern.state.name(),
        count: pattern.hours.between(first, last),
        counts: (first..=last).map(|hour| pattern.hours.at(hour)).collect(),
    }
}
