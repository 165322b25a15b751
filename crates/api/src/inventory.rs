//! The inventory: what is known of hosts, one by one, and as a whole in JSON, YAML, TOML or CSV.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use mutt_pipeline::book::{BookFault, Role};
use mutt_rules::{InventoryEntry, Known, inventory_from_csv, inventory_to_csv, read_inventory};
use mutt_store::Kind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::etag::{self, Condition};
use crate::page::Page;
use crate::problem::{Fault, Problem};
use crate::request::{Body, EditQuery, Name, PageQuery, Query, content_format, is_csv, wants_csv};
use crate::rules::{ApplyQuery, answer};
use crate::schema::InventoryFile;
use crate::site::{Saved, Site};

/// The paths of the inventory.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(list, replace_all))
        .routes(routes!(get, put, delete))
        .routes(routes!(locate))
}

/// An entry, and the revision that made it.
#[derive(Serialize, ToSchema)]
struct HostView {
    /// The entry.
    entry: InventoryEntry,
    /// The catalog's revision that made it what it is: its ETag.
    revision: u64,
}

/// All entries, by host. As `text/csv` all of them at once.
#[utoipa::path(get, path = "/inventory", tag = "inventory", params(PageQuery), responses(
    (status = 200, description = "A page of entries; as CSV all",
     content((Page<HostView> = "application/json"), (String = "text/csv"))),
))]
async fn list(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(page): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let latest = site.latest().await?;
    let etag = etag::header(latest.catalog.revision);
    let mut hosts: Vec<&InventoryEntry> = latest.parts.hosts.iter().collect();
    hosts.sort_by(|a, b| a.host.cmp(&b.host));
    if wants_csv(&headers) {
        let hosts: Vec<InventoryEntry> = hosts.into_iter().cloned().collect();
        let csv = (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        return Ok(([etag, csv], inventory_to_csv(&hosts)).into_response());
    }
    let page = Page::of(
        hosts.into_iter(),
        &page,
        |entry| entry.host.clone(),
        |entry| HostView {
            revision: latest.revision_of(Kind::Host, &entry.host).unwrap_or_default(),
            entry: entry.clone(),
        },
    )?;
    Ok(([etag], Json(page)).into_response())
}

/// One entry, by its name, pattern or network.
#[utoipa::path(get, path = "/inventory/hosts/{host}", tag = "inventory",
    params(("host" = String, Path, description = "Name, pattern or network; `/` as %2F")),
    responses((status = 200, description = "The entry", body = HostView)))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(host): Name,
) -> Result<Response, Problem> {
    let latest = site.latest().await?;
    let entry = latest.parts.hosts.iter().find(|entry| entry.host == host);
    let entry = entry
        .ok_or_else(|| Problem::not_found(format!("the inventory has no entry `{host}`")))?
        .clone();
    let revision = latest.revision_of(Kind::Host, &host).unwrap_or_default();
    Ok(([etag::header(revision)], Json(HostView { entry, revision })).into_response())
}

/// Replaces an entry, or adds it.
#[utoipa::path(put, path = "/inventory/hosts/{host}", tag = "inventory",
    params(("host" = String, Path, description = "Name, pattern or network; `/` as %2F"),
           EditQuery),
    request_body = InventoryEntry,
    responses((status = 200, description = "It is so", body = Saved, headers(("ETag" = String)))))]
async fn put(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(host): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Admin)?;
    let entry: InventoryEntry = body.json()?;
    if entry.host != host {
        let message = format!("the entry's host is `{}`, but the path names `{host}`", entry.host);
        return Err(Problem::invalid(vec![Fault::of_request("host", message)]));
    }
    let condition = Condition::of(&headers);
    let saved = site
        .edit(&caller, &query, |latest, proposal| {
            condition.check(&format!("host `{host}`"), latest.revision_of(Kind::Host, &host))?;
            proposal.put_host(entry.clone());
            Ok(())
        })
        .await?;
    answer(&site, Kind::Host, &host, saved).await
}

/// Takes an entry away.
#[utoipa::path(delete, path = "/inventory/hosts/{host}", tag = "inventory",
    params(("host" = String, Path, description = "Name, pattern or network; `/` as %2F"),
           EditQuery),
    responses((status = 200, description = "It is gone", body = Saved)))]
async fn delete(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(host): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
) -> Result<Json<Saved>, Problem> {
    caller.must(Role::Admin)?;
    let saved = crate::items::remove(&site, &caller, &query, &headers, Kind::Host, &host).await?;
    Ok(Json(saved))
}

/// Puts a whole inventory in the place of the one before, wholly or not at all.
#[utoipa::path(put, path = "/inventory", tag = "inventory", params(EditQuery, ApplyQuery),
    request_body(content((InventoryFile = "application/json"), (String = "application/yaml"),
                         (String = "application/toml"), (String = "text/csv")),
                 description = "All entries"),
    responses((status = 200, description = "All is so; `changes` tells what differed",
               body = Saved, headers(("ETag" = String)))))]
async fn replace_all(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(query): Query<EditQuery>,
    Query(apply): Query<ApplyQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Admin)?;
    let read = if is_csv(&headers) {
        inventory_from_csv(body.text()?)
    } else {
        read_inventory(body.text()?, content_format(&headers)?)
    };
    let fault = |fault| BookFault { kind: Kind::Host, ..BookFault::from(fault) };
    let hosts = read.map_err(|found| Problem::faults(found.into_iter().map(fault).collect()))?;
    let condition = Condition::of(&headers);
    let saved = site
        .edit(&caller, &query, |latest, proposal| {
            if !query.dry_run {
                condition.check("the inventory", Some(latest.catalog.revision))?;
            }
            match apply.keep {
                true => proposal.put_hosts(hosts.clone()),
                false => proposal.replace_hosts(hosts.clone()),
            }
            Ok(())
        })
        .await?;
    Ok(([etag::header(saved.revision)], Json(saved)).into_response())
}

/// Whose environment, site, team and labels are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LocateQuery {
    /// The device's name.
    host: String,
    /// The address that its messages come from.
    #[param(value_type = Option<String>)]
    peer: Option<IpAddr>,
}

/// What the inventory in force knows of a host.
#[utoipa::path(get, path = "/inventory/locate", tag = "inventory", params(LocateQuery),
    responses((status = 200, description = "What is known", body = Known)))]
async fn locate(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(query): Query<LocateQuery>,
) -> Json<Known> {
    let book = site.in_force.book();
    Json(book.rulebook.inventory.locate(&query.host, query.peer).known())
}
