//! Signing in by a name and a password, and setting another password.
//!
//! From: whoever knows a password, or tries some. To: a session. Attempts are counted before they
//! are looked at: by name in the database, over all processes; by address in this one.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mutt_event::Timestamp;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::User;
use mutt_store::{AuditEntry, Ending, People, PeopleChange, SignInAttempt};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::addresses::Peer;
use crate::auth::Caller;
use crate::problem::{Fault, Problem};
use crate::request::{Body, EditQuery};
use crate::session::{self, SessionView, Signed, Whose};
use crate::site::Site;
use crate::{cookies, keys, passwords};

/// A longer one is nobody's.
const PASSWORD_BYTES_MAX: usize = 1_024;

/// The paths of signing in.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(set_password))
}

impl FromRequestParts<Arc<Site>> for Peer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Site>) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>().copied();
        peer.ok_or_else(|| Problem::internal("the connection has no address"))
    }
}

/// A name and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The user's name.
    #[schema(max_length = 64)]
    name: String,
    /// Their password.
    #[schema(value_type = String, max_length = 1024, format = Password)]
    password: SecretString,
}

/// What comes of an attempt.
struct Tried<'a> {
    site: &'a Site,
    name: &'a str,
    peer: Peer,
    at: Timestamp,
}

impl Tried<'_> {
    fn entry(&self, what: &str, done: bool, why: &str) -> AuditEntry {
        AuditEntry {
            at: self.at,
            who: self.name.to_owned(),
            from: self.peer.0.ip().to_canonical().to_string(),
            what: what.to_owned(),
            done,
            why: why.to_owned(),
            ..AuditEntry::default()
        }
    }

    async fn refused(&self, what: &str, why: &str) -> Result<(), Problem> {
        self.site.addresses.failed(self.peer.0.ip(), self.at);
        tracing::warn!(name = self.name, from = %self.peer.0, why, "{what}: refused");
        let audit = vec![self.entry(what, false, why)];
        self.site.store.people(PeopleChange { audit, ..PeopleChange::default() }).await?;
        Ok(())
    }

    /// Counts the attempt; refuses it if there were too many.
    async fn count(&self, what: &str) -> Result<(), Problem> {
        if let Some(until) = self.site.addresses.refused_until(self.peer.0.ip(), self.at) {
            return Err(locked("this address failed too often", until, self.at));
        }
        match self.site.store.attempt(self.name, self.at).await? {
            SignInAttempt::Free => Ok(()),
            SignInAttempt::Locked(until) => {
                self.refused(what, "too many failures: it was not looked at").await?;
                Err(locked("too many failures under this name", until, self.at))
            }
        }
    }
}

fn locked(why: &str, until: Timestamp, now: Timestamp) -> Problem {
    let seconds = until.since(now).as_secs() + 1;
    Problem::too_many(format!("{why}: wait {seconds} s")).retry_after(seconds)
}

/// Signs in. Too many failures are answered by 429, whoever has the name.
#[utoipa::path(post, path = "/session", tag = "session", request_body = SignIn, security(()),
    responses((status = 201, description = "A session, in a cookie", body = SessionView)))]
async fn create(
    State(site): State<Arc<Site>>,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    cookies::same_site(&headers)?;
    let SignIn { name, password } = body.json()?;
    keys::check_name(&name).map_err(Problem::unreadable)?;
    check_length(&password)?;
    let tried = Tried { site: &site, name: &name, peer, at: SystemClock.now() };
    tried.count("sign-in").await?;
    let latest = site.latest().await?;
    let user = latest.parts.users.iter().find(|user| user.name == name);
    let phc = user.map(|user| user.password.as_str());
    let same = site.hasher.verify(password, phc).await?;
    let good = user.filter(|user| same && user.may_sign_in(tried.at));
    let Some(user) = good else {
        let why = match user {
            Some(_) if same => "disabled, or the one-time password is over",
            Some(_) => "wrong password",
            None => "no such user",
        };
        tried.refused("sign-in", why).await?;
        return Err(Problem::not_signed_in());
    };
    let audit = vec![tried.entry("sign-in", true, "")];
    let end = session::ending(&site, &headers);
    let id = session::open(&site, Whose::User(user), end, audit).await?;
    tracing::info!(name, from = %peer.0, "sign-in");
    answer(&site, &id, StatusCode::CREATED).await
}

