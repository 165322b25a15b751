//! People who may sign in: made, changed and taken away by admins. A one-time password is shown
//! once; no answer ever has a hash.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use mutt_event::Timestamp;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{Role, User};
use mutt_store::{Ending, Kind, People, PeopleChange};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::etag::{self, Condition};
use crate::page::Page;
use crate::problem::{Fault, Problem};
use crate::request::{Body, EditQuery, Name, PageQuery, Query};
use crate::site::{Latest, Saved, Site};
use crate::{items, keys, passwords};

/// The longest name for people, in bytes.
const DISPLAY_BYTES_MAX: usize = 200;
/// The most teams of a person or a key.
const TEAMS_MAX: usize = 100;

/// The paths of users.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(put, delete))
        .routes(routes!(reset))
        .routes(routes!(end_sessions))
        .routes(routes!(unlock))
}

/// A person who may sign in.
#[derive(Serialize, ToSchema)]
struct UserView {
    /// The name that they sign in with.
    name: String,
    /// What people call them.
    display_name: String,
    /// What they may do.
    role: Role,
    /// The teams whose alerts, silences and rules they may change; empty: all.
    teams: Vec<String>,
    /// They may not sign in.
    disabled: bool,
    /// Until when a one-time password opens, in RFC 3339; null: they have one of their own.
    one_time_until: Option<String>,
    /// The catalog's revision that made it: its ETag.
    revision: u64,
}

/// All users, by name.
#[utoipa::path(get, path = "/users", tag = "users", params(PageQuery), responses(
    (status = 200, description = "A page of users", body = Page<UserView>),
))]
async fn list(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<UserView>>, Problem> {
    caller.must(Role::Admin)?;
    let latest = site.latest().await?;
    let mut users: Vec<&User> = latest.parts.users.iter().collect();
    users.sort_by(|a, b| a.name.cmp(&b.name));
    let show = |user: &User| UserView {
        name: user.name.clone(),
        display_name: user.display_name.clone(),
        role: user.role,
        teams: user.teams.clone(),
        disabled: user.disabled,
        one_time_until: user.one_time_until.map(|at| at.to_string()),
        revision: latest.revision_of(Kind::User, &user.name).unwrap_or_default(),
    };
    Page::of(users.into_iter(), &page, |user| user.name.clone(), show).map(Json)
}

/// A user who is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    /// The name that they sign in with: letters, digits, `-`, `_`, `.`, `@`; 1 to 64 of them.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    #[serde(flatten)]
    rights: UserRights,
}

/// What a user may.
#[derive(Deserialize, ToSchema)]
struct UserRights {
    /// What people call them.
    #[serde(default)]
    #[schema(max_length = 200)]
    display_name: String,
    /// What they may do.
    role: Role,
    /// The teams whose alerts, silences and rules they may change; empty: all.
    #[serde(default)]
    #[schema(max_items = 100)]
    teams: Vec<String>,
    /// They may not sign in.
    #[serde(default)]
    disabled: bool,
}

/// A new user, or one with another password.
#[derive(Serialize, ToSchema)]
struct OneTime {
    /// The name that they sign in with.
    name: String,
    /// What opens once, and is kept nowhere: this is the only time that it is shown. With it they
    /// set a password of their own and do nothing else.
    one_time_password: String,
    /// Until when it opens, in RFC 3339.
    until: String,
    /// The catalog's last revision.
    revision: u64,
}

/// Refuses teams that make no sense with a role.
///
/// # Errors
/// What is wrong with them.
pub fn check_teams(role: Role, teams: &[String]) -> Result<(), String> {
    if role == Role::Admin && !teams.is_empty() {
        return Err("an admin changes what is of all teams: leave them out".to_owned());
    }
    let bad = |team: &String| team.trim().is_empty() || team.len() > 200;
    if teams.len() > TEAMS_MAX || teams.iter().any(bad) {
        return Err(format!("at most {TEAMS_MAX} teams, each with a name of 1 to 200 bytes"));
    }
    Ok(())
}

impl UserRights {
    fn check(&self) -> Result<(), Problem> {
        let invalid =
            |path: &str, why: String| Problem::invalid(vec![Fault::of_request(path, why)]);
        check_teams(self.role, &self.teams).map_err(|why| invalid("teams", why))?;
        if self.display_name.len() > DISPLAY_BYTES_MAX {
            return Err(invalid("display_name", format!("at most {DISPLAY_BYTES_MAX} bytes")));
        }
        Ok(())
    }
}

/// A user with a one-time password, which comes beside.
///
/// # Errors
/// If it cannot be hashed.
pub fn with_one_time(user: User, now: Timestamp) -> Result<(User, SecretString), String> {
    let password = passwords::one_time();
    let (hash, until) = (passwords::hash(&password)?, passwords::one_time_until(now));
    Ok((User { password: hash, one_time_until: Some(until), ..user }, password))
}

async fn one_time(user: User) -> Result<(User, SecretString), Problem> {
    let now = SystemClock.now();
    crate::site::blocking(move || with_one_time(user, now)).await?.map_err(Problem::internal)
}

fn shown(user: User, password: &SecretString, revision: u64) -> OneTime {
    let until = user.one_time_until.map(|at| at.to_string()).unwrap_or_default();
    let one_time_password = password.expose_secret().to_owned();
    OneTime { name: user.name, one_time_password, until, revision }
}

/// Makes a user, with a one-time password.
#[utoipa::path(post, path = "/users", tag = "users", params(EditQuery), request_body = NewUser,
    responses((status = 201, description = "The one-time password, this once", body = OneTime)))]
