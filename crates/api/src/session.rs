//! People sign in by a password, and have a session until they sign out or it is over.
//!
//! From: a browser. To: the table of sessions, which all processes share: what ends at one is over
//! at all. A session carries a stamp of its user's item; when that becomes another (role, password,
//! disabled, gone), every session from before is over, whoever changed it.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mutt_event::Timestamp;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{Role, User};
use mutt_store::{AuditEntry, Ending, People, PeopleChange, Session};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Caller, digest, random_text};
use crate::cookies;
use crate::problem::Problem;
use crate::request::Query;
use crate::site::Site;

/// Use is written down at most so often.
const USED_EVERY: Duration = Duration::from_secs(60);

/// How long sessions last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionLimits {
    /// Without use.
    pub idle: Duration,
    /// However they are used.
    pub absolute: Duration,
}

/// The paths of sessions, but signing in.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(get, delete))
}

/// A session of a caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// SHA-256 of its id.
    pub digest: String,
    /// What changes have to carry.
    pub csrf: String,
    /// The password is one for once.
    pub must_change: bool,
    /// They came by OpenID Connect.
    pub by_oidc: bool,
    /// When it ends, however it is used.
    pub ends_at: Timestamp,
}

/// What is kept of a session beside its times.
#[derive(Serialize, Deserialize)]
struct Kept {
    csrf: String,
    sort: Sort,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    /// Of a user of the catalog, as they were.
    User { stamp: String },
    /// Of somebody whom a provider vouches for, with what it said of them.
    Oidc { role: Role, teams: Vec<String> },
}

/// Who a session is made for.
pub enum Whose<'a> {
    /// A user of the catalog.
    User(&'a User),
    /// Somebody whom a provider vouches for.
    Oidc {
        /// Their name.
        name: String,
        /// What their groups may do.
        role: Role,
        /// Whose alerts, silences and rules they may change.
        teams: Vec<String>,
    },
}

/// What a user's sessions depend on.
fn stamp(user: &User) -> String {
    // Texts always serialise; an empty one would be the same for all.
    let parts = (&user.role, &user.teams, &user.password, user.disabled, user.one_time_until);
    digest(&serde_json::to_string(&parts).unwrap_or_default())
}

/// Begins a session and answers the value of its cookie. A session from before ends: ids are never
/// gone on with.
pub async fn open(
    site: &Site,
    whose: Whose<'_>,
    end: Option<Ending>,
    audit: Vec<AuditEntry>,
) -> Result<String, Problem> {
    let (who, sort) = match whose {
        Whose::User(user) => (user.name.clone(), Sort::User { stamp: stamp(user) }),
        Whose::Oidc { name, role, teams } => (name, Sort::Oidc { role, teams }),
    };
    let (id, now) = (random_text(), SystemClock.now());
    let kept = Kept { csrf: random_text(), sort };
    let session = Session {
        digest: digest(&id),
        who: who.clone(),
        made_at: now,
        used_at: now,
        ends_at: now.after(site.sessions.absolute),
        // Texts always serialise.
        body: serde_json::to_string(&kept).unwrap_or_default(),
    };
    let forgive = Some(who);
    let change = PeopleChange { open: Some(session), end, forgive, audit, used: None };
    site.store.people(change).await?;
    Ok(id)
}

/// The session that a browser has, to be ended where another begins.
pub fn ending(site: &Site, headers: &HeaderMap) -> Option<Ending> {
    let id = cookies::read(headers, site.cookies.session())?;
    Some(Ending::One(digest(id)))
}

/// Whose session a request comes with; none: it has none that is still good.
pub async fn caller(site: &Site, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let Some((caller, digest, used_at)) = known(site, headers).await? else { return Ok(None) };
    let now = SystemClock.now();
    if now >= used_at.after(USED_EVERY) {
        let used = Some((digest, now));
        site.store.people(PeopleChange { used, ..PeopleChange::default() }).await?;
    }
    Ok(Some(caller))
}

