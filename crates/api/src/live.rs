//! What changes while somebody looks on, as server-sent events: one stream for the whole UI.
//!
//! From: `watcher`, which asks the database once for all who listen. To: each connection, until it
//! goes, its session ends, or MUTT does. Who does not keep up is told to ask for all of it again.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, mpsc};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{self, Caller};
use crate::problem::Problem;
use crate::site::Site;
use crate::watcher;

/// The most streams of this process.
const STREAMS_MAX: usize = 64;
/// So many events may wait for one who is slow.
const EVENTS_MAX: usize = 512;
/// How often it is looked whether a stream's session or key still holds.
const CHECK_EVERY: Duration = Duration::from_secs(5);
/// Whoever takes nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a comment is sent that keeps the connection.
const BEAT_EVERY: Duration = Duration::from_secs(15);

/// The path of what changes.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(live))
}

/// An event, serialised once for all.
#[derive(Clone, Debug)]
pub struct Told {
    name: &'static str,
    data: String,
}

impl Told {
    /// An event of this name with this data.
    pub fn new(name: &'static str, data: &impl Serialize) -> Arc<Self> {
        // Views always serialise.
        Arc::new(Self { name, data: serde_json::to_string(data).unwrap_or_default() })
    }

    /// What was told is not complete: ask for all of it again.
    pub fn again(why: &str) -> Arc<Self> {
        Self::new("again", &Why { why: why.to_owned() })
    }

    fn event(&self) -> Event {
        Event::default().event(self.name).data(&self.data)
    }
}

/// Data of `again` and `end`.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveWhy)]
pub struct Why {
    /// Why, in words.
    pub why: String,
}

/// Who listens, and what is told to them.
pub struct Hub {
    told: broadcast::Sender<Arc<Told>>,
    streams: Arc<Semaphore>,
    state: Mutex<Now>,
    ended: CancellationToken,
}

/// Whether somebody watches, and what whoever comes is told at once.
#[derive(Default)]
struct Now {
    watched: bool,
    catalog: Option<Arc<Told>>,
    pulse: Option<Arc<Told>>,
}

/// One who listens.
struct Listener {
    told: broadcast::Receiver<Arc<Told>>,
    at_once: Vec<Arc<Told>>,
    permit: OwnedSemaphorePermit,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            told: broadcast::channel(EVENTS_MAX).0,
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            state: Mutex::default(),
            ended: CancellationToken::new(),
        }
    }
}

impl Hub {
    /// Ends all streams, and lets none begin.
    pub fn end(&self) {
        self.ended.cancel();
    }

    /// Until it ends.
    pub fn ended(&self) -> &CancellationToken {
        &self.ended
    }

    /// Tells all who listen.
    pub fn tell(&self, told: Arc<Told>) {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            match told.name {
                "catalog" => state.catalog = Some(Arc::clone(&told)),
                "pulse" => state.pulse = Some(Arc::clone(&told)),
                _ => {}
            }
        }
        // Nobody may listen any more.
        let _ = self.told.send(told);
    }

    /// Whether nobody listens any more; then who watches ends, and the next listener begins anew.
    pub fn is_deserted(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let deserted = self.told.receiver_count() == 0;
        if deserted {
            *state = Now::default();
        }
        deserted
    }

    /// Lets one in; answers whether they are the first, for whom somebody has to watch.
    fn join(&self) -> Result<(Listener, bool), Problem> {
        let full = || {
            Problem::unavailable(format!(
                "{STREAMS_MAX} streams are open, which is the limit of this process: close one"
            ))
        };
        let permit = Arc::clone(&self.streams).try_acquire_owned().map_err(|_| full())?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let told = self.told.subscribe();
        let at_once = state.catalog.iter().chain(&state.pulse).cloned().collect();
        let first = !std::mem::replace(&mut state.watched, true);
        Ok((Listener { told, at_once, permit }, first))
    }
}

/// An event of the stream.
#[derive(Serialize, ToSchema)]
pub struct LiveEvent {
    /// `alert`, `catalog`, `delivery`, `pulse`, `again` or `end`.
    event: String,
    /// JSON: AlertView, LiveCatalog, LiveDelivery, Pulse, LiveWhy, LiveWhy.
    data: String,
}

