//! How long it takes from a message's receipt to its page. From: numbers by the hour, which the
//! deliverers count with what they write down. To: people.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_pipeline::delays::Delays;
use mutt_store::{History, TallyKind, hour_start};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::hours;
use crate::problem::Problem;
use crate::request::Query;
use crate::site::Site;

/// The path of latency.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(latency))
}

/// Which hours.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LatencyQuery {
    /// The first hour, any time in it, in RFC 3339; default a day ago.
    since: Option<String>,
    /// The hours before this time, in RFC 3339; default all until now.
    until: Option<String>,
}

/// From a message's receipt to when a destination has taken the notice that a problem began.
#[derive(Serialize, ToSchema)]
struct Latency {
    /// Over all these hours.
    all: LatencyFigures,
    /// By the hour in which it was taken; hours without any are left out.
    hours: Vec<LatencyHour>,
}

/// Upper edges of ranges of time, ten to a power of ten: exact to a third, at most.
#[derive(Serialize, ToSchema)]
struct LatencyFigures {
    /// How many notices.
    count: u64,
    /// Half of them took at most so long; null: there are none.
    p50_ms: Option<u64>,
    /// 99 of a hundred took at most so long.
    p99_ms: Option<u64>,
    /// All of them took at most so long; 100,000,000: or longer.
    max_ms: Option<u64>,
}

/// The same of one hour.
#[derive(Serialize, ToSchema)]
struct LatencyHour {
    /// When the hour begins, in RFC 3339.
    hour: String,
    /// Its figures.
    #[serde(flatten)]
    figures: LatencyFigures,
}

impl From<&Delays> for LatencyFigures {
    fn from(delays: &Delays) -> Self {
        Self {
            count: delays.count(),
            p50_ms: delays.percentile_ms(50),
            p99_ms: delays.percentile_ms(99),
            max_ms: delays.percentile_ms(100),
        }
    }
}

/// How long it takes from a message's receipt to its page, by the hour.
#[utoipa::path(get, path = "/latency", tag = "latency", params(LatencyQuery), responses(
    (status = 200, description = "How long it took", body = Latency),
))]
async fn latency(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(query): Query<LatencyQuery>,
) -> Result<Json<Latency>, Problem> {
    let (from, until) = hours::range(query.since.as_deref(), query.until.as_deref())?;
    let (mut all, mut by_hour) = (Delays::default(), BTreeMap::<i64, Delays>::new());
    for tally in site.store.tallies(TallyKind::PageDelay, from, until).await? {
        all.add(&tally.name, tally.value);
        by_hour.entry(tally.hour).or_default().add(&tally.name, tally.value);
    }
    let hour = |(hour, delays): (&i64, &Delays)| LatencyHour {
        hour: hour_start(*hour).to_string(),
        figures: delays.into(),
    };
    Ok(Json(Latency { all: (&all).into(), hours: by_hour.iter().map(hour).collect() }))
}
