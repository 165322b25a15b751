//! The calls, over HTTP. From: the session. To: Vault; its answer, or a [`Fault`] by status.

use std::error::Error as _;
use std::time::Duration;

use mutt_secrets::zeroize::Zeroizing;
use mutt_secrets::{ExposeSecret, SecretString, scrub};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::answer::{Errors, Fields, WithAuth, WithSecret, WithSecretId};
use crate::{Fault, SecretPath};

/// The most of an answer that is read, in bytes.
const BODY_BYTES_MAX: usize = 1 << 20;
/// The most of Vault's own words that is passed on, in characters.
const SAID_MAX: usize = 200;

/// What a login or a renewal gives.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The token.
    pub token: SecretString,
    /// How long it lasts; zero: without an end.
    pub lease: Duration,
    /// Whether it can be renewed.
    pub renewable: bool,
}

/// The calls that MUTT makes.
pub trait Api: Send + Sync {
    /// Logs in by AppRole.
    fn login(
        &self,
        role_id: &SecretString,
        secret_id: &SecretString,
    ) -> impl Future<Output = Result<Grant, Fault>> + Send;

    /// Renews the token for as long as its login gave.
    fn renew(&self, token: &SecretString) -> impl Future<Output = Result<Grant, Fault>> + Send;

    /// Takes the secret id out of its wrapping, which can be done once.
    fn unwrap(
        &self,
        wrapping: &SecretString,
    ) -> impl Future<Output = Result<SecretString, Fault>> + Send;

    /// Reads the latest version of a secret.
    fn read(
        &self,
        token: &SecretString,
        at: &SecretPath,
    ) -> impl Future<Output = Result<Fields, Fault>> + Send;
}

/// Where Vault is.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// Its address, such as `https://vault.example.net:8200`.
    pub address: Url,
    /// Where AppRole is mounted: `approle`.
    pub approle_mount: String,
    /// The namespace of all calls, if there is one.
    pub namespace: Option<String>,
    /// From the first packet to the answer's end.
    pub timeout: Duration,
}

/// The real client: HTTP/1.1, no redirects, no proxy.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    settings: ClientSettings,
}

impl Client {
    /// Makes one that trusts what `tls` says.
    ///
    /// # Errors
    /// The namespace is no header's value, or there is no client to be had; in words.
    pub fn new(settings: ClientSettings, tls: rustls::ClientConfig) -> Result<Self, String> {
        let mut headers = HeaderMap::new();
        // A listener may ask for it: no browser sends it across sites.
        headers.insert("x-vault-request", HeaderValue::from_static("true"));
        if let Some(namespace) = &settings.namespace {
            let value = HeaderValue::from_str(namespace).map_err(|_| "vault.namespace: no name")?;
            headers.insert("x-vault-namespace", value);
        }
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(settings.timeout)
            .default_headers(headers)
            .user_agent(concat!("mutt/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { http, settings })
    }

    /// The address, as errors have it.
    fn address(&self) -> String {
        self.settings.address.as_str().trim_end_matches('/').to_owned()
    }

    fn call<'p>(&self, method: Method, path: impl IntoIterator<Item = &'p str>) -> RequestBuilder {
        let mut url = self.settings.address.clone();
        // It fails for URLs without a host only.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v1").extend(path);
        }
        self.http.request(method, url)
    }

    /// Sends it and reads the answer. `secret` is what the request holds and nobody may repeat.
    async fn ask<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        secret: &SecretString,
    ) -> Result<T, Refusal> {
        let failed = |error: reqwest::Error| Refusal::Fault(self.failed(&error));
        let mut answer = request.send().await.map_err(failed)?;
        let status = answer.status().as_u16();
        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(Refusal::Status(status, ": more than a MiB".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        if status == 200 {
            // What serde says may quote the body: it is left out.
            return serde_json::from_slice(&body)
                .map_err(|_| Refusal::Status(status, String::new()));
        }
        let errors = serde_json::from_slice::<Errors>(&body).unwrap_or_default().errors;
        let said: String = scrub(errors.join("; "), secret)
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(SAID_MAX)
            .collect();
        let said =
            if said.trim().is_empty() { String::new() } else { format!(" ({})", said.trim()) };
        Err(Refusal::Status(status, said))
    }

    fn failed(&self, error: &reqwest::Error) -> Fault {
        let address = self.address();
        if error.is_timeout() {
            return Fault::Silent { address, ms: self.settings.timeout.as_millis() };
        }
        let mut why = String::new();
        let mut next = error.source();
        while let Some(cause) = next {
            why = if why.is_empty() { cause.to_string() } else { format!("{why}: {cause}") };
            next = cause.source();
        }
        let why = if why.is_empty() { "the connection broke".to_owned() } else { why };
        Fault::Unreachable { address, why }
    }

    /// What is the same for all calls; `own` says what is the call's own.
    fn fault(&self, refusal: Refusal, own: impl FnOnce(u16, &str) -> Option<Fault>) -> Fault {
        let address = self.address();
        let (status, said) = match refusal {
            Refusal::Fault(fault) => return fault,
            Refusal::Status(status, said) => (status, said),
        };
        if let Some(fault) = own(status, &said) {
            return fault;
        }
        match status {
            503 => Fault::Sealed(address),
            301..=308 => Fault::Elsewhere(address),
            412 | 429 | 472 | 473 | 500..=599 => Fault::Failing { address, status, said },
            _ => Fault::Odd { address, status, said },
        }
    }
}

/// The body of a login.
#[derive(Serialize)]
struct Login<'a> {
    role_id: &'a str,
    secret_id: &'a str,
}

