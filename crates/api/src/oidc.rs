//! A provider of OpenID Connect: the authorization code flow with PKCE, state and nonce.
//!
//! From: a code that a browser comes back with. To: who it is of, and what their groups may do.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mutt_pipeline::book::Role;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, TokenResponse,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::problem::Problem;

/// What a provider says of itself is asked anew after so long.
const METADATA_FOR: Duration = Duration::from_secs(300);
/// An answer of a provider has at most so many bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// A longer name of a person is cut.
const NAME_BYTES_MAX: usize = 100;
/// A provider, and what its groups may do here.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// The provider's issuer.
    pub issuer: String,
    /// This MUTT's id there.
    pub client_id: String,
    /// Its secret there.
    pub client_secret: SecretString,
    /// Where people come back to: this MUTT's `/api/v1/session/oidc/callback`.
    pub redirect_url: String,
    /// Scopes that are asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim of the ID token that lists groups.
    pub groups_claim: String,
    /// What members of a group may do; of several the most.
    pub roles: BTreeMap<String, Role>,
    /// The teams whose alerts, silences and rules members of a group may change.
    pub teams: BTreeMap<String, String>,
}

/// What asks a provider that said where it is to be asked.
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider that is asked.
pub struct Oidc {
    settings: OidcSettings,
    http: Http,
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

/// Why nobody was signed in.
#[derive(Debug, Error)]
pub enum OidcError {
    /// It does not answer, or not as one.
    #[error("the provider: {0}")]
    Provider(String),
    /// No cookie, or of another sign-in.
    #[error("the sign-in was not begun in this browser, or ten minutes ago: begin again")]
    NotBegun,
    /// A signature, a time or an audience.
    #[error("the provider's answer does not hold: {0}")]
    Untrue(String),
    /// It said no.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// They are somebody, and may do nothing.
    #[error("{0} is in no group that may do anything here")]
    NoGroup(String),
}

impl From<OidcError> for Problem {
    fn from(error: OidcError) -> Self {
        let text = error.to_string();
        match error {
            OidcError::Provider(_) => Problem::unavailable(text),
            OidcError::NotBegun => Problem::unreadable(text),
            OidcError::Untrue(_) | OidcError::Refused(_) | OidcError::NoGroup(_) => {
                Problem::forbidden(text)
            }
        }
    }
}

/// What a browser keeps until it comes back.
#[derive(Serialize, Deserialize)]
pub struct Pending {
    /// What the browser has to come back with.
    pub state: String,
    nonce: String,
    verifier: String,
}

/// Who came back.
pub struct Person {
    /// `oidc:` and their name.
    pub name: String,
    /// What their groups may do.
    pub role: Role,
    /// Whose alerts, silences and rules they may change.
    pub teams: Vec<String>,
}

/// Why a provider's answer was not had.
#[derive(Debug, Error)]
pub enum HttpError {
    /// No answer.
    #[error("{0}")]
    Request(#[from] reqwest::Error),
    /// Too much of one.
    #[error("an answer of over {ANSWER_BYTES_MAX} bytes")]
    Long,
    /// None that can be passed on.
    #[error("{0}")]
    Http(#[from] axum::http::Error),
}

/// Asks a provider, which is believed no more bytes than an answer of its kind has.
struct Http(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(ask(&self.0, request))
    }
}

async fn ask(http: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let (parts, body) = request.into_parts();
    let asked = http.request(parts.method, parts.uri.to_string());
    let mut answer = asked.headers(parts.headers).body(body).send().await?;
    let mut response = axum::http::Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES_MAX {
            return Err(HttpError::Long);
        }
    }
    Ok(response.body(body)?)
}

impl Oidc {
    /// A provider, asked by this client, which follows no redirection.
    pub fn new(settings: OidcSettings, http: reqwest::Client) -> Self {
        Self { settings, http: Http(http), known: Mutex::new(None) }
    }

