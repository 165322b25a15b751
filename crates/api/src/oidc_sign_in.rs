//! Signing in at a provider of OpenID Connect.
//!
//! From: a browser that a provider sends back. To: a session that holds what the person's groups
//! may do; they are no user of the catalog. What belongs to a sign-in on its way is kept in a cookie
//! of that browser, so any process may finish what another began.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mutt_journal::{Clock, SystemClock};
use mutt_store::{AuditEntry, People, PeopleChange};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::addresses::Peer;
use crate::auth::same;
use crate::cookies;
use crate::oidc::{Oidc, OidcError, Pending, Person};
use crate::problem::Problem;
use crate::request::Query;
use crate::session::{self, Whose};
use crate::site::Site;

/// Leads on, by the browser itself: so it sends the new cookie, which it would not send in answer to
/// another site's redirection.
const LEADS_ON: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
                        <meta http-equiv=\"refresh\" content=\"0; url=/\"><title>MUTT</title></head>\
                        <body><a href=\"/\">Signed in</a></body></html>";

/// The paths of signing in by a provider.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(callback))
}

fn provider(site: &Site) -> Result<&Oidc, Problem> {
    let none = || Problem::not_found("no provider is set: see [oidc] of the settings");
    site.oidc.as_ref().ok_or_else(none)
}

/// Leads a browser to the provider that people sign in at.
#[utoipa::path(get, path = "/session/oidc", tag = "session", security(()), responses(
    (status = 303, description = "To the provider", headers(("Location" = String))),
))]
async fn begin(State(site): State<Arc<Site>>) -> Result<Response, Problem> {
    let (url, pending) = provider(&site)?.begin().await?;
    // Texts always serialise.
    let kept = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&pending).unwrap_or_default());
    let cookie = site.cookies.lax(site.cookies.pending(), &kept);
    let headers = [(header::SET_COOKIE, cookie)];
    Ok((StatusCode::SEE_OTHER, headers, [(header::LOCATION, url)]).into_response())
}

/// What a provider sends a browser back with.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Back {
    /// What the sign-in began with.
    state: Option<String>,
    /// What the person's tokens are had for.
    code: Option<String>,
    /// Why there is none.
    error: Option<String>,
}

/// Signs a browser in that comes back from the provider.
#[utoipa::path(get, path = "/session/oidc/callback", tag = "session", security(()), params(Back),
    responses((status = 200, description = "Signed in; it leads on", body = String,
        content_type = "text/html")))]
async fn callback(
    State(site): State<Arc<Site>>,
    peer: Peer,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Problem> {
    let oidc = provider(&site)?;
    let now = SystemClock.now();
    if let Some(until) = site.addresses.refused_until(peer.0.ip(), now) {
        let seconds = until.since(now).as_secs() + 1;
        let why = "this address failed too often";
        return Err(Problem::too_many(why).retry_after(seconds));
    }
    let person = match came_back(oidc, &site, &headers, back).await {
        Ok(person) => person,
        Err(error) => {
            site.addresses.failed(peer.0.ip(), now);
            let why = error.to_string();
            tracing::warn!(from = %peer.0, why, "sign-in: refused");
            let audit = vec![entry(peer, "oidc:", &why)];
            site.store.people(PeopleChange { audit, ..PeopleChange::default() }).await?;
            return Err(error.into());
        }
    };
    let Person { name, role, teams } = person;
    let audit = vec![entry(peer, &name, "")];
    let end = session::ending(&site, &headers);
    let id = session::open(&site, Whose::Oidc { name, role, teams }, end, audit).await?;
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let mut response = (html, LEADS_ON).into_response();
    let cookies = site.cookies;
    response.headers_mut().append(header::SET_COOKIE, cookies.strict(cookies.session(), &id));
    response.headers_mut().append(header::SET_COOKIE, cookies.forget(cookies.pending()));
    Ok(response)
}

/// What the audit says of a sign-in; `why`: of one that failed.
fn entry(peer: Peer, who: &str, why: &str) -> AuditEntry {
    AuditEntry {
        at: SystemClock.now(),
        who: who.to_owned(),
        from: peer.0.ip().to_canonical().to_string(),
        what: "sign-in".to_owned(),
        item: "OpenID Connect".to_owned(),
        done: why.is_empty(),
        why: why.to_owned(),
        ..AuditEntry::default()
    }
}

async fn came_back(
    oidc: &Oidc,
    site: &Site,
    headers: &HeaderMap,
    back: Back,
) -> Result<Person, OidcError> {
    let kept = cookies::read(headers, site.cookies.pending());
    let kept = kept.and_then(|kept| URL_SAFE_NO_PAD.decode(kept).ok());
    let pending: Option<Pending> = kept.and_then(|kept| serde_json::from_slice(&kept).ok());
    let pending = pending.ok_or(OidcError::NotBegun)?;
    if !back.state.is_some_and(|state| same(&state, &pending.state)) {
        return Err(OidcError::NotBegun);
    }
    match (back.code, back.error) {
        (Some(code), None) => oidc.finish(code, pending).await,
        (_, Some(error)) => Err(OidcError::Refused(error.chars().take(200).collect())),
        (None, None) => Err(OidcError::Refused("it sent no code".to_owned())),
    }
}
