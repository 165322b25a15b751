//! Keys of the API: made, listed and taken away by admins. A key is shown once.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{Access, Role};
use mutt_store::Kind;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{self, Caller};
use crate::page::Page;
use crate::problem::{Fault, Problem};
use crate::request::{Body, EditQuery, Name, PageQuery, Query};
use crate::site::{Saved, Site};
use crate::users;

/// The paths of keys.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

/// A key, without the key.
#[derive(Serialize, ToSchema)]
struct KeyView {
    /// Its name: the author of what is done with it.
    name: String,
    /// What it may do.
    role: Role,
    /// When it was made, in RFC 3339.
    made_at: String,
    /// From when on it is refused, in RFC 3339; null: never.
    expires_at: Option<String>,
    /// The groups of paths that it opens; empty: all.
    scope: Vec<String>,
    /// The teams whose alerts, silences and rules it may change; empty: all.
    teams: Vec<String>,
    /// The catalog's revision that made it: its ETag.
    revision: u64,
}

/// All keys, by name.
#[utoipa::path(get, path = "/keys", tag = "keys", params(PageQuery), responses(
    (status = 200, description = "A page of keys", body = Page<KeyView>),
))]
async fn list(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<KeyView>>, Problem> {
    caller.must(Role::Admin)?;
    let latest = site.latest().await?;
    let mut keys: Vec<&Access> = latest.parts.keys.iter().collect();
    keys.sort_by(|a, b| a.name.cmp(&b.name));
    let show = |key: &Access| KeyView {
        name: key.name.clone(),
        role: key.role,
        made_at: key.made_at.to_string(),
        expires_at: key.expires_at.map(|at| at.to_string()),
        scope: key.scope.clone(),
        teams: key.teams.clone(),
        revision: latest.revision_of(Kind::Key, &key.name).unwrap_or_default(),
    };
    Page::of(keys.into_iter(), &page, |key| key.name.clone(), show).map(Json)
}

/// A key that is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewKey {
    /// Its name: letters, digits, `-`, `_`, `.`, `@`; 1 to 64 of them.
    name: String,
    /// What it may do.
    role: Role,
    /// After so many days it is refused; missing: never.
    #[schema(minimum = 1, maximum = 3650)]
    expires_in_days: Option<u32>,
    /// The groups of paths that it opens, such as `alerts`; empty: all.
    #[serde(default)]
    #[schema(max_items = 100)]
    scope: Vec<String>,
    /// The teams whose alerts, silences and rules it may change; empty: all.
    #[serde(default)]
    #[schema(max_items = 100)]
    teams: Vec<String>,
}

/// A new key.
#[derive(Serialize, ToSchema)]
struct MadeKey {
    /// Its name.
    name: String,
    /// What it may do.
    role: Role,
    /// The key itself. It is kept nowhere: this is the only time that it is shown.
    key: String,
    /// The catalog's last revision.
    revision: u64,
}

/// Makes a key.
#[utoipa::path(post, path = "/keys", tag = "keys", params(EditQuery), request_body = NewKey,
    responses((status = 201, description = "The key, this once", body = MadeKey)))]
async fn create(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(query): Query<EditQuery>,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Admin)?;
    if query.dry_run {
        return Err(Problem::unreadable("a key is made or not: dry_run has no meaning here"));
    }
    let new: NewKey = body.json()?;
    let invalid =
        |path: &str, message: String| Problem::invalid(vec![Fault::of_request(path, message)]);
    let lifetime = new.expires_in_days.map(days).transpose();
    let lifetime = lifetime.map_err(|message| invalid("expires_in_days", message))?;
    check_name(&new.name).map_err(|message| invalid("name", message))?;
    check_scope(&new.scope).map_err(|message| invalid("scope", message))?;
    users::check_teams(new.role, &new.teams).map_err(|message| invalid("teams", message))?;
    let key = auth::new_key();
    let NewKey { name, role, scope, teams, .. } = new;
    let access = Access { scope, teams, ..access(&name, role, key.expose_secret(), lifetime) };
    let saved = site
        .edit(&caller, &query, |latest, proposal| {
            users::is_free(latest, &access.name)?;
            proposal.put_key(access.clone());
            Ok(())
        })
        .await?;
    let made = MadeKey {
        name: access.name,
        role: access.role,
        key: key.expose_secret().to_owned(),
        revision: saved.revision,
    };
    let no_store = (axum::http::header::CACHE_CONTROL, "no-store");
    Ok((StatusCode::CREATED, [no_store], Json(made)).into_response())
}

/// What is kept of a key that is made now.
pub fn access(name: &str, role: Role, key: &str, lifetime: Option<Duration>) -> Access {
    let made_at = SystemClock.now();
    Access {
        name: name.to_owned(),
        role,
        digest: auth::digest(key),
        made_at,
        expires_at: lifetime.map(|lifetime| made_at.after(lifetime)),
        scope: Vec::new(),
        teams: Vec::new(),
    }
}

/// The groups of paths, which a scope names: the first parts of all paths but `session`.
pub const SCOPES: [&str; 27] = [
    "alerts",
    "audit",
    "backtests",
    "deliveries",
    "destinations",
    "drills",
    "explain",
    "health",
    "hours",
    "inventory",
    "keys",
    "latency",
    "ledger",
    "live",
    "maintenance",
    "messages",
    "mibs",
    "noise",
    "patterns",
    "quiet",
    "revisions",
    "rules",
    "settings",
    "silences",
    "status",
    "teams",
    "users",
];

/// Refuses a scope that names what there is not.
///
/// # Errors
/// What is wrong with it.
pub fn check_scope(scope: &[String]) -> Result<(), String> {
    match scope.iter().find(|one| !SCOPES.contains(&one.as_str())) {
        None if scope.len() <= SCOPES.len() => Ok(()),
        None => Err("names something twice".to_owned()),
        Some(one) => Err(format!("`{one}` is no group of paths: {}", SCOPES.join(", "))),
    }
}

/// How long a key of so many days lives.
///
/// # Errors
/// If that is out of range.
pub fn days(days: u32) -> Result<Duration, String> {
    match days {
        1..=3_650 => Ok(Duration::from_secs(u64::from(days) * 24 * 3_600)),
        days => Err(format!("is {days}: a key lives 1 to 3,650 days, or for ever")),
    }
}

/// Refuses a name that would not do in a log or a path.
///
/// # Errors
/// What is wrong with it.
pub fn check_name(name: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(good) {
        return Ok(());
    }
    Err(format!(
        "`{name}` is no name of a key or a user: use 1 to 64 letters, digits, `-`, `_`, `.`, `@`"
    ))
}

/// Takes a key away: within two seconds it opens nothing anywhere.
#[utoipa::path(delete, path = "/keys/{name}", tag = "keys",
    params(("name" = String, Path, description = "The key's name"), EditQuery),
    responses((status = 200, description = "It is gone", body = Saved)))]
async fn delete(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
) -> Result<Json<Saved>, Problem> {
    caller.must(Role::Admin)?;
    let saved = crate::items::remove(&site, &caller, &query, &headers, Kind::Key, &name).await?;
    Ok(Json(saved))
}
