//! Maintenance windows: again and again nobody is told of some alerts, while something is worked
//! on. From: people and programs. To: the catalog; the judge goes by them with the next book.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use mutt_alert::SilencePlan;
use mutt_pipeline::book::{Maintenance, Role};
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

/// The paths of maintenance windows.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(preview))
        .routes(routes!(get, put, delete))
}

/// A window, and how it stands.
#[derive(Serialize, ToSchema)]
struct MaintenanceView {
    /// The window.
    window: Maintenance,
    /// How it stands now.
    now: SilenceStanding,
    /// The catalog's revision that made it what it is: its ETag.
    revision: u64,
}

fn view(latest: &Latest, window: &Maintenance) -> MaintenanceView {
    let plan = window.plan().ok();
    MaintenanceView {
        window: window.clone(),
        now: SilenceStanding::of(plan.as_ref()),
        revision: latest.revision_of(Kind::Maintenance, &window.name).unwrap_or_default(),
    }
}

/// All maintenance windows, by name.
#[utoipa::path(get, path = "/maintenance", tag = "maintenance", params(PageQuery), responses(
    (status = 200, description = "A page of windows", body = Page<MaintenanceView>),
))]
async fn list(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<MaintenanceView>>, Problem> {
    let latest = site.latest().await?;
    let mut windows: Vec<&Maintenance> = latest.parts.maintenance.iter().collect();
    windows.sort_by(|a, b| a.name.cmp(&b.name));
    let show = |window: &Maintenance| view(&latest, window);
    Page::of(windows.into_iter(), &page, |window| window.name.clone(), show).map(Json)
}

/// One window.
#[utoipa::path(get, path = "/maintenance/{name}", tag = "maintenance",
    params(("name" = String, Path, description = "The window's name")),
    responses((status = 200, description = "The window", body = MaintenanceView)))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(name): Name,
) -> Result<Response, Problem> {
    let latest = site.latest().await?;
    let window = latest.parts.maintenance.iter().find(|window| window.name == name);
    let window =
        window.ok_or_else(|| Problem::not_found(format!("there is no window `{name}`")))?;
    let view = view(&latest, window);
    Ok(([etag::header(view.revision)], Json(view)).into_response())
}

/// The window of a body, compiled, and why it is broad.
fn read(
    site: &Site,
    caller: &Caller,
    body: &Body,
) -> Result<(Maintenance, SilencePlan, Vec<String>), Problem> {
    let mut window: Maintenance = body.json()?;
    if window.owner.is_empty() {
        window.owner.clone_from(&caller.name);
    }
    let plan = window.plan().map_err(Problem::faults)?;
    let broad = window.breadth(&plan, &site.ground.silences);
    Ok((window, plan, broad))
}

/// Replaces a window, or adds it. A broad one (without host, site or label, with a matcher that
/// fits everything, or longer than `alerts.silence_hours_max`) needs the role admin.
#[utoipa::path(put, path = "/maintenance/{name}", tag = "maintenance",
    params(("name" = String, Path, description = "The window's name"), EditQuery),
    request_body = Maintenance,
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
    let (window, _, broad) = read(&site, &caller, &body)?;
    items::check_name("the name", &window.name, &name)?;
    hushing::check_breadth(&caller, &broad)?;
    let item = (Kind::Maintenance, "maintenance window", name.as_str());
    items::put(&site, &caller, &query, &headers, item, |proposal| {
        proposal.put_maintenance(window.clone());
    })
    .await
}

/// Ends a window at once and takes it away: what it hid and is still open is told.
#[utoipa::path(delete, path = "/maintenance/{name}", tag = "maintenance",
    params(("name" = String, Path, description = "The window's name"), EditQuery),
    responses((status = 200, description = "It is gone", body = Saved)))]
async fn delete(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
) -> Result<Json<Saved>, Problem> {
    caller.must(Role::Operator)?;
    let kind = Kind::Maintenance;
    let saved = items::remove(&site, &caller, &query, &headers, kind, &name).await?;
    Ok(Json(saved))
}

/// What a window would have hidden in the last seven days, and would quiet now. Nothing is saved.
#[utoipa::path(post, path = "/maintenance/preview", tag = "maintenance", request_body = Maintenance,
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