fn check_length(password: &SecretString) -> Result<(), Problem> {
    use secrecy::ExposeSecret as _;
    match password.expose_secret().len() <= PASSWORD_BYTES_MAX {
        true => Ok(()),
        false => Err(Problem::unreadable("no password is that long")),
    }
}

/// Says who they are now, with the cookie of a new session.
async fn answer(site: &Site, id: &str, status: StatusCode) -> Result<Response, Problem> {
    let cookie = site.cookies.strict(site.cookies.session(), id);
    let mut headers = HeaderMap::new();
    let pair = format!("{}={id}", site.cookies.session());
    if let Ok(pair) = pair.parse() {
        headers.insert(header::COOKIE, pair);
    }
    let caller = session::caller(site, &headers).await?;
    let view = SessionView::from(caller.ok_or_else(Problem::unauthorized)?);
    Ok((status, [(header::SET_COOKIE, cookie)], Json(view)).into_response())
}

/// A password for another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// The one so far.
    #[schema(value_type = String, max_length = 1024, format = Password)]
    old: SecretString,
    /// The new one: 12 to 128 characters, any, and not easily guessed.
    #[schema(value_type = String, max_length = 1024, format = Password)]
    new: SecretString,
}

/// Sets your password. All your sessions end, and this one goes on under another cookie.
#[utoipa::path(put, path = "/session/password", tag = "session", request_body = NewPassword,
    responses((status = 200, description = "It is set", body = SessionView)))]
async fn set_password(
    State(site): State<Arc<Site>>,
    caller: Caller,
    peer: Peer,
    body: Body,
) -> Result<Response, Problem> {
    if !matches!(&caller.session, Some(Signed { by_oidc: false, .. })) {
        return Err(Problem::conflict("only who signed in by a password has one here"));
    }
    let NewPassword { old, new } = body.json()?;
    check_length(&old)?;
    let tried = Tried { site: &site, name: &caller.name, peer, at: SystemClock.now() };
    tried.count("password").await?;
    let latest = site.latest().await?;
    let user = latest.parts.users.iter().find(|user| user.name == caller.name);
    let before = user.ok_or_else(Problem::unauthorized)?;
    if !site.hasher.verify(old.clone(), Some(&before.password)).await? {
        tried.refused("password", "wrong password").await?;
        return Err(Problem::not_signed_in());
    }
    let forgive = Some(caller.name.clone());
    site.store.people(PeopleChange { forgive, ..PeopleChange::default() }).await?;
    let user = User { one_time_until: None, ..with_password(&site, before, &old, new).await? };
    let query = EditQuery { why: Some("their password".to_owned()), dry_run: false };
    site.edit(&caller, &query, |latest, proposal| {
        // What an admin did meanwhile (disabled them, say) is not undone.
        if !latest.parts.users.contains(before) {
            return Err(Problem::outdated("the user was changed meanwhile: sign in again"));
        }
        proposal.put_user(user.clone());
        Ok(())
    })
    .await?;
    let end = Some(Ending::AllOf(user.name.clone()));
    let audit = vec![tried.entry("password", true, "")];
    let id = session::open(&site, Whose::User(&user), end, audit).await?;
    answer(&site, &id, StatusCode::OK).await
}

async fn with_password(
    site: &Site,
    user: &User,
    old: &SecretString,
    new: SecretString,
) -> Result<User, Problem> {
    use secrecy::ExposeSecret as _;
    let names = [user.name.clone(), user.display_name.clone()];
    let (tried, same) = (new.clone(), new.expose_secret() == old.expose_secret());
    let check = move || {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        passwords::check(tried.expose_secret(), &names)
    };
    let why = match crate::site::blocking(check).await? {
        Ok(()) if same => Err("is the one so far".to_owned()),
        checked => checked,
    };
    why.map_err(|why| Problem::invalid(vec![Fault::of_request("new", why)]))?;
    Ok(User { password: site.hasher.hash(new).await?, ..user.clone() })
}
