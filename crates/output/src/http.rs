//! Requests over HTTP, behind a trait so that workers can be simulated.
//!
//! From: an adapter's [`Request`]. To: the destination; its [`Response`] goes to `classify`.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;
use base64::prelude::{BASE64_STANDARD, Engine};
use mutt_tls::{ClientSettings, Connector, TlsError, Trust};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// The most of an answer's body that is read, in bytes.
const BODY_BYTES_MAX: usize = 4 * 1024;

/// How a request is made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Method {
    /// GET, without a body.
    Get,
    /// POST.
    #[default]
    Post,
}

/// One request, whole.
#[derive(Clone, Debug)]
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// Header names and values; values may be secrets and are never shown.
    pub headers: Vec<(String, SecretString)>,
    /// The body.
    pub body: Vec<u8>,
    /// From the first packet to the answer's end.
    pub timeout: Duration,
}

/// What came back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// How long the destination asks us to stay away.
    pub retry_after: Option<Duration>,
    /// The body's beginning, at most 4 KiB; bytes that are no UTF-8 are replaced.
    pub body: String,
    /// From sending the request to the answer's end.
    pub took: Duration,
}

/// No answer came.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum HttpError {
    /// The time was over.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// No connection, or it broke.
    #[error("network: {0}")]
    Network(String),
    /// The request itself cannot be sent, ever.
    #[error("request cannot be sent: {0}")]
    Invalid(String),
}

/// Sends requests.
pub trait Http: Clone + Send + Sync {
    /// Sends one and waits for its answer.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, HttpError>> + Send;
}

/// How the real client works.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The time for a connection, TLS included. Default 5 s.
    pub connect_timeout: Duration,
    /// Unused connections are kept this long. Default 60 s.
    pub idle_timeout: Duration,
    /// More certificate authorities to trust, PEM. The system's are trusted always.
    pub ca_file: Option<PathBuf>,
    /// A certificate chain and its key, PEM, for a server that asks. Default none.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// A proxy's URL. The environment's proxy variables are not read. Default none.
    pub proxy: Option<String>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(60),
            ca_file: None,
            identity: None,
            proxy: None,
        }
    }
}

impl HttpSettings {
    /// Its TLS.
    pub fn tls(&self) -> ClientSettings {
        ClientSettings {
            trust: self.ca_file.clone().map_or(Trust::System, Trust::FileAndSystem),
            identity: self.identity.clone(),
            http: true,
        }
    }
}

/// The client cannot be made.
#[derive(Debug, Error)]
pub enum HttpSetupError {
    /// Files of TLS cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// TLS or the proxy's URL.
    #[error("HTTP client: {0}")]
    Client(String),
}

/// The real client: HTTP/1.1, TLS 1.2 and 1.3 by rustls with ring, pooled connections, no
/// redirects. Whose certificates count follows their files.
#[derive(Clone, Debug)]
pub struct ReqwestHttp(Arc<Following>);

#[derive(Debug)]
struct Following {
    settings: HttpSettings,
    tls: Arc<Connector>,
    made: ArcSwap<Made>,
}

/// A client, and the TLS that it was made with.
#[derive(Debug)]
struct Made {
    of: Arc<rustls::ClientConfig>,
    client: reqwest::Client,
}

impl ReqwestHttp {
    /// Makes one; clones share its connections.
    ///
    /// # Errors
    /// Files of TLS or the proxy's URL are bad.
    pub fn new(settings: &HttpSettings) -> Result<Self, HttpSetupError> {
        let tls = Arc::new(Connector::new("http", settings.tls())?);
        Self::following(settings, tls)
    }

    /// One that goes by `tls`, made of these settings, as long as somebody watches its files.
    ///
    /// # Errors
    /// The proxy's URL is bad.
    pub fn following(settings: &HttpSettings, tls: Arc<Connector>) -> Result<Self, HttpSetupError> {
        let made = ArcSwap::from_pointee(Made::new(settings, tls.config())?);
        Ok(Self(Arc::new(Following { settings: settings.clone(), tls, made })))
    }

