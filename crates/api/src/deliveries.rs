//! Deliveries: found, one with what its destination is sent, and dead letters put back. From: people
//! and programs. To: the database, where the deliverer finds them in their order.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::Role;
use mutt_store::{AuditEntry, Delivery, DeliveryQuery, DeliveryState, Live, PAGE_ROWS_MAX, Replay};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::alert_view::DeliveryView;
use crate::auth::Caller;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::request::{Body, Name, PageQuery, Query};
use crate::site::Site;

/// The paths of deliveries.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(replay_all))
        .routes(routes!(replay))
}

/// Which deliveries are wanted; all that is said must hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeliveriesQuery {
    /// waiting, delivered, dead or superseded.
    state: Option<String>,
    /// The destination's name.
    destination: Option<String>,
    /// The alert's id.
    alert: Option<String>,
    /// At most so many, 1 to 1,000; default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Those behind this cursor: `next` of the page before.
    after: Option<String>,
}

/// Deliveries, the newest first.
#[utoipa::path(get, path = "/deliveries", tag = "deliveries", params(DeliveriesQuery), responses(
    (status = 200, description = "A page of deliveries", body = Page<DeliveryView>),
))]
async fn list(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Json<Page<DeliveryView>>, Problem> {
    let page = PageQuery { limit: query.limit, after: query.after };
    let limit = page.limit()?;
    let query = DeliveryQuery {
        state: query.state.as_deref().map(state).transpose()?,
        destination: query.destination,
        alert: query.alert,
        before: page.after.as_deref().map(page::decode).transpose()?,
        limit: u32::try_from(limit + 1).unwrap_or(PAGE_ROWS_MAX),
        oldest_first: false,
    };
    let mut found = site.store.found_deliveries(&query).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| page::encode(&last.number));
    Ok(Json(Page { items: found.iter().map(DeliveryView::from).collect(), next }))
}

fn state(name: &str) -> Result<DeliveryState, Problem> {
    let found = DeliveryState::ALL.into_iter().find(|state| state.name() == name);
    found.ok_or_else(|| {
        let names = DeliveryState::ALL.map(DeliveryState::name).join(", ");
        Problem::unreadable(format!("state is `{name}`: it is one of {names}"))
    })
}

/// A delivery with what is sent.
#[derive(Serialize, ToSchema)]
struct DeliveryDetail {
    /// The delivery.
    delivery: DeliveryView,
    /// The destination's language; null: it is in no settings of this process.
    adapter: Option<&'static str>,
    /// The body that the destination is sent for this notice alone, by the settings of now; several
    /// go in one request. Without the URL and headers, where secrets stand. Null: the destination is
    /// in no settings of this process.
    payload: Value,
}

/// One delivery, with what its destination is sent.
#[utoipa::path(get, path = "/deliveries/{number}", tag = "deliveries",
    params(("number" = i64, Path, description = "The delivery's number")),
    responses((status = 200, description = "The delivery", body = DeliveryDetail)))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(number): Name,
) -> Result<Json<DeliveryDetail>, Problem> {
    let delivery = found(&site, &number).await?;
    let known = site.destinations.iter().find(|known| known.name == delivery.destination);
    let payload = known.map(|known| known.payload(&delivery, SystemClock.now()));
    Ok(Json(DeliveryDetail {
        delivery: (&delivery).into(),
        adapter: payload.as_ref().map(|payload| payload.adapter),
        payload: payload.map(|payload| payload.body).unwrap_or_default(),
    }))
}

async fn found(site: &Site, number: &str) -> Result<Delivery, Problem> {
    let number: i64 = number
        .parse()
        .map_err(|_| Problem::unreadable(format!("`{number}` is no number of a delivery")))?;
    let delivery = site.store.delivery(number).await?;
    delivery.ok_or_else(|| Problem::not_found(format!("there is no delivery {number}")))
}

