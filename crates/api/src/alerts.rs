//! Alerts: found, one with its time line and what was sent of it, and what people decide of them.
//!
//! From: people and programs. To: the database, where the judge finds a decision and does it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use mutt_alert::{AlertState, Decided, Decision};
use mutt_event::{MessageId, Timestamp};
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::Role;
use mutt_rules::AlertSeverity;
use mutt_store::{AlertQuery, AuditEntry, Database, History, PAGE_ROWS_MAX};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::alert_view::{AlertView, DeliveryView, MomentView};
use crate::auth::Caller;
use crate::decided;
use crate::page::{self, Page};
use crate::problem::{Fault, Problem};
use crate::request::{Body, Name, PageQuery, Query, time};
use crate::site::Site;

/// The longest text of a decision, in bytes.
const TEXT_BYTES_MAX: usize = 4_000;

/// The paths of alerts.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(decide))
}

/// Which alerts are wanted; all that is said must hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AlertsQuery {
    /// States, separated by commas: open, acknowledged, cleared, closed.
    state: Option<String>,
    /// The device's one name.
    host: Option<String>,
    /// The rule's id.
    rule: Option<String>,
    /// The team.
    team: Option<String>,
    /// The signature: one problem over all its lives.
    signature: Option<String>,
    /// At least so bad now: critical, major, minor, warning, indeterminate.
    severity: Option<String>,
    /// A text in summary, key, host or first message, in any case of letters.
    text: Option<String>,
    /// The id of the message that opened it.
    correlation_id: Option<String>,
    /// Seen at this time or later, in RFC 3339.
    since: Option<String>,
    /// Begun before this time, in RFC 3339.
    until: Option<String>,
    /// At most so many, 1 to 1,000; default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Those behind this cursor: `next` of the page before.
    after: Option<String>,
}

impl AlertsQuery {
    fn read(self) -> Result<(AlertQuery, usize), Problem> {
        let page = PageQuery { limit: self.limit, after: self.after };
        let limit = page.limit()?;
        let before: Option<(Timestamp, String)> =
            page.after.as_deref().map(page::decode).transpose()?;
        let states = self.state.iter().flat_map(|states| states.split(','));
        let states = states.map(|name| named("state", name, &AlertState::ALL, AlertState::name));
        let severities = [
            AlertSeverity::Critical,
            AlertSeverity::Major,
            AlertSeverity::Minor,
            AlertSeverity::Warning,
            AlertSeverity::Indeterminate,
        ];
        let severity = self.severity.as_deref();
        let severity =
            severity.map(|name| named("severity", name, &severities, AlertSeverity::name));
        let cause = self.correlation_id.as_deref().map(str::parse::<MessageId>).transpose();
        let query = AlertQuery {
            states: states.collect::<Result<_, _>>()?,
            host: self.host.map(|host| host.to_ascii_lowercase()),
            rule: self.rule,
            team: self.team,
            signature: self.signature,
            severity: severity.transpose()?,
            text: self.text.filter(|text| !text.is_empty()),
            cause: cause.map_err(|error| Problem::unreadable(error.to_string()))?,
            since: self.since.as_deref().map(|text| time("since", text)).transpose()?,
            until: self.until.as_deref().map(|text| time("until", text)).transpose()?,
            before,
            limit: u32::try_from(limit + 1).unwrap_or(PAGE_ROWS_MAX),
        };
        Ok((query, limit))
    }
}

fn named<T: Copy>(
    what: &str,
    name: &str,
    all: &[T],
    text: fn(T) -> &'static str,
) -> Result<T, Problem> {
    let found = all.iter().copied().find(|one| text(*one) == name.trim());
    found.ok_or_else(|| {
        let names = all.iter().map(|one| text(*one)).collect::<Vec<_>>().join(", ");
        Problem::unreadable(format!("{what} is `{name}`: it is one of {names}"))
    })
}

