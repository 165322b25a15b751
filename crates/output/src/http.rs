//! Requests over HTTP, behind a trait so that workers can be simulated.
//!
//! From: an adapter's [`Request`]. To: the destination; its [`Response`] goes to `classify`.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
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
    /// A proxy's URL. The environment's proxy variables are not read. Default none.
    pub proxy: Option<String>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(60),
            ca_file: None,
            proxy: None,
        }
    }
}

/// The client cannot be made.
#[derive(Debug, Error)]
pub enum HttpSetupError {
    /// The CA file cannot be read.
    #[error("ca_file {path}: {why}; expected PEM certificates")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// TLS or the proxy's URL.
    #[error("HTTP client: {0}")]
    Client(String),
}

/// The real client: HTTP/1.1, TLS 1.2 and 1.3 by rustls with ring, pooled connections, no
/// redirects.
#[derive(Clone, Debug)]
pub struct ReqwestHttp(reqwest::Client);

impl ReqwestHttp {
    /// Makes one; clones share its connections.
    ///
    /// # Errors
    /// The CA file or the proxy's URL is bad.
    pub fn new(settings: &HttpSettings) -> Result<Self, HttpSetupError> {
        let client = |why: &dyn std::fmt::Display| HttpSetupError::Client(why.to_string());
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(client_tls(settings)?)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(settings.connect_timeout)
            .pool_idle_timeout(settings.idle_timeout)
            .user_agent(concat!("mutt/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|why| client(&why))?);
        }
        builder.build().map(Self).map_err(|why| client(&why))
    }
}

/// TLS of a client, with the provider named here: the process's default is neither needed nor set.
///
/// # Errors
/// The CA file is bad.
pub fn client_tls(settings: &HttpSettings) -> Result<rustls::ClientConfig, HttpSetupError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &settings.ca_file {
        let bad = |why: String| HttpSetupError::CaFile { path: path.clone(), why };
        let mut found = false;
        for certificate in
            CertificateDer::pem_file_iter(path).map_err(|why| bad(why.to_string()))?
        {
            let certificate = certificate.map_err(|why| bad(why.to_string()))?;
            roots.add(certificate).map_err(|why| bad(why.to_string()))?;
            found = true;
        }
        if !found {
            return Err(bad("no certificate in it".to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| HttpSetupError::Client(why.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
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
            .0
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