/// Puts a dead letter back, with all later dead ones of the same problem and destination. One that a
/// later delivered one has overtaken is not sent: it is superseded. What is not dead stays as it is.
#[utoipa::path(post, path = "/deliveries/{number}/replay", tag = "deliveries",
    params(("number" = i64, Path, description = "The delivery's number")),
    responses((status = 200, description = "The delivery as it is now", body = DeliveryView)))]
async fn replay(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(number): Name,
) -> Result<Json<DeliveryView>, Problem> {
    caller.must(Role::Operator)?;
    let delivery = found(&site, &number).await?;
    if delivery.state != DeliveryState::Dead {
        return Ok(Json((&delivery).into()));
    }
    let team = &delivery.notice.alert.team;
    caller.must_be_of(Some(team), &format!("delivery {}", delivery.number))?;
    is_known(&site, &delivery.destination)?;
    let audit = AuditEntry {
        before: serde_json::to_string(&DeliveryView::from(&delivery)).ok(),
        ..caller.did("replay", format!("delivery {}", delivery.number))
    };
    let replay = Replay { numbers: vec![delivery.number], at: audit.at };
    site.store.replay(replay, audit).await?;
    Ok(Json((&found(&site, &number).await?).into()))
}

/// Whose dead letters are put back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplayAll {
    /// The destination's name.
    destination: String,
}

/// What became of dead letters.
#[derive(Serialize, ToSchema)]
struct Replayed {
    /// The destination's name.
    destination: String,
    /// So many wait again.
    replayed: u64,
    /// So many are not sent, since a later one was delivered that tells more.
    superseded: u64,
    /// So many are dead still: ask again. Those of other teams are not put back.
    left: u64,
}

/// Puts the dead letters of a destination back, the oldest 1,000, in their order.
#[utoipa::path(post, path = "/deliveries/replay", tag = "deliveries", request_body = ReplayAll,
    responses((status = 200, description = "What became of them", body = Replayed)))]
async fn replay_all(
    State(site): State<Arc<Site>>,
    caller: Caller,
    body: Body,
) -> Result<Json<Replayed>, Problem> {
    caller.must(Role::Operator)?;
    let ReplayAll { destination } = body.json()?;
    is_known(&site, &destination)?;
    let query = DeliveryQuery {
        state: Some(DeliveryState::Dead),
        destination: Some(destination.clone()),
        limit: PAGE_ROWS_MAX,
        oldest_first: true,
        ..DeliveryQuery::default()
    };
    let dead = site.store.found_deliveries(&query).await?;
    let is_theirs = |one: &&Delivery| {
        let team = Some(one.notice.alert.team.as_str());
        caller.must_be_of(team, "it").is_ok()
    };
    let numbers: Vec<i64> = dead.iter().filter(is_theirs).map(|one| one.number).collect();
    let (mut replayed, mut superseded) = (0, 0);
    if !numbers.is_empty() {
        let audit = AuditEntry {
            after: serde_json::to_string(&numbers).ok(),
            ..caller.did("replay", format!("destination {destination}"))
        };
        site.store.replay(Replay { numbers: numbers.clone(), at: audit.at }, audit).await?;
        for number in &numbers {
            match site.store.delivery(*number).await?.map(|one| one.state) {
                Some(DeliveryState::Superseded) => superseded += 1,
                Some(DeliveryState::Dead) | None => {}
                Some(DeliveryState::Waiting | DeliveryState::Delivered) => replayed += 1,
            }
        }
    }
    let left = site.store.found_deliveries(&query).await?.len() as u64;
    Ok(Json(Replayed { destination, replayed, superseded, left }))
}

fn is_known(site: &Site, destination: &str) -> Result<(), Problem> {
    match site.destinations.iter().any(|known| known.name == destination) {
        true => Ok(()),
        false => Err(Problem::conflict(format!(
            "`{destination}` is no destination of the settings: nobody would send there"
        ))),
    }
}
