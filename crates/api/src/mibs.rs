//! MIB files: what they name is named so in traps, rules and explanations.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use mutt_pipeline::book::{Mib, Role};
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
use crate::site::{Saved, Site, blocking};

/// The paths of MIB files.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, put, delete))
        .routes(routes!(text))
}

/// A MIB file, without its text.
#[derive(Serialize, ToSchema)]
struct MibView {
    /// Its name.
    name: String,
    /// The modules that it defines.
    modules: Vec<String>,
    /// How long its text is.
    bytes: usize,
    /// The catalog's revision that made it what it is: its ETag.
    revision: u64,
}

/// A MIB file, and what its reader has to say.
#[derive(Serialize, ToSchema)]
struct MibAndNotes {
    /// The file.
    mib: MibView,
    /// What is odd in it or missing, such as a module that it imports; the rest of it is used.
    notes: Vec<String>,
}

fn view(mib: &Mib, revision: Option<u64>) -> MibView {
    MibView {
        name: mib.name.clone(),
        modules: mib.modules(),
        bytes: mib.text.len(),
        revision: revision.unwrap_or_default(),
    }
}

/// All uploaded MIB files, by name.
#[utoipa::path(get, path = "/mibs", tag = "mibs", params(PageQuery), responses(
    (status = 200, description = "A page of MIB files", body = Page<MibView>),
))]
async fn list(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<MibView>>, Problem> {
    let latest = site.latest().await?;
    let mut mibs: Vec<&Mib> = latest.parts.mibs.iter().collect();
    mibs.sort_by(|a, b| a.name.cmp(&b.name));
    let show = |mib: &Mib| view(mib, latest.revision_of(Kind::Mib, &mib.name));
    Page::of(mibs.into_iter(), &page, |mib| mib.name.clone(), show).map(Json)
}

/// One MIB file, and what its reader has to say of it.
#[utoipa::path(get, path = "/mibs/{name}", tag = "mibs",
    params(("name" = String, Path, description = "The file's name")),
    responses((status = 200, description = "The file", body = MibAndNotes)))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(name): Name,
) -> Result<Response, Problem> {
    let latest = site.latest().await?;
    let mib = one(&latest.parts.mibs, &name)?.clone();
    let revision = latest.revision_of(Kind::Mib, &name);
    let (base, modules) = (site.ground.mibs.clone(), mib.modules());
    let read = blocking(move || base.read(&latest.parts.mibs)).await?;
    let notes = modules.iter().flat_map(|module| read.notes.get(module).cloned());
    let answer = MibAndNotes { notes: notes.flatten().collect(), mib: view(&mib, revision) };
    Ok(([etag::header(revision.unwrap_or_default())], Json(answer)).into_response())
}

/// The text of a MIB file, as it was uploaded.
#[utoipa::path(get, path = "/mibs/{name}/text", tag = "mibs",
    params(("name" = String, Path, description = "The file's name")),
    responses((status = 200, description = "The text", body = String, content_type = "text/plain")))]
async fn text(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(name): Name,
) -> Result<Response, Problem> {
    let latest = site.latest().await?;
    let text = one(&latest.parts.mibs, &name)?.text.clone();
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

fn one<'a>(mibs: &'a [Mib], name: &str) -> Result<&'a Mib, Problem> {
    let found = mibs.iter().find(|mib| mib.name == name);
    found.ok_or_else(|| Problem::not_found(format!("there is no MIB file `{name}`")))
}

/// Replaces a MIB file, or adds it; its text is the body.
#[utoipa::path(put, path = "/mibs/{name}", tag = "mibs",
    params(("name" = String, Path, description = "The file's name"), EditQuery),
    request_body(content = String, content_type = "text/plain"),
    responses((status = 200, description = "It is so", body = Saved, headers(("ETag" = String)))))]
async fn put(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Author)?;
    // Old files are not UTF-8 in their comments.
    let mib = Mib { name: name.clone(), text: String::from_utf8_lossy(&body.0).into_owned() };
    let item = (Kind::Mib, "MIB file", name.as_str());
    items::put(&site, &caller, &query, &headers, item, |proposal| proposal.put_mib(mib.clone()))
        .await
}

/// Takes a MIB file away; refused while a rule names what only it defines.
#[utoipa::path(delete, path = "/mibs/{name}", tag = "mibs",
    params(("name" = String, Path, description = "The file's name"), EditQuery),
    responses((status = 200, description = "It is gone", body = Saved)))]
async fn delete(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
) -> Result<Json<Saved>, Problem> {
    caller.must(Role::Author)?;
    items::remove(&site, &caller, &query, &headers, Kind::Mib, &name).await.map(Json)
}