    async fn metadata(&self) -> Result<CoreProviderMetadata, OidcError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, known)) = known.filter(|(at, _)| at.elapsed() < METADATA_FOR) {
            return Ok(known);
        }
        let provider = |error: &dyn std::error::Error| OidcError::Provider(words(error));
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|e| provider(&e))?;
        let found = CoreProviderMetadata::discover_async(issuer, &self.http).await;
        let found = found.map_err(|error| provider(&error))?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), found.clone()));
        Ok(found)
    }

    async fn client(&self) -> Result<Client, OidcError> {
        let OidcSettings { client_id, client_secret, redirect_url, .. } = &self.settings;
        let secret = ClientSecret::new(client_secret.expose_secret().to_owned());
        let redirect = RedirectUrl::new(redirect_url.clone());
        let redirect = redirect.map_err(|error| OidcError::Provider(words(&error)))?;
        let (metadata, id) = (self.metadata().await?, ClientId::new(client_id.clone()));
        let client = CoreClient::from_provider_metadata(metadata, id, Some(secret));
        Ok(client.set_redirect_uri(redirect))
    }

    /// Where a browser is sent, and what it keeps.
    pub async fn begin(&self) -> Result<(String, Pending), OidcError> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client().await?;
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let asked = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let (url, state, nonce) = asked.add_scopes(scopes).set_pkce_challenge(challenge).url();
        let pending = Pending {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        };
        Ok((url.to_string(), pending))
    }

    /// Who a code is of.
    pub async fn finish(&self, code: String, pending: Pending) -> Result<Person, OidcError> {
        let client = self.client().await?;
        let exchange = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| OidcError::Provider(words(&error)))?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier));
        let tokens = exchange.request_async(&self.http).await.map_err(|error| {
            let text = words(&error);
            match error {
                RequestTokenError::ServerResponse(_) => OidcError::Refused(text),
                _ => OidcError::Provider(text),
            }
        })?;
        self.settings.person(&self.verified(&client, &tokens, &Nonce::new(pending.nonce))?)
    }

    /// The claims of an ID token: of this provider, for this MUTT, of this sign-in.
    fn verified(
        &self,
        client: &Client,
        tokens: &CoreTokenResponse,
        nonce: &Nonce,
    ) -> Result<Value, OidcError> {
        let untrue = |error: &dyn std::error::Error| OidcError::Untrue(words(error));
        let none = || OidcError::Untrue("it has no ID token".to_owned());
        let id_token = tokens.id_token().ok_or_else(none)?;
        let verifier = client.id_token_verifier();
        let claims = id_token.claims(&verifier, nonce).map_err(|error| {
            // Perhaps the provider has other keys now: they are asked for next time.
            *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
            untrue(&error)
        })?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(|error| untrue(&error))?;
            let key = id_token.signing_key(&verifier).map_err(|error| untrue(&error))?;
            let found = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
            if found.map_err(|error| untrue(&error))? != *expected {
                return Err(OidcError::Untrue("its access token is of another".to_owned()));
            }
        }
        Ok(payload(&id_token.to_string()))
    }
}

impl OidcSettings {
    /// Who the claims of an ID token are of; they were verified.
    fn person(&self, claims: &Value) -> Result<Person, OidcError> {
        let text = |claim: &str| claims[claim].as_str().filter(|text| !text.is_empty());
        let name = text("preferred_username").or(text("email")).or(text("sub"));
        let name = name.unwrap_or_default();
        let fits = |letter: &char| letter.is_ascii_graphic() && *letter != '/';
        let name: String = name.chars().filter(fits).take(NAME_BYTES_MAX).collect();
        let name = format!("oidc:{name}");
        let groups = match &claims[self.groups_claim.as_str()] {
            Value::Array(groups) => groups.iter().filter_map(Value::as_str).collect(),
            Value::String(group) => vec![group.as_str()],
            _ => Vec::new(),
        };
        let role = groups.iter().filter_map(|group| self.roles.get(*group)).max();
        let role = *role.ok_or_else(|| OidcError::NoGroup(name.clone()))?;
        let mut teams: Vec<String> =
            groups.iter().filter_map(|group| self.teams.get(*group).cloned()).collect();
        if role == Role::Admin {
            teams.clear(); // they are of all
        } else if teams.is_empty() && !self.teams.is_empty() {
            teams.push(String::new()); // of none
        }
        Ok(Person { name, role, teams })
    }
}

/// The claims of a token whose signature was verified.
fn payload(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// An error with all that caused it.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn oidc(teams: &[(&str, &str)]) -> OidcSettings {
        let own = |(one, other): &(&str, &str)| ((*one).to_owned(), (*other).to_owned());
        let roles = [("noc", Role::Operator), ("ops", Role::Admin), ("eng", Role::Author)];
        OidcSettings {
            issuer: String::new(),
            client_id: String::new(),
            client_secret: SecretString::default(),
            redirect_url: String::new(),
            scopes: Vec::new(),
            groups_claim: "groups".to_owned(),
            roles: roles.map(|(group, role)| (group.to_owned(), role)).into(),
            teams: teams.iter().map(own).collect(),
        }
    }

    #[test]
    fn groups_become_the_highest_role_and_teams() {
        let of = |teams: &[(&str, &str)], groups: &[&str]| {
            let claims = json!({ "sub": "1", "preferred_username": "a/nn\n", "groups": groups });
            oidc(teams).person(&claims).map(|person| (person.name, person.role, person.teams)).ok()
        };
        let net = [("net-team", "net")];
        let own = |teams: &[&str]| teams.iter().map(|team| (*team).to_owned()).collect();
        let ann = "oidc:ann".to_owned();
        assert_eq!(of(&net, &["other"]), None);
        assert_eq!(of(&[], &["noc", "eng"]), Some((ann.clone(), Role::Author, own(&[]))));
        assert_eq!(
            of(&net, &["noc", "net-team"]),
            Some((ann.clone(), Role::Operator, own(&["net"])))
        );
        assert_eq!(of(&net, &["noc"]), Some((ann.clone(), Role::Operator, own(&[""]))));
        assert_eq!(of(&net, &["ops"]), Some((ann, Role::Admin, own(&[]))));
    }
}