    /// The client of the TLS that holds now; connections of an older one end with their requests.
    fn client(&self) -> Result<reqwest::Client, HttpError> {
        let Following { settings, tls, made } = &*self.0;
        let (now, last) = (tls.config(), made.load());
        if Arc::ptr_eq(&now, &last.of) {
            return Ok(last.client.clone());
        }
        let new = Made::new(settings, now).map_err(|why| HttpError::Network(why.to_string()))?;
        let client = new.client.clone();
        made.store(Arc::new(new));
        Ok(client)
    }
}

impl Made {
    fn new(settings: &HttpSettings, of: Arc<rustls::ClientConfig>) -> Result<Self, HttpSetupError> {
        let client = |why: &dyn std::fmt::Display| HttpSetupError::Client(why.to_string());
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured((*of).clone())
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(settings.connect_timeout)
            .pool_idle_timeout(settings.idle_timeout)
            .user_agent(concat!("mutt/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|why| client(&why))?);
        }
        let client = builder.build().map_err(|why| client(&why))?;
        Ok(Self { of, client })
    }
}

/// TLS of a client as its files are now.
///
/// # Errors
/// Files that cannot be used.
pub fn client_tls(settings: &HttpSettings) -> Result<rustls::ClientConfig, HttpSetupError> {
    let config = Connector::new("http", settings.tls())?.config();
    Ok((*config).clone())
}

impl Http for ReqwestHttp {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let timeout = request.timeout;
        let start = Instant::now();
        let fail = |error: reqwest::Error| explain(&error, timeout);
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut answer = self
            .client()?
            .request(method, request.url)
            .headers(headers(request.headers)?)
            .body(request.body)
            .timeout(timeout)
            .send()
            .await
            .map_err(fail)?;
        let status = answer.status().as_u16();
        let retry_after = retry_after(answer.headers(), SystemTime::now());
        let mut body = Vec::new();
        // The status alone decides; a body that breaks off after it does not change it.
        while let Ok(Some(chunk)) = answer.chunk().await {
            let room = BODY_BYTES_MAX - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if body.len() == BODY_BYTES_MAX {
                break;
            }
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Response { status, retry_after, body, took: start.elapsed() })
    }
}

/// The header of Basic authentication, RFC 7617.
pub(crate) fn basic(user: &str, password: &SecretString) -> (String, SecretString) {
    let pair = format!("{user}:{}", password.expose_secret());
    let value = format!("Basic {}", BASE64_STANDARD.encode(pair));
    ("authorization".to_owned(), SecretString::from(value))
}

fn headers(given: Vec<(String, SecretString)>) -> Result<HeaderMap, HttpError> {
    let mut headers = HeaderMap::with_capacity(given.len());
    for (name, value) in given {
        let bad = |what: &str| HttpError::Invalid(format!("header `{name}` has a bad {what}"));
        let key = HeaderName::try_from(name.as_str()).map_err(|_| bad("name"))?;
        let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| bad("value"))?;
        value.set_sensitive(true);
        headers.append(key, value);
    }
    Ok(headers)
}

/// An error with all its causes in one line, without the URL (it may carry a key).
fn explain(error: &reqwest::Error, timeout: Duration) -> HttpError {
    if error.is_timeout() {
        return HttpError::Timeout(timeout);
    }
    let mut text = String::new();
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    if error.is_builder() {
        HttpError::Invalid(if text.is_empty() { "bad URL".to_owned() } else { text })
    } else {
        HttpError::Network(if text.is_empty() { "connection broke".to_owned() } else { text })
    }
}

/// Retry-After, RFC 9110 section 10.2.3: seconds, or a date, which is taken against the answer's
/// own Date so that clocks that differ do no harm.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date(text)?;
    let from = headers
        .get(header::DATE)
        .and_then(|date| http_date(date.to_str().ok()?))
        .or_else(|| jiff::Timestamp::try_from(now).ok())?;
    Some(Duration::try_from(until.duration_since(from)).unwrap_or_default())
}

fn http_date(text: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests;
