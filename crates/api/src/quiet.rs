//! A calendar of quiet: when silences hold and maintenance windows are, each time of them. From: the
//! catalog. To: people who plan.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use mutt_alert::Holds;
use mutt_event::Timestamp;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{Maintenance, Silence};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::problem::Problem;
use crate::request::{Query, time};
use crate::site::Site;

/// The longest time that is looked at.
const SPAN_MAX: Duration = Duration::from_secs(100 * 24 * 3_600);
/// How far it looks ahead unless asked otherwise.
const SPAN_DEFAULT: Duration = Duration::from_secs(31 * 24 * 3_600);
/// The most times of one window,
const OF_ONE_MAX: usize = 500;
/// and of all.
const ALL_MAX: usize = 5_000;

/// The path of the calendar.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(quiet))
}

/// Between which times.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct QuietQuery {
    /// From when on, in RFC 3339; default now.
    from: Option<String>,
    /// Until when, in RFC 3339, at most 100 days later; default 31 days later.
    to: Option<String>,
}

/// All times of quiet between two times.
#[derive(Serialize, ToSchema)]
struct Quiet {
    /// From when on, in RFC 3339.
    from: String,
    /// Until when, in RFC 3339.
    to: String,
    /// Each time, by its start.
    items: Vec<QuietTime>,
    /// Whether there are more: 500 of one window are told, and 5,000 in all.
    truncated: bool,
}

/// Once that nobody is told of some alerts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
struct QuietTime {
    /// `silence` or `maintenance`.
    kind: &'static str,
    /// The name of the silence or the window.
    name: String,
    /// When it begins, in RFC 3339.
    start: String,
    /// When it is over, in RFC 3339.
    end: String,
    /// Why.
    reason: String,
    /// Whose it is.
    owner: String,
    /// The team that is reminded before a silence ends.
    team: Option<String>,
    /// Whether it holds now.
    active: bool,
}

/// When silences hold and maintenance windows are, between two times; each time of a window for
/// itself.
#[utoipa::path(get, path = "/quiet", tag = "silences", params(QuietQuery), responses(
    (status = 200, description = "The times", body = Quiet),
))]
async fn quiet(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(query): Query<QuietQuery>,
) -> Result<Json<Quiet>, Problem> {
    let now = SystemClock.now();
    let from = query.from.as_deref().map(|text| time("from", text)).transpose()?.unwrap_or(now);
    let to = query.to.as_deref().map(|text| time("to", text)).transpose()?;
    let to = to.unwrap_or_else(|| from.after(SPAN_DEFAULT));
    if to <= from || to.since(from) > SPAN_MAX {
        return Err(Problem::unreadable("to is after from, and at most 100 days later"));
    }
    let latest = site.latest().await?;
    let mut found = Found { from, to, now, items: Vec::new(), truncated: false };
    for silence in &latest.parts.silences {
        if let Ok(plan) = silence.plan(&site.ground.silences) {
            found.add(&plan.holds, Duration::ZERO, &of_silence(silence));
        }
    }
    for window in &latest.parts.maintenance {
        if let Ok(plan) = window.plan() {
            let lasts = Duration::from_secs(u64::from(window.duration_minutes) * 60);
            found.add(&plan.holds, lasts, &of_window(window));
        }
    }
    Ok(Json(found.into_answer()))
}

fn of_silence(silence: &Silence) -> QuietTime {
    QuietTime {
        kind: "silence",
        name: silence.name.clone(),
        start: String::new(),
        end: String::new(),
        reason: silence.reason.clone(),
        owner: silence.owner.clone(),
        team: silence.team.clone(),
        active: false,
    }
}

fn of_window(window: &Maintenance) -> QuietTime {
    QuietTime {
        kind: "maintenance",
        name: window.name.clone(),
        start: String::new(),
        end: String::new(),
        reason: window.reason.clone(),
        owner: window.owner.clone(),
        team: None,
        active: false,
    }
}

/// Times as they are found.
struct Found {
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
    items: Vec<(Timestamp, QuietTime)>,
    truncated: bool,
}

impl Found {
    /// Adds each time of one silence or window; each of a window lasts as long.
    fn add(&mut self, holds: &Holds, lasts: Duration, of: &QuietTime) {
        match holds {
            Holds::Once { start, end } => self.once(*start, *end, of),
            Holds::Again(recurrence) => {
                // What began before and still lasts counts, too.
                let mut at = self.from.before(lasts);
                for _ in 0..OF_ONE_MAX {
                    let Some(begins) = recurrence.begins_after(at).filter(|at| *at < self.to)
                    else {
                        return;
                    };
                    self.once(begins, begins.after(lasts), of);
                    at = begins;
                }
                self.truncated = true;
            }
        }
    }

    fn once(&mut self, start: Timestamp, end: Timestamp, of: &QuietTime) {
        if start >= self.to || end <= self.from {
            return;
        }
        let one = QuietTime {
            start: start.to_string(),
            end: end.to_string(),
            active: start <= self.now && self.now < end,
            ..of.clone()
        };
        self.items.push((start, one));
    }

    fn into_answer(mut self) -> Quiet {
        self.items.sort_by(|(one, a), (other, b)| (one, &a.name).cmp(&(other, &b.name)));
        self.truncated |= self.items.len() > ALL_MAX;
        self.items.truncate(ALL_MAX);
        Quiet {
            from: self.from.to_string(),
            to: self.to.to_string(),
            items: self.items.into_iter().map(|(_, one)| one).collect(),
            truncated: self.truncated,
        }
    }
}
