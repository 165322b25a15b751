//! Who did what, from where, when, with before and after: the audit, which is only appended to.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_pipeline::book::Role;
use mutt_store::{AuditQuery, AuditRow, CatalogStore, People, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::page::Page;
use crate::problem::Problem;
use crate::request::{PageQuery, Query, time};
use crate::revisions::ItemDetail;
use crate::site::Site;

/// A revision of more items is named, and not shown here.
const ITEMS_MAX: u64 = 100;
/// A page has at most so many rows, since each may have a revision to be read.
const ROWS_MAX: u32 = 200;

/// The paths of the audit.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Something that was done, or tried.
#[derive(Serialize, ToSchema)]
pub struct AuditView {
    /// Its number; they are dense, from 1.
    pub number: u64,
    /// When, in RFC 3339.
    pub at: String,
    /// Who: a user, a key, `terminal:USER`, or the name that was tried.
    pub who: String,
    /// The address that it came from; empty: none.
    pub from: String,
    /// What: `sign-in`, `sign-out`, `password`, `change`, `decision`, `pattern-state`, `replay`,
    /// `sessions-end`, `unlock`.
    pub what: String,
    /// Of what.
    pub item: String,
    /// Whether it was done.
    pub done: bool,
    /// Why.
    pub why: String,
    /// The revision of the catalog that it made; null: none.
    pub revision: Option<u64>,
    /// What that revision did, with before and after; of more than 100 items see the revision.
    pub items: Vec<ItemDetail>,
    /// What it was, where no revision says it; null: nothing.
    pub before: Option<Value>,
    /// What it became, where no revision says it; null: nothing.
    pub after: Option<Value>,
    /// SHA-256 over the row before and this one.
    pub hash: String,
}

impl AuditView {
    /// A row of the audit, with what its revision did.
    ///
    /// # Errors
    /// If the database does not answer, or the row is no entry.
    pub async fn of(store: &impl CatalogStore, row: AuditRow) -> Result<Self, StoreError> {
        let entry = row.entry()?;
        let mut items = Vec::new();
        if let Some(number) = entry.revision
            && let Some((revision, changes)) = store.revision(number).await?
            && revision.changes <= ITEMS_MAX
        {
            items = changes.into_iter().filter_map(ItemDetail::of).collect();
        }
        let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(Self {
            number: row.number,
            at: entry.at.to_string(),
            who: entry.who,
            from: entry.from,
            what: entry.what,
            item: entry.item,
            done: entry.done,
            why: entry.why,
            revision: entry.revision,
            items,
            before: json(entry.before),
            after: json(entry.after),
            hash: row.hash,
        })
    }
}

/// Which rows are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only by them.
    who: Option<String>,
    /// Only those that say this was done.
    what: Option<String>,
    /// Only those of this time or later, in RFC 3339.
    since: Option<String>,
    /// Only those before this time, in RFC 3339.
    until: Option<String>,
}

/// The audit, the newest first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(PageQuery, Wanted), responses(
    (status = 200, description = "A page of the audit", body = Page<AuditView>),
))]
async fn list(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<AuditView>>, Problem> {
    caller.must(Role::Admin)?;
    let limit = page.limit()?.min(ROWS_MAX as usize);
    let below = |text: &String| {
        text.parse().map_err(|_| {
            Problem::unreadable("after is no cursor of this list: take `next` of the page before")
        })
    };
    let query = AuditQuery {
        above: None,
        below: page.after.as_ref().map(below).transpose()?,
        since: wanted.since.as_deref().map(|at| time("since", at)).transpose()?,
        until: wanted.until.as_deref().map(|at| time("until", at)).transpose()?,
        who: wanted.who,
        what: wanted.what,
        limit: limit as u32 + 1,
    };
    let mut rows = site.store.audit(query).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| last.number.to_string());
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(AuditView::of(&site.store, row).await?);
    }
    Ok(Json(Page { items, next }))
}
