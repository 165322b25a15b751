//! How each destination of alerts is. From: the queues in the database, and the report of the process
//! that sends there. To: people.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_event::Timestamp;
use mutt_journal::{Clock, SystemClock};
use mutt_store::{Database, DeliveryState, Queue};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::lights::{LightState, of_queue};
use crate::problem::Problem;
use crate::processes::{Processes, millis};
use crate::report::DestinationReport;
use crate::site::Site;

/// The path of destinations.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(destinations))
}

/// All destinations.
#[derive(Serialize, ToSchema)]
struct Destinations {
    /// By name: those of the settings, and those that notices were once made for.
    destinations: Vec<DestinationView>,
}

/// A destination.
#[derive(Serialize, ToSchema)]
struct DestinationView {
    /// Its name.
    name: String,
    /// Its language: `moogsoft_webhook` or `moogsoft_cloud`; null: it is in no settings of this
    /// process.
    adapter: Option<&'static str>,
    /// How it is.
    state: LightState,
    /// The same in words.
    words: String,
    /// Notices that wait.
    waiting: u64,
    /// How old the oldest is that waits; null: none waits.
    oldest_waiting_age_ms: Option<u64>,
    /// Notices that it has, as long as they are kept.
    delivered: u64,
    /// Notices that it refused for good.
    dead: u64,
    /// Notices that were never sent, since a later one tells more.
    superseded: u64,
    /// Whose figures `sender` has: the process that sends there, or did last; null: none reports.
    process: Option<String>,
    /// What that process knows: breaker, pace, last answer.
    sender: Option<DestinationReport>,
}

/// How each destination of alerts is, what waits for it, and what it said last.
#[utoipa::path(get, path = "/destinations", tag = "destinations", responses(
    (status = 200, description = "The destinations", body = Destinations),
))]
async fn destinations(
    State(site): State<Arc<Site>>,
    _: Caller,
) -> Result<Json<Destinations>, Problem> {
    let (queues, processes) = (site.store.queues().await?, Processes::now(&site).await?);
    let now = SystemClock.now();
    let of = |name: &String| view(&site, &queues, &processes, name, now);
    Ok(Json(Destinations { destinations: names(&site, &queues).iter().map(of).collect() }))
}

/// The destinations of the settings, and those that notices were once made for.
pub fn names(site: &Site, queues: &[Queue]) -> Vec<String> {
    let known = site.destinations.iter().map(|known| known.name.clone());
    let mut names: Vec<String> =
        known.chain(queues.iter().map(|queue| queue.destination.clone())).collect();
    names.sort();
    names.dedup();
    names
}

fn view(
    site: &Site,
    queues: &[Queue],
    processes: &Processes,
    name: &str,
    now: Timestamp,
) -> DestinationView {
    let queue = queues.iter().find(|queue| queue.destination == name);
    let count = |state| queue.map_or(0, |queue| length(queue, state));
    let receiver = site.destinations.iter().find(|known| known.name == name);
    let light = of_queue(name, queue, receiver.is_some(), processes, now);
    let sender = processes.destination(name);
    let oldest = queue.and_then(|queue| queue.oldest_waiting);
    DestinationView {
        name: name.to_owned(),
        adapter: receiver.map(|known| known.adapter.name()),
        state: light.state,
        words: light.words,
        waiting: count(DeliveryState::Waiting),
        oldest_waiting_age_ms: oldest.map(|oldest| millis(now.since(oldest))),
        delivered: count(DeliveryState::Delivered),
        dead: count(DeliveryState::Dead),
        superseded: count(DeliveryState::Superseded),
        process: sender.map(|(process, _)| process.name.clone()),
        sender: sender.map(|(_, destination)| destination.clone()),
    }
}

/// How many of a queue are in a state.
pub fn length(queue: &Queue, state: DeliveryState) -> u64 {
    queue.lengths.iter().filter(|length| length.state == state).map(|length| length.count).sum()
}
