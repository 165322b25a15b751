//! Who watches for all that listen: one task of the process, from the first listener to the last.
//!
//! From: the database, once a second: alerts and deliveries by when they were written, by its own
//! clock; the catalog's revision; every few seconds the lights. To: the hub.
//!
//! A server's transaction may commit after one that was written later. So each look goes back a
//! little behind the last, and leaves out what was told already. What commits even later than that
//! is told at its next change.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_store::{CatalogStore, Changes, Delivery, DeliveryState, Live, StoreError};
use serde::Serialize;
use tokio::time::{Instant, MissedTickBehavior, interval};
use utoipa::ToSchema;

use crate::alert_view::AlertView;
use crate::lights;
use crate::live::Told;
use crate::site::Site;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often the lights are told.
const PULSE_EVERY: Duration = Duration::from_secs(5);
/// How far each look goes back behind the last: longer than a server takes for a transaction.
const OVERLAP: Duration = Duration::from_secs(15);

/// Another revision of the catalog.
#[derive(Serialize, ToSchema)]
pub struct LiveCatalog {
    /// The catalog's last revision.
    revision: u64,
}

/// A delivery that was refused for good, or that was put back and came further.
#[derive(Serialize, ToSchema)]
pub struct LiveDelivery {
    /// Its number.
    number: i64,
    /// The destination's name.
    destination: String,
    /// The alert's id.
    alert_id: String,
    /// What it tells: open, worse, update or clear.
    kind: &'static str,
    /// waiting, delivered, dead or superseded.
    state: &'static str,
    /// How often it was put back.
    replays: u32,
    /// The destination's last answer, or why it is not sent.
    answer: Option<String>,
}

impl From<&Delivery> for LiveDelivery {
    fn from(delivery: &Delivery) -> Self {
        Self {
            number: delivery.number,
            destination: delivery.destination.clone(),
            alert_id: delivery.notice.alert.id.clone(),
            kind: delivery.notice.kind.name(),
            state: delivery.state.name(),
            replays: delivery.replays,
            answer: delivery.answer.clone(),
        }
    }
}

/// What was told already of what a look may see again.
#[derive(Default)]
struct Seen {
    since: Option<Timestamp>,
    alerts: HashMap<String, Timestamp>,
    deliveries: HashMap<i64, Timestamp>,
}

impl Seen {
    /// What of these changes is new, as events.
    fn events(&mut self, changes: Changes) -> Vec<Arc<Told>> {
        let mut events = Vec::new();
        if changes.are_cut() {
            // More than can be told: the next look begins now.
            *self = Self { since: Some(changes.now), ..Self::default() };
            return vec![Told::again("too much changed at once")];
        }
        for (at, alert) in &changes.alerts {
            if self.alerts.insert(alert.id.clone(), *at) != Some(*at) {
                events.push(Told::new("alert", &AlertView::from(alert)));
            }
        }
        for (at, delivery) in &changes.deliveries {
            let is_new = self.deliveries.insert(delivery.number, *at) != Some(*at);
            if is_new && (delivery.state == DeliveryState::Dead || delivery.replays > 0) {
                events.push(Told::new("delivery", &LiveDelivery::from(delivery)));
            }
        }
        let since = changes.now.before(OVERLAP);
        self.since = Some(since);
        self.alerts.retain(|_, at| *at >= since);
        self.deliveries.retain(|_, at| *at >= since);
        events
    }
}

/// Watches until nobody listens any more.
pub async fn run(site: Arc<Site>) {
    let (mut seen, mut head) = (Seen::default(), None);
    let mut pulse_at = Instant::now();
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = look.tick() => {}
            () = site.live.ended().cancelled() => return,
        }
        if site.live.is_deserted() {
            return;
        }
        if let Err(error) = tell_changes(&site, &mut seen, &mut head).await {
            // What changed meanwhile is found by the next look that is answered.
            tracing::debug!(%error, "live: the database does not answer");
        }
        if Instant::now() >= pulse_at {
            pulse_at = Instant::now() + PULSE_EVERY;
            let pulse = match lights::pulse(&site).await {
                Ok(pulse) => pulse,
                Err(problem) => lights::dark(&problem.detail),
            };
            site.live.tell(Told::new("pulse", &pulse));
        }
    }
}

async fn tell_changes(
    site: &Site,
    seen: &mut Seen,
    head: &mut Option<u64>,
) -> Result<(), StoreError> {
    let revision = site.store.head().await?;
    if head.replace(revision) != Some(revision) {
        site.live.tell(Told::new("catalog", &LiveCatalog { revision }));
    }
    let since = match seen.since {
        Some(since) => since,
        None => site.store.changes(None).await?.now.before(OVERLAP),
    };
    let changes = site.store.changes(Some(since)).await?;
    for told in seen.events(changes) {
        site.live.tell(told);
    }
    Ok(())
}
