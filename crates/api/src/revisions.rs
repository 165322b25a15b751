//! Every change that was ever made: who, when, why, before and after; and the way back to any.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use mutt_event::Timestamp;
use mutt_pipeline::book::Role;
use mutt_store::{CatalogStore, ItemChange, Kind, Revision, RevisionQuery};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::change::{Change, shown};
use crate::etag;
use crate::page::Page;
use crate::problem::Problem;
use crate::request::{Body, EditQuery, PageQuery, Query};
use crate::site::{Saved, Site};

/// The paths of revisions.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(restore))
}

/// A change that was made.
#[derive(Serialize, ToSchema)]
struct RevisionView {
    /// Its number; they are dense, from 1.
    number: u64,
    /// When, in microseconds since 1970-01-01T00:00:00Z.
    at_us: i64,
    /// When, in RFC 3339.
    at: String,
    /// Who: a key's name.
    who: String,
    /// Why, in their words.
    why: String,
    /// How many items it changed.
    changes: u64,
}

impl From<Revision> for RevisionView {
    fn from(revision: Revision) -> Self {
        let Revision { number, at, who, why, changes } = revision;
        Self { number, at_us: at.as_micros(), at: rfc3339(at), who, why, changes }
    }
}

fn rfc3339(at: Timestamp) -> String {
    at.to_string()
}

/// A change that was made, with what it did.
#[derive(Serialize, ToSchema)]
struct RevisionDetail {
    /// Who, when, why.
    #[serde(flatten)]
    revision: RevisionView,
    /// What it did, by kind and name; of keys and users to admins alone.
    items: Vec<ItemDetail>,
}

/// What a revision did to an item.
#[derive(Serialize, ToSchema)]
pub struct ItemDetail {
    /// What was done.
    #[serde(flatten)]
    change: Change,
    /// The item before; null: it was new.
    before: Option<Value>,
    /// The item after; null: it was gone.
    after: Option<Value>,
}

impl ItemDetail {
    /// From what is stored; none: nothing was changed.
    pub fn of(item: ItemChange) -> Option<Self> {
        let ItemChange { kind, name, before, after } = item;
        let change = Change::of(kind, &name, before.as_deref(), after.as_deref())?;
        let shown = |body: Option<String>| body.and_then(|body| shown(kind, &body));
        Some(Self { change, before: shown(before), after: shown(after) })
    }
}

/// Who may sign in and with which keys is for admins to see.
fn is_for_all(item: &ItemChange) -> bool {
    !matches!(item.kind, Kind::Key | Kind::User)
}

/// Which revisions are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only those that changed an item of this kind: `rule`, `host`, `team`, `setting`, `key`,
    /// `user`, `silence`, `maintenance`.
    kind: Option<String>,
    /// Only those that changed an item of this name.
    name: Option<String>,
}

fn kind_of(name: &str) -> Result<Kind, Problem> {
    Kind::from_name(name).ok_or_else(|| {
        let known = Kind::ALL.map(Kind::name).join(", ");
        Problem::unreadable(format!("kind is {name}: it is one of {known}"))
    })
}

/// Revisions, the newest first.
#[utoipa::path(get, path = "/revisions", tag = "revisions", params(PageQuery, Wanted), responses(
    (status = 200, description = "A page of revisions", body = Page<RevisionView>),
))]
async fn list(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(page): Query<PageQuery>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<RevisionView>>, Problem> {
    let limit = page.limit()?;
    let below = |text: &String| {
        text.parse().map_err(|_| {
            Problem::unreadable("after is no cursor of this list: take `next` of the page before")
        })
    };
    let query = RevisionQuery {
        below: page.after.as_ref().map(below).transpose()?,
        kind: wanted.kind.as_deref().map(kind_of).transpose()?,
        name: wanted.name,
        limit: limit as u32 + 1,
    };
    let mut found = site.store.revisions(query).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.number.to_string());
    Ok(Json(Page { items: found.into_iter().map(RevisionView::from).collect(), next }))
}

/// One revision, with before and after.
#[utoipa::path(get, path = "/revisions/{number}", tag = "revisions",
    params(("number" = u64, Path, description = "The revision's number")),
    responses((status = 200, description = "The revision", body = RevisionDetail)))]
async fn get(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Number(number): Number,
) -> Result<Json<RevisionDetail>, Problem> {
    let found = site.store.revision(number).await?;
    let (revision, items) =
        found.ok_or_else(|| Problem::not_found(format!("there is no revision {number}")))?;
    let is_admin = caller.must(Role::Admin).is_ok();
    let items = items.into_iter().filter(|item| is_admin || is_for_all(item));
    let items = items.filter_map(ItemDetail::of).collect();
    Ok(Json(RevisionDetail { revision: revision.into(), items }))
}

/// What shall be brought back.
#[derive(Deserialize, ToSchema, Default)]
#[serde(deny_unknown_fields)]
struct Restore {
    /// Only the item of this kind and `name`; without it all rules, hosts, teams and settings.
    kind: Option<String>,
    /// The item's name.
    name: Option<String>,
}

/// Brings things to what they were when this revision was the last. Keys and users are never brought back.
#[utoipa::path(post, path = "/revisions/{number}/restore", tag = "revisions",
    params(("number" = u64, Path, description = "The revision's number; 0: before the first"),
           EditQuery),
    request_body = Restore,
    responses((status = 200, description = "It is so; `changes` tells what differed",
               body = Saved, headers(("ETag" = String)))))]
async fn restore(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Number(number): Number,
    Query(mut query): Query<EditQuery>,
    body: Body,
) -> Result<Response, Problem> {
    let wanted: Restore = if body.0.is_empty() { Restore::default() } else { body.json()? };
    let kind = wanted.kind.as_deref().map(kind_of).transpose()?;
    let only = match (kind, wanted.name) {
        (None, None) => None,
        (Some(kind), Some(name)) => Some((kind, name)),
        _ => return Err(Problem::unreadable("kind and name belong together: give both or none")),
    };
    match &only {
        Some((Kind::Key | Kind::User, _)) => {
            return Err(Problem::forbidden("a key or a user is never brought back"));
        }
        Some((Kind::Rule, _)) => caller.must(Role::Author)?,
        _ => caller.must(Role::Admin)?,
    }
    let then = site.store.catalog_at(number).await?;
    query.why.get_or_insert_with(|| format!("as in revision {number}"));
    let saved = site
        .edit(&caller, &query, |latest, proposal| {
            match &only {
                Some((kind, name)) => proposal.restore_item(*kind, name, then.get(*kind, name)),
                None => {
                    const KINDS: [Kind; 5] =
                        [Kind::Rule, Kind::Host, Kind::Team, Kind::Setting, Kind::Mib];
                    proposal.restore(&latest.catalog, &then, &KINDS);
                }
            }
            Ok(())
        })
        .await?;
    Ok(([etag::header(saved.revision)], Json(saved)).into_response())
}

/// A number in the path.
struct Number(u64);

impl axum::extract::FromRequestParts<Arc<Site>> for Number {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        site: &Arc<Site>,
    ) -> Result<Self, Problem> {
        let path = axum::extract::Path::<u64>::from_request_parts(parts, site).await;
        path.map(|path| Self(path.0))
            .map_err(|_| Problem::unreadable("a revision's number is a whole number"))
    }
}