/// The same, with the session's digest and when it was used last; to ask is no use of it.
pub async fn known(
    site: &Site,
    headers: &HeaderMap,
) -> Result<Option<(Caller, String, Timestamp)>, Problem> {
    let Some(id) = cookies::read(headers, site.cookies.session()) else { return Ok(None) };
    let Some(session) = site.store.session(&digest(id)).await? else { return Ok(None) };
    let now = SystemClock.now();
    if now >= session.ends_at || now >= session.used_at.after(site.sessions.idle) {
        return Ok(None);
    }
    let Ok(kept) = serde_json::from_str::<Kept>(&session.body) else { return Ok(None) };
    let (role, teams, must_change, by_oidc) = match kept.sort {
        Sort::Oidc { .. } if site.oidc.is_none() => return Ok(None),
        Sort::Oidc { role, teams } => (role, teams, false, true),
        Sort::User { stamp: then } => {
            let latest = site.latest().await?;
            let user = latest.parts.users.iter().find(|user| user.name == session.who);
            let good = user.filter(|user| stamp(user) == then && user.may_sign_in(now));
            let Some(user) = good else { return Ok(None) };
            (user.role, user.teams.clone(), user.one_time_until.is_some(), false)
        }
    };
    let Session { digest, who, ends_at, used_at, .. } = session;
    let signed = Signed { digest: digest.clone(), csrf: kept.csrf, must_change, by_oidc, ends_at };
    let (scope, session) = (Vec::new(), Some(signed));
    Ok(Some((Caller { name: who, role, teams, scope, from: None, session }, digest, used_at)))
}

/// Who somebody is here.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    /// Their name, or their key's.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The teams whose alerts, silences and rules they may change; empty: all.
    pub teams: Vec<String>,
    /// The groups of paths that their key opens; empty: all.
    pub scope: Vec<String>,
    /// How they are known: `key`, `password` or `oidc`.
    pub by: &'static str,
    /// Whether they have to set a password before they do anything else.
    pub must_change: bool,
    /// What changes by a session carry as `X-MUTT-CSRF`; null: with a key none is needed.
    pub csrf: Option<String>,
    /// When the session ends at the latest, in RFC 3339; null: there is none.
    pub ends_at: Option<String>,
}

impl From<Caller> for SessionView {
    fn from(caller: Caller) -> Self {
        let by = match &caller.session {
            None => "key",
            Some(signed) if signed.by_oidc => "oidc",
            Some(_) => "password",
        };
        Self {
            by,
            must_change: caller.session.as_ref().is_some_and(|signed| signed.must_change),
            ends_at: caller.session.as_ref().map(|signed| signed.ends_at.to_string()),
            csrf: caller.session.map(|signed| signed.csrf),
            name: caller.name,
            role: caller.role,
            teams: caller.teams,
            scope: caller.scope,
        }
    }
}

/// Who you are, and what you may do.
#[utoipa::path(get, path = "/session", tag = "session", responses(
    (status = 200, description = "You", body = SessionView),
))]
async fn get(caller: Caller) -> Json<SessionView> {
    Json(caller.into())
}

/// Which sessions end.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SignOut {
    /// All sessions of this person end, at every browser.
    #[serde(default)]
    all: bool,
}

/// Signs out: the session is over at every process at once.
#[utoipa::path(delete, path = "/session", tag = "session", params(SignOut), responses(
    (status = 204, description = "It is over"),
))]
async fn delete(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(how): Query<SignOut>,
) -> Result<Response, Problem> {
    let Some(signed) = &caller.session else {
        return Err(Problem::conflict("a key has no session: delete it under /keys"));
    };
    let end = match how.all {
        true => Ending::AllOf(caller.name.clone()),
        false => Ending::One(signed.digest.clone()),
    };
    let audit = vec![caller.did("sign-out", if how.all { "all sessions" } else { "" })];
    site.store.people(PeopleChange { end: Some(end), audit, ..PeopleChange::default() }).await?;
    let forget = site.cookies.forget(site.cookies.session());
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, forget)]).into_response())
}
