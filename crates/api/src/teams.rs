//! Teams: once there is one, rules and hosts may name no other.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use mutt_pipeline::book::{Role, Team};
use mutt_store::Kind;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::etag;
use crate::items;
use crate::page::Page;
use crate::problem::Problem;
use crate::request::{Body, EditQuery, Name, PageQuery, Query};
use crate::site::{Saved, Site};

/// The paths of teams.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, put, delete))
}

/// A team, and the revision that made it.
#[derive(Serialize, ToSchema)]
struct TeamView {
    /// The team.
    team: Team,
    /// The catalog's revision that made it what it is: its ETag.
    revision: u64,
}

/// All teams, by name.
#[utoipa::path(get, path = "/teams", tag = "teams", params(PageQuery), responses(
    (status = 200, description = "A page of teams", body = Page<TeamView>),
))]
async fn list(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<TeamView>>, Problem> {
    let latest = site.latest().await?;
    let mut teams: Vec<&Team> = latest.parts.teams.iter().collect();
    teams.sort_by(|a, b| a.name.cmp(&b.name));
    let show = |team: &Team| TeamView {
        revision: latest.revision_of(Kind::Team, &team.name).unwrap_or_default(),
        team: team.clone(),
    };
    Page::of(teams.into_iter(), &page, |team| team.name.clone(), show).map(Json)
}

/// One team.
#[utoipa::path(get, path = "/teams/{name}", tag = "teams",
    params(("name" = String, Path, description = "The team's name")),
    responses((status = 200, description = "The team", body = TeamView)))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(name): Name,
) -> Result<Response, Problem> {
    let latest = site.latest().await?;
    let team = latest.parts.teams.iter().find(|team| team.name == name);
    let team =
        team.ok_or_else(|| Problem::not_found(format!("there is no team `{name}`")))?.clone();
    let revision = latest.revision_of(Kind::Team, &name).unwrap_or_default();
    Ok(([etag::header(revision)], Json(TeamView { team, revision })).into_response())
}

/// Replaces a team, or adds it.
#[utoipa::path(put, path = "/teams/{name}", tag = "teams",
    params(("name" = String, Path, description = "The team's name"), EditQuery),
    request_body = Team,
    responses((status = 200, description = "It is so", body = Saved, headers(("ETag" = String)))))]
async fn put(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Admin)?;
    let team: Team = body.json()?;
    items::check_name("the team's name", &team.name, &name)?;
    let item = (Kind::Team, "team", name.as_str());
    items::put(&site, &caller, &query, &headers, item, |proposal| proposal.put_team(team.clone()))
        .await
}

/// Takes a team away; refused while rules or hosts name it and there are other teams.
#[utoipa::path(delete, path = "/teams/{name}", tag = "teams",
    params(("name" = String, Path, description = "The team's name"), EditQuery),
    responses((status = 200, description = "It is gone", body = Saved)))]
async fn delete(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
) -> Result<Json<Saved>, Problem> {
    caller.must(Role::Admin)?;
    let saved = items::remove(&site, &caller, &query, &headers, Kind::Team, &name).await?;
    Ok(Json(saved))
}