/// Alerts, the newest first.
#[utoipa::path(get, path = "/alerts", tag = "alerts", params(AlertsQuery), responses(
    (status = 200, description = "A page of alerts", body = Page<AlertView>),
))]
async fn list(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(query): Query<AlertsQuery>,
) -> Result<Json<Page<AlertView>>, Problem> {
    let (query, limit) = query.read()?;
    let mut alerts = site.store.alerts(&query).await?;
    let more = alerts.len() > limit;
    alerts.truncate(limit);
    let next = alerts.last().filter(|_| more);
    let next = next.map(|alert| page::encode(&(alert.first_seen, &alert.id)));
    Ok(Json(Page { items: alerts.iter().map(AlertView::from).collect(), next }))
}

/// An alert with all that is known of it.
#[derive(Serialize, ToSchema)]
struct AlertDetail {
    /// The alert.
    alert: AlertView,
    /// What happened to it, oldest first; the first thousand.
    moments: Vec<MomentView>,
    /// What was made to be sent of it, to whom, and what became of it.
    deliveries: Vec<DeliveryView>,
}

/// One alert: its time line with samples of its events, each notice and each answer to it.
#[utoipa::path(get, path = "/alerts/{id}", tag = "alerts",
    params(("id" = String, Path, description = "The alert's id")),
    responses((status = 200, description = "The alert", body = AlertDetail)))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(id): Name,
) -> Result<Json<AlertDetail>, Problem> {
    let alert = found(&site, &id).await?;
    let moments = site.store.moments(&id, 0, PAGE_ROWS_MAX).await?;
    let deliveries = site.store.deliveries(&id, PAGE_ROWS_MAX).await?;
    Ok(Json(AlertDetail {
        alert: AlertView::from(&alert),
        moments: moments.iter().map(|(_, moment)| MomentView::from(moment)).collect(),
        deliveries: deliveries.iter().map(DeliveryView::from).collect(),
    }))
}

async fn found(site: &Site, id: &str) -> Result<mutt_alert::Alert, Problem> {
    let alert = site.store.alert(id).await?;
    alert.ok_or_else(|| Problem::not_found(format!("there is no alert `{id}`")))
}

/// A decision whose text says something, within its limit.
fn checked(decision: Decision) -> Result<Decision, Problem> {
    let (name, text) = match &decision {
        Decision::Acknowledge | Decision::Take => return Ok(decision),
        Decision::Close { why } => ("why", why),
        Decision::Comment { text } => ("text", text),
        Decision::Ticket { ticket } => ("ticket", ticket),
    };
    if text.trim().is_empty() || text.len() > TEXT_BYTES_MAX {
        let message = format!("say something, in at most {TEXT_BYTES_MAX} bytes");
        return Err(Problem::invalid(vec![Fault::of_request(name, message)]));
    }
    Ok(decision)
}

/// Acknowledges, takes, closes or comments an alert, or links its ticket.
#[utoipa::path(post, path = "/alerts/{id}/decisions", tag = "alerts",
    params(("id" = String, Path, description = "The alert's id")),
    request_body = Decision,
    responses(
        (status = 200, description = "It is done", body = AlertView),
        (status = 202, description = "It is written down, and done as soon as the judge works",
            body = AlertView),
    ))]
async fn decide(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(id): Name,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Operator)?;
    let decision = checked(body.json()?)?;
    let alert = found(&site, &id).await?;
    caller.must_be_of(Some(&alert.team), &format!("alert `{id}`"))?;
    if !alert.state.is_open() && !matches!(decision, Decision::Comment { .. }) {
        let message = format!("the alert is {}: it can only be commented", alert.state.name());
        return Err(Problem::conflict(message));
    }
    let decision = Decided {
        alert_id: id.clone(),
        signature: alert.signature.clone(),
        who: caller.name.clone(),
        at: SystemClock.now(),
        decision,
    };
    let audit = AuditEntry {
        before: serde_json::to_string(&AlertView::from(&alert)).ok(),
        after: serde_json::to_string(&decision.decision).ok(),
        ..caller.did("decision", format!("alert {id}"))
    };
    site.store.decide(decision.clone(), audit).await?;
    site.decisions.tell();
    let status = decided::status(|| async {
        let waiting = site.store.decisions(PAGE_ROWS_MAX).await?;
        Ok(waiting.iter().any(|(_, waits)| *waits == decision))
    })
    .await?;
    let alert = found(&site, &id).await?;
    Ok((status, Json(AlertView::from(&alert))).into_response())
}
