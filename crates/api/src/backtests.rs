//! Backtests: what a draft of the rules would have done, beside the rules in force, over the
//! journal's recent past or over lines of text.
//!
//! From: a request. To: a thread of its own with the lowest priority, which reads past nobody's
//! cursor; whoever asked looks at it, follows its progress as server-sent events, or cancels it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use mutt_event::Timestamp;
use mutt_journal::{AnyLane, Clock, Lane, SystemClock};
use mutt_pipeline::backtest::{Backtest, Lines, Progress, Report, Sets};
use mutt_pipeline::book::{Book, Proposal, Role};
use mutt_rules::{Draft, Format};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::auth::Caller;
use crate::problem::{Fault, Problem};
use crate::request::{Body, Name, rfc_3339};
use crate::schema::{BacktestEvent, RuleSchema};
use crate::site::{Site, blocking};

/// How far it looks back unless asked otherwise.
const HOURS_DEFAULT: u64 = 24;
/// How often a running backtest's report is brought up to date.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// How often reading the journal is tried again before a backtest fails.
const READ_TRIES: u32 = 3;
/// The nicest that a thread can be: it runs when nobody else wants to.
const NICE: i32 = 19;

/// The paths of backtests.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(list, start))
        .routes(routes!(get, cancel))
        .routes(routes!(events))
}

/// What shall be tried, and on what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBacktest {
    /// The draft: rules as JSON.
    #[schema(value_type = Vec<RuleSchema>)]
    rules: Vec<Value>,
    /// Rules in force that the draft does not name stay; without it the draft is the whole set.
    #[serde(default)]
    keep: bool,
    /// Rules in force that the draft leaves out, by id.
    #[serde(default)]
    remove: Vec<String>,
    /// The first message's append time at least, in RFC 3339; missing: 24 hours ago.
    from: Option<String>,
    /// All before this append time, in RFC 3339; missing: until now.
    to: Option<String>,
    /// Lines instead of the journal: syslog messages as they come over TCP.
    text: Option<String>,
}

impl NewBacktest {
    /// These rules beside those in force, over all messages from a time on.
    pub fn beside(rules: Vec<Value>, from: Timestamp) -> Self {
        let from = Some(from.to_string());
        Self { rules, keep: true, remove: Vec::new(), from, to: None, text: None }
    }
}

/// Where a backtest stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BacktestStatus)]
pub(crate) enum Status {
    /// It reads and judges.
    Running,
    /// It has read all.
    Finished,
    /// Somebody cancelled it.
    Cancelled,
    /// It could not go on.
    Failed,
}

/// A backtest as it is now.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = Backtest)]
pub(crate) struct View {
    /// Its id.
    id: String,
    /// Who started it: a key's name.
    who: String,
    /// When, in RFC 3339.
    started_at: String,
    /// Where it stands.
    status: Status,
    /// How far it is.
    progress: Progress,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// What it found so far; all once it has finished. Missing in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Arc<Report>>,
}

/// All backtests that are known.
#[derive(Serialize, ToSchema)]
#[schema(as = Backtests)]
struct Views {
    /// The newest first.
    items: Vec<View>,
}

struct Job {
    view: watch::Sender<View>,
    cancel: CancellationToken,
}

/// Backtests that run, and the last that ended.
pub struct Backtests {
    running_max: usize,
    kept_max: usize,
    /// The newest last.
    jobs: Mutex<VecDeque<Arc<Job>>>,
}

impl Backtests {
    /// None yet.
    pub fn new(running_max: usize, kept_max: usize) -> Self {
        Self { running_max, kept_max, jobs: Mutex::new(VecDeque::new()) }
    }

    /// Ends all that run.
    pub fn cancel_all(&self) {
        self.jobs().iter().for_each(|job| job.cancel.cancel());
    }