async fn create(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(query): Query<EditQuery>,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Admin)?;
    no_dry_run(&query)?;
    let NewUser { name, rights } = body.json()?;
    keys::check_name(&name)
        .map_err(|why| Problem::invalid(vec![Fault::of_request("name", why)]))?;
    rights.check()?;
    let UserRights { display_name, role, teams, disabled } = rights;
    let password = String::new();
    let user = User { name, display_name, role, teams, password, one_time_until: None, disabled };
    let (user, password) = one_time(user).await?;
    let saved = site
        .edit(&caller, &query, |latest, proposal| {
            is_free(latest, &user.name)?;
            proposal.put_user(user.clone());
            Ok(())
        })
        .await?;
    let made = shown(user, &password, saved.revision);
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// What is done by a user and by a key shall be told apart by the name.
pub(crate) fn is_free(latest: &Latest, name: &str) -> Result<(), Problem> {
    for kind in [Kind::User, Kind::Key] {
        if latest.revision_of(kind, name).is_some() {
            return Err(Problem::conflict(format!("{} `{name}` is there already", kind.name())));
        }
    }
    Ok(())
}

fn no_dry_run(query: &EditQuery) -> Result<(), Problem> {
    match query.dry_run {
        true => Err(Problem::unreadable("it is done or not: dry_run has no meaning here")),
        false => Ok(()),
    }
}

fn found<'l>(latest: &'l Latest, name: &str) -> Result<&'l User, Problem> {
    let user = latest.parts.users.iter().find(|user| user.name == name);
    user.ok_or_else(|| Problem::not_found(format!("there is no user `{name}`")))
}

/// Changes what a user may; their sessions end if that is another.
#[utoipa::path(put, path = "/users/{name}", tag = "users",
    params(("name" = String, Path, description = "The user's name"), EditQuery),
    request_body = UserRights,
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
    let rights: UserRights = body.json()?;
    rights.check()?;
    let condition = Condition::of(&headers);
    let saved = site
        .edit(&caller, &query, |latest, proposal| {
            let user = found(latest, &name)?;
            let revision = latest.revision_of(Kind::User, &name);
            condition.check(&format!("user `{name}`"), revision)?;
            proposal.put_user(User {
                display_name: rights.display_name.clone(),
                role: rights.role,
                teams: rights.teams.clone(),
                disabled: rights.disabled,
                ..user.clone()
            });
            Ok(())
        })
        .await?;
    Ok(([etag::header(saved.revision)], Json(saved)).into_response())
}

/// Takes a user away; their sessions end at once.
#[utoipa::path(delete, path = "/users/{name}", tag = "users",
    params(("name" = String, Path, description = "The user's name"), EditQuery),
    responses((status = 200, description = "They are gone", body = Saved)))]
async fn delete(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
) -> Result<Json<Saved>, Problem> {
    caller.must(Role::Admin)?;
    let saved = items::remove(&site, &caller, &query, &headers, Kind::User, &name).await?;
    Ok(Json(saved))
}

/// Gives a user a one-time password; their sessions end at once.
#[utoipa::path(post, path = "/users/{name}/password", tag = "users",
    params(("name" = String, Path, description = "The user's name"), EditQuery),
    responses((status = 200, description = "The one-time password, this once", body = OneTime)))]
async fn reset(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
) -> Result<Json<OneTime>, Problem> {
    caller.must(Role::Admin)?;
    no_dry_run(&query)?;
    let user = found(&*site.latest().await?, &name)?.clone();
    let (user, password) = one_time(user).await?;
    let saved = site
        .edit(&caller, &query, |latest, proposal| {
            let now = found(latest, &name)?.clone();
            let (hash, until) = (user.password.clone(), user.one_time_until);
            proposal.put_user(User { password: hash, one_time_until: until, ..now });
            Ok(())
        })
        .await?;
    let forgive = Some(name);
    site.store.people(PeopleChange { forgive, ..PeopleChange::default() }).await?;
    Ok(Json(shown(user, &password, saved.revision)))
}

/// How many sessions ended.
#[derive(Serialize, ToSchema)]
struct Ended {
    /// So many.
    sessions: u64,
}

/// Ends all sessions of somebody, a user or `oidc:NAME`.
#[utoipa::path(delete, path = "/users/{name}/sessions", tag = "users",
    params(("name" = String, Path, description = "The user's name")),
    responses((status = 200, description = "They are over", body = Ended)))]
async fn end_sessions(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
) -> Result<Json<Ended>, Problem> {
    caller.must(Role::Admin)?;
    let (audit, end) = (vec![caller.did("sessions-end", &name)], Some(Ending::AllOf(name)));
    let change = PeopleChange { end, audit, ..PeopleChange::default() };
    let sessions = site.store.people(change).await?;
    Ok(Json(Ended { sessions }))
}

/// Lets somebody try to sign in again, whose attempts were too many.
#[utoipa::path(delete, path = "/users/{name}/lock", tag = "users",
    params(("name" = String, Path, description = "The user's name")),
    responses((status = 204, description = "They may try again")))]
async fn unlock(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
) -> Result<StatusCode, Problem> {
    caller.must(Role::Admin)?;
    let (audit, forgive) = (vec![caller.did("unlock", &name)], Some(name));
    site.store.people(PeopleChange { forgive, audit, ..PeopleChange::default() }).await?;
    Ok(StatusCode::NO_CONTENT)
}