/// What changes, as server-sent events. `alert`: an alert as it is now; `catalog`: another revision;
/// `delivery`: a notice was refused for good, or one that was put back came further; `pulse`: the
/// three lights, every five seconds; `again`: events are missing, ask for all of it again; `end`: the
/// stream ends, and why. An event may come twice. Whoever connects asks for all of it then.
#[utoipa::path(get, path = "/live", tag = "live", responses(
    (status = 200, description = "Events", content_type = "text/event-stream", body = LiveEvent),
))]
async fn live(
    State(site): State<Arc<Site>>,
    _: Caller,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let (listener, first) = site.live.join()?;
    if first {
        tokio::spawn(watcher::run(Arc::clone(&site)));
    }
    let (events, out) = mpsc::channel(1);
    tokio::spawn(serve(site, listener, headers, events));
    let beat = KeepAlive::new().interval(BEAT_EVERY);
    Ok(Sse::new(ReceiverStream::new(out).map(Ok)).keep_alive(beat))
}

/// Hands on what is told, until somebody ends it.
async fn serve(
    site: Arc<Site>,
    mut listener: Listener,
    headers: HeaderMap,
    events: mpsc::Sender<Event>,
) {
    let _permit = listener.permit;
    let mut check = interval(CHECK_EVERY);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for told in listener.at_once {
        if !send(&events, &told).await {
            return;
        }
    }
    loop {
        let told = tokio::select! {
            told = listener.told.recv() => match told {
                Ok(told) => told,
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    Told::again(&format!("{missed} events came faster than they were taken"))
                }
                Err(broadcast::error::RecvError::Closed) => return,
            },
            _ = check.tick() => match auth::still_holds(&site, &headers).await {
                true => continue,
                false => {
                    let why = "the session or the key is over".to_owned();
                    send(&events, &Told::new("end", &Why { why })).await;
                    return;
                }
            },
            () = site.live.ended.cancelled() => {
                let why = "MUTT stops".to_owned();
                send(&events, &Told::new("end", &Why { why })).await;
                return;
            }
            () = events.closed() => return,
        };
        if !send(&events, &told).await {
            return;
        }
    }
}

/// Whether they took it.
async fn send(events: &mpsc::Sender<Event>, told: &Told) -> bool {
    timeout(PATIENCE, events.send(told.event())).await.is_ok_and(|sent| sent.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_begins_the_watch_and_the_last_ends_it() {
        let hub = Hub::default();
        assert!(hub.is_deserted());
        let (one, first) = hub.join().unwrap();
        assert!(first && !hub.is_deserted());
        hub.tell(Told::new("pulse", &1));
        hub.tell(Told::new("alert", &2));
        let (other, first) = hub.join().unwrap();
        assert!(!first);
        let names: Vec<_> = other.at_once.iter().map(|told| told.name).collect();
        assert_eq!(names, ["pulse"], "what is so is told at once");
        drop((one, other));
        assert!(hub.is_deserted());
        let (late, first) = hub.join().unwrap();
        assert!(first && late.at_once.is_empty());
    }

    #[test]
    fn there_are_so_many_streams_and_no_more() {
        let hub = Hub::default();
        let all: Vec<_> = (0..STREAMS_MAX).map(|_| hub.join().unwrap()).collect();
        let refused = hub.join().map(|_| ()).unwrap_err();
        assert!(refused.status == 503 && refused.detail.contains("64 streams"), "{refused:?}");
        drop(all);
        assert!(hub.join().is_ok());
    }

    #[test]
    fn who_is_too_slow_has_missed_something() {
        let hub = Hub::default();
        let (mut slow, _) = hub.join().unwrap();
        for n in 0..=EVENTS_MAX {
            hub.tell(Told::new("alert", &n));
        }
        let missed = slow.told.try_recv();
        assert!(matches!(missed, Err(broadcast::error::TryRecvError::Lagged(1))), "{missed:?}");
    }
}
