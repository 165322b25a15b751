//! Silences: for a time nobody is told of some alerts.
//!
//! From: people and programs. To: the catalog; the judge goes by them with the next book.
//!
//! One that is over stays listed, so that people see what was hidden and why; whoever saves a
//! silence takes away those that were over for 30 days. Every revision keeps them for ever.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use mutt_alert::SilencePlan;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{Role, Silence};
use mutt_store::Kind;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::etag;
use crate::hushing::{self, SilencePreview, SilenceStanding};
use crate::items;
use crate::page::Page;
use crate::problem::Problem;
use crate::request::{Body, EditQuery, Name, PageQuery, Query};
use crate::site::{Latest, Saved, Site};

/// How long one that is over stays listed.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);

/// The paths of silences.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(preview))
        .routes(routes!(get, put, delete))
}

/// A silence, and how it stands.
#[derive(Serialize, ToSchema)]
struct SilenceView {
    /// The silence.
    silence: Silence,
    /// How it stands now.
    now: SilenceStanding,
    /// The catalog's revision that made it what it is: its ETag.
    revision: u64,
}

fn view(site: &Site, latest: &Latest, silence: &Silence) -> SilenceView {
    let plan = silence.plan(&site.ground.silences).ok();
    SilenceView {
        silence: silence.clone(),
        now: SilenceStanding::of(plan.as_ref()),
        revision: latest.revision_of(Kind::Silence, &silence.name).unwrap_or_default(),
    }
}

/// All silences, by name; also those that are over, for 30 days at least.
#[utoipa::path(get, path = "/silences", tag = "silences", params(PageQuery), responses(
    (status = 200, description = "A page of silences", body = Page<SilenceView>),
))]
async fn list(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<SilenceView>>, Problem> {
    let latest = site.latest().await?;
    let mut silences: Vec<&Silence> = latest.parts.silences.iter().collect();
    silences.sort_by(|a, b| a.name.cmp(&b.name));
    let show = |silence: &Silence| view(&site, &latest, silence);
    Page::of(silences.into_iter(), &page, |silence| silence.name.clone(), show).map(Json)
}

/// One silence.
#[utoipa::path(get, path = "/silences/{name}", tag = "silences",
    params(("name" = String, Path, description = "The silence's name")),
    responses((status = 200, description = "The silence", body = SilenceView)))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(name): Name,
) -> Result<Response, Problem> {
    let latest = site.latest().await?;
    let silence = latest.parts.silences.iter().find(|silence| silence.name == name);
    let silence =
        silence.ok_or_else(|| Problem::not_found(format!("there is no silence `{name}`")))?;
    let view = view(&site, &latest, silence);
    Ok(([etag::header(view.revision)], Json(view)).into_response())
}

/// The silence of a body, compiled, and why it is broad.
fn read(
    site: &Site,
    caller: &Caller,
    body: &Body,
) -> Result<(Silence, SilencePlan, Vec<String>), Problem> {
    let mut silence: Silence = body.json()?;
    if silence.owner.is_empty() {
        silence.owner.clone_from(&caller.name);
    }
    let limits = &site.ground.silences;
    let plan = silence.plan(limits).map_err(Problem::faults)?;
    let broad = silence.breadth(&plan, limits);
    Ok((silence, plan, broad))
}

/// Replaces a silence, or adds it. A broad one (without host, site or label, with a matcher that
/// fits everything, or longer than `alerts.silence_hours_max`) needs the role admin.
#[utoipa::path(put, path = "/silences/{name}", tag = "silences",
    params(("name" = String, Path, description = "The silence's name"), EditQuery),
    request_body = Silence,
    responses((status = 200, description = "It is so", body = Saved, headers(("ETag" = String)))))]
async fn put(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Operator)?;
    let (silence, _, broad) = read(&site, &caller, &body)?;
    items::check_name("the name", &silence.name, &name)?;
    hushing::check_breadth(&caller, &broad)?;
    let item = (Kind::Silence, "silence", name.as_str());
    items::put(&site, &caller, &query, &headers, item, |proposal| {
        proposal.put_silence(silence.clone());
        proposal.forget_silences(SystemClock.now().before(KEPT), &name);
    })
    .await
}

/// Ends a silence at once and takes it away: what it hid and is still open is told.
#[utoipa::path(delete, path = "/silences/{name}", tag = "silences",
    params(("name" = String, Path, description = "The silence's name"), EditQuery),
    responses((status = 200, description = "It is gone", body = Saved)))]
async fn delete(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
) -> Result<Json<Saved>, Problem> {
    caller.must(Role::Operator)?;
    let kind = Kind::Silence;
    let saved = items::remove(&site, &caller, &query, &headers, kind, &name).await?;
    Ok(Json(saved))
}

/// What a silence would have hidden in the last seven days, and would quiet now. Nothing is saved.
#[utoipa::path(post, path = "/silences/preview", tag = "silences", request_body = Silence,
    responses((status = 200, description = "What it would hide", body = SilencePreview)))]
async fn preview(
    State(site): State<Arc<Site>>,
    caller: Caller,
    body: Body,
) -> Result<Json<SilencePreview>, Problem> {
    caller.must(Role::Operator)?;
    let (_, plan, broad) = read(&site, &caller, &body)?;
    hushing::preview(&site, &plan, broad).await.map(Json)
}