/// Why there is no answer of the kind that was asked for.
enum Refusal {
    Fault(Fault),
    Status(u16, String),
}

impl Api for Client {
    async fn login(
        &self,
        role_id: &SecretString,
        secret_id: &SecretString,
    ) -> Result<Grant, Fault> {
        let mount = &self.settings.approle_mount;
        let path = ["auth"].into_iter().chain(mount.split('/')).chain(["login"]);
        let (role_id, secret) = (role_id.expose_secret(), secret_id.expose_secret());
        // Of two texts it cannot fail.
        let body = serde_json::to_vec(&Login { role_id, secret_id: secret }).unwrap_or_default();
        let request = self.call(Method::POST, path).body(body);
        let answer: Result<WithAuth, Refusal> = self.ask(request, secret_id).await;
        let refused = |status: u16, said: &str| {
            let (address, mount, said) = (self.address(), mount.clone(), said.to_owned());
            matches!(status, 400 | 403 | 404).then_some(Fault::Login { address, mount, said })
        };
        answer.map(grant).map_err(|refusal| self.fault(refusal, refused))
    }

    async fn renew(&self, token: &SecretString) -> Result<Grant, Fault> {
        let request = self.call(Method::POST, ["auth", "token", "renew-self"]).body("{}");
        let answer: Result<WithAuth, Refusal> = self.ask(with(request, token)?, token).await;
        let denied = |status: u16, _: &str| {
            // Whatever it says of the token: a new login is the way.
            let path = "auth/token/renew-self".to_owned();
            matches!(status, 400 | 403).then(|| Fault::Denied(path.clone(), path))
        };
        answer.map(grant).map_err(|refusal| self.fault(refusal, denied))
    }

    async fn unwrap(&self, wrapping: &SecretString) -> Result<SecretString, Fault> {
        let request = self.call(Method::POST, ["sys", "wrapping", "unwrap"]).body("{}");
        let answer: Result<WithSecretId, Refusal> =
            self.ask(with(request, wrapping)?, wrapping).await;
        let used = |status: u16, said: &str| {
            let (address, said) = (self.address(), said.to_owned());
            // 200 without a secret id: it wraps something else.
            matches!(status, 200 | 400 | 403 | 404).then_some(Fault::Wrapped { address, said })
        };
        answer.map(|answer| answer.data.secret_id).map_err(|refusal| self.fault(refusal, used))
    }

    async fn read(&self, token: &SecretString, at: &SecretPath) -> Result<Fields, Fault> {
        let path = at.mount.split('/').chain(["data"]).chain(at.path.split('/'));
        let request = self.call(Method::GET, path);
        let answer: Result<WithSecret, Refusal> = self.ask(with(request, token)?, token).await;
        let own = |status: u16, _: &str| match status {
            403 => {
                let policy = format!("{}/data/{}", at.mount, at.path);
                Some(Fault::Denied(at.to_string(), policy))
            }
            404 => Some(Fault::Missing(at.to_string())),
            _ => None,
        };
        let secret = answer.map_err(|refusal| self.fault(refusal, own))?;
        secret.data.data.ok_or_else(|| Fault::Missing(at.to_string()))
    }
}

fn grant(answer: WithAuth) -> Grant {
    let auth = answer.auth;
    let lease = Duration::from_secs(auth.lease_duration);
    Grant { token: auth.client_token, lease, renewable: auth.renewable }
}

/// The request with its token. What no header can carry was never a token.
fn with(request: RequestBuilder, token: &SecretString) -> Result<RequestBuilder, Fault> {
    let mut value = HeaderValue::from_str(token.expose_secret())
        .map_err(|_| Fault::Denied("the token".to_owned(), "auth/token/lookup-self".to_owned()))?;
    value.set_sensitive(true);
    Ok(request.header("x-vault-token", value))
}

#[cfg(test)]
mod tests;