    fn jobs(&self) -> MutexGuard<'_, VecDeque<Arc<Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: &str) -> Result<Arc<Job>, Problem> {
        let found = self.jobs().iter().find(|job| job.view.borrow().id == id).cloned();
        found.ok_or_else(|| Problem::not_found(format!("there is no backtest `{id}` any more")))
    }

    /// Takes a job in, if there is room; forgets the oldest that ended.
    fn admit(&self, job: Arc<Job>) -> Result<(), Problem> {
        let mut jobs = self.jobs();
        let running = jobs.iter().filter(|job| job.is_running()).count();
        if running >= self.running_max {
            return Err(Problem::too_many(format!(
                "{running} backtests run already, which is the limit (api.backtests_max): wait \
                 for one, or cancel it"
            )));
        }
        while jobs.len() >= self.kept_max.max(1) + running {
            let Some(oldest) = jobs.iter().position(|job| !job.is_running()) else { break };
            jobs.remove(oldest);
        }
        jobs.push_back(job);
        Ok(())
    }
}

impl Job {
    fn is_running(&self) -> bool {
        self.view.borrow().status == Status::Running
    }

    /// Steps on until the end, or until somebody cancels it.
    fn run(&self, mut backtest: Backtest) {
        // A thread that cannot be made nicer works all the same.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
        let (mut told, mut failures) = (Instant::now(), 0);
        while !backtest.progress().finished() {
            if self.cancel.is_cancelled() {
                return self.end(Status::Cancelled, &backtest, None);
            }
            match backtest.step() {
                Ok(progress) => {
                    failures = 0;
                    let report = (told.elapsed() >= REPORT_EVERY).then(|| backtest.report());
                    if report.is_some() {
                        told = Instant::now();
                    }
                    self.view.send_modify(|view| {
                        view.progress = progress;
                        view.report = report.map(Arc::new).or_else(|| view.report.take());
                    });
                }
                Err(error) if failures < READ_TRIES => {
                    failures += 1;
                    tracing::warn!(%error, "backtest: reading is tried again");
                }
                Err(error) => {
                    return self.end(Status::Failed, &backtest, Some(error.to_string()));
                }
            }
        }
        self.end(Status::Finished, &backtest, None);
    }

    fn end(&self, status: Status, backtest: &Backtest, error: Option<String>) {
        self.view.send_modify(|view| {
            view.status = status;
            view.progress = backtest.progress();
            view.error = error;
            view.report = Some(Arc::new(backtest.report()));
        });
    }
}

/// Starts a backtest.
#[utoipa::path(post, path = "/backtests", tag = "backtests", request_body = NewBacktest,
    responses((status = 202, description = "It runs", body = View, headers(("Location" = String)))))]
async fn start(
    State(site): State<Arc<Site>>,
    caller: Caller,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Author)?;
    let view = launch(&site, caller.name, body.json()?).await?;
    let location = format!("/api/v1/backtests/{}", view.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(view)).into_response())
}

/// Starts a backtest; answers how it begins.
pub(crate) async fn launch(
    site: &Arc<Site>,
    who: String,
    wanted: NewBacktest,
) -> Result<View, Problem> {
    let latest = site.latest().await?;
    let prepare = {
        let site = Arc::clone(site);
        move || prepare(&site, Proposal::of(latest.parts.clone()), wanted)
    };
    let backtest = blocking(prepare).await??;
    let view = View {
        id: Uuid::now_v7().to_string(),
        who,
        started_at: SystemClock.now().to_string(),
        status: Status::Running,
        progress: backtest.progress(),
        error: None,
        report: None,
    };
    let cancel = CancellationToken::new();
    let job = Arc::new(Job { view: watch::Sender::new(view.clone()), cancel });
    site.backtests.admit(Arc::clone(&job))?;
    thread::Builder::new()
        .name("backtest".to_owned())
        .spawn(move || job.run(backtest))
        .map_err(|error| Problem::unavailable(format!("no thread for it: {error}")))?;
    Ok(view)
}

fn prepare(site: &Site, mut proposal: Proposal, wanted: NewBacktest) -> Result<Backtest, Problem> {
    let file = serde_json::json!({ "rules": wanted.rules }).to_string();
    let draft = Draft::read(&file, Format::Json);
    match wanted.keep {
        true => proposal.put_rules(draft),
        false => proposal.replace_rules(draft),
    }
    for id in &wanted.remove {
        proposal.remove(mutt_store::Kind::Rule, id);
    }
    let book = Book::compile(&proposal, 0, &site.ground).map_err(Problem::faults)?;
    let sets = Sets {
        live: Arc::clone(&site.in_force.book().rulebook),
        draft: book.rulebook,
        parser: Arc::clone(&site.ground.parser),
    };
    let (now, settings) = (SystemClock.now(), site.backtest.clone());
    if let Some(text) = wanted.text {
        let hosts = Arc::clone(&site.hosts);
        let lines = Lines { text: text.into_bytes(), hosts, received: now };
        return Ok(Backtest::over_lines(sets, lines, settings));
    }
    let day = Duration::from_secs(HOURS_DEFAULT * 3_600);
    let from = time("from", wanted.from.as_deref())?.unwrap_or_else(|| now.before(day));
    let to = time("to", wanted.to.as_deref())?;
    let unavailable = |error: mutt_journal::ReadError| Problem::unavailable(error.to_string());
    let range = |lane: &AnyLane| {
        let start = lane.seek_time(from)?;
        let end = to.map_or(Ok(lane.end()), |to| lane.seek_time(to))?;
        Ok((lane.clone(), start..end.max(start)))
    };
    let lanes: Result<Vec<_>, _> = site.lanes.iter().map(range).collect();
    Backtest::over_journal(sets, &lanes.map_err(unavailable)?, settings).map_err(unavailable)
}

fn time(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let invalid = |message| Problem::invalid(vec![Fault::of_request(name, message)]);
    text.map(rfc_3339).transpose().map_err(invalid)
}

/// All backtests that are known, the newest first.
#[utoipa::path(get, path = "/backtests", tag = "backtests", responses(
    (status = 200, description = "Backtests, without their reports", body = Views),
))]
async fn list(State(site): State<Arc<Site>>, _: Caller) -> Json<Views> {
    let brief = |job: &Arc<Job>| View { report: None, ..job.view.borrow().clone() };
    Json(Views { items: site.backtests.jobs().iter().rev().map(brief).collect() })
}

/// One backtest, with what it found so far.
#[utoipa::path(get, path = "/backtests/{id}", tag = "backtests",
    params(("id" = String, Path, description = "The backtest's id")),
    responses((status = 200, description = "The backtest", body = View)))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(id): Name,
) -> Result<Json<View>, Problem> {
    let job = site.backtests.find(&id)?;
    let view = job.view.borrow().clone();
    Ok(Json(view))
}

/// Ends a backtest; what it found until then stays.
#[utoipa::path(delete, path = "/backtests/{id}", tag = "backtests",
    params(("id" = String, Path, description = "The backtest's id")),
    responses((status = 202, description = "It ends", body = View)))]
async fn cancel(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(id): Name,
) -> Result<Response, Problem> {
    caller.must(Role::Author)?;
    let job = site.backtests.find(&id)?;
    job.cancel.cancel();
    let view = job.view.borrow().clone();
    Ok((StatusCode::ACCEPTED, Json(view)).into_response())
}

/// A backtest's progress as server-sent events: `progress` while it runs, with the backtest without
/// its report; `end` once, with all.
#[utoipa::path(get, path = "/backtests/{id}/events", tag = "backtests",
    params(("id" = String, Path, description = "The backtest's id")),
    responses((status = 200, description = "Events", content_type = "text/event-stream",
               body = BacktestEvent)))]
async fn events(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(id): Name,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let mut views = site.backtests.find(&id)?.view.subscribe();
    let (events, told) = mpsc::channel(1);
    // It ends with the backtest, or when nobody listens any more.
    tokio::spawn(async move {
        loop {
            let view = views.borrow_and_update().clone();
            let ended = view.status != Status::Running;
            if events.send(event(view)).await.is_err() || ended || views.changed().await.is_err() {
                return;
            }
        }
    });
    Ok(Sse::new(ReceiverStream::new(told).map(Ok)).keep_alive(KeepAlive::default()))
}

fn event(view: View) -> Event {
    let (name, view) = match view.status {
        Status::Running => ("progress", View { report: None, ..view }),
        _ => ("end", view),
    };
    // Texts, numbers and maps with text keys always serialise.
    Event::default().event(name).json_data(&view).unwrap_or_default()
}
