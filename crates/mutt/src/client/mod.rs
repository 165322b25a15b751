//! The command line as a client of a running MUTT's API.
//!
//! From: `mutt alert`, `mutt rules`, `mutt inventory`, `mutt silence`, `mutt maintenance`,
//! `mutt patterns`, `mutt explain`, `mutt backtest`, `mutt drill`. To: `/api/v1`, and what it answers as text for
//! a person.

pub mod alert;
pub mod backtest;
pub mod drill;
pub mod explain;
pub mod inventory;
pub mod patterns;
pub mod rules;
mod show;
pub mod silence;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use mutt_output::{HttpSettings, client_tls};
use reqwest::header::{ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, IF_MATCH, IF_NONE_MATCH};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// How long an answer may take; a whole set of rules is compiled meanwhile.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Where a running MUTT is asked.
#[derive(Args, Clone)]
pub struct Remote {
    /// Where its API is.
    #[arg(long, env = "MUTT_URL", default_value = "http://127.0.0.1:8515")]
    url: String,
    /// A file with the key; without it MUTT_API_KEY holds the key. It is never an argument: those
    /// are seen by everybody on the machine.
    #[arg(long, env = "MUTT_API_KEY_FILE")]
    key_file: Option<PathBuf>,
    /// A file with the certificates (PEM) that the server's is checked against.
    #[arg(long, env = "MUTT_API_CA_FILE")]
    ca_file: Option<PathBuf>,
    /// A file with a certificate's chain (PEM), for a server that asks for one.
    #[arg(long, env = "MUTT_API_CERTIFICATE", requires = "certificate_key")]
    certificate: Option<PathBuf>,
    /// A file with its key (PEM).
    #[arg(long, env = "MUTT_API_CERTIFICATE_KEY", requires = "certificate")]
    certificate_key: Option<PathBuf>,
}

/// A client of a running MUTT.
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
}

/// An answer that is none of a problem.
pub struct Answer {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// If it is none.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).context("the answer is not JSON: is this MUTT's API?")
    }

    /// The state's ETag; `*` if there is none.
    pub fn etag(&self) -> String {
        let tag = self.headers.get(ETAG).and_then(|tag| tag.to_str().ok());
        tag.unwrap_or("*").to_owned()
    }
}

impl Client {
    /// A client with a key.
    ///
    /// # Errors
    /// Without a key, or with a certificate file that cannot be read.
    pub fn new(remote: &Remote) -> Result<Self> {
        let key = match &remote.key_file {
            Some(file) => std::fs::read_to_string(file)
                .with_context(|| format!("--key-file {}", file.display()))?,
            None => std::env::var("MUTT_API_KEY").unwrap_or_default(),
        };
        let key = key.trim().to_owned();
        if key.is_empty() {
            bail!(
                "no key: set MUTT_API_KEY, or name a file by --key-file; `mutt key create` makes \
                 one"
            );
        }
        let settings = HttpSettings {
            ca_file: remote.ca_file.clone(),
            identity: remote.certificate.clone().zip(remote.certificate_key.clone()),
            ..HttpSettings::default()
        };
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(client_tls(&settings)?)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(settings.connect_timeout)
            .no_proxy()
            .build()
            .context("HTTP client")?;
        let base = format!("{}/api/v1", remote.url.trim_end_matches('/'));
        Ok(Self { http, base, key })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .header("X-API-KEY", &self.key)
            .timeout(TIMEOUT)
    }

    /// GET, in this media type.
    ///
    /// # Errors
    /// If it is not answered, or with a problem.
    pub async fn get(&self, path: &str, accept: &str) -> Result<Answer> {
        self.answer(self.request(Method::GET, path).header(ACCEPT, accept)).await
    }

    /// POST of JSON.
    ///
    /// # Errors
    /// If it is not answered, or with a problem.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, "application/json");
        self.answer(request.body(body.to_string())).await
    }

    /// POST without a body.
    ///
    /// # Errors
    /// If it is not answered, or with a problem.
    pub async fn ask(&self, path: &str) -> Result<Answer> {
        self.answer(self.request(Method::POST, path)).await
    }

    /// PUT of text in a media type, to the state with this ETag.
    ///
    /// # Errors
    /// If it is not answered, or with a problem.
    pub async fn put(&self, path: &str, media: &str, etag: &str, body: String) -> Result<Answer> {
        let request = self.request(Method::PUT, path).header(CONTENT_TYPE, media);
        self.answer(request.header(IF_MATCH, etag).body(body)).await
    }

    /// PUT of JSON, of what is not there yet.
    ///
    /// # Errors
    /// If it is not answered, or with a problem.
    pub async fn put_new(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = self.request(Method::PUT, path).header(CONTENT_TYPE, "application/json");
        self.answer(request.header(IF_NONE_MATCH, "*").body(body.to_string())).await
    }

    /// DELETE of an item, in whatever state it is.
    ///
    /// # Errors
    /// If it is not answered, or with a problem.
    pub async fn remove(&self, path: &str) -> Result<Answer> {
        self.answer(self.request(Method::DELETE, path).header(IF_MATCH, "*")).await
    }

    /// DELETE.
    ///
    /// # Errors
    /// If it is not answered, or with a problem.
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.answer(self.request(Method::DELETE, path)).await
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Answer> {
        let answer = request.send().await.with_context(|| {
            format!("{} does not answer: is `mutt run` up, and --url right?", self.base)
        })?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.text().await.context("the answer broke off")?;
        if status.is_success() {
            return Ok(Answer { headers, body });
        }
        match serde_json::from_str(&body) {
            Ok(problem) => Err(Refused(problem).into()),
            Err(_) => bail!("{status}: {body}"),
        }
    }
}

/// A problem as the API tells it (RFC 9457).
#[derive(Debug, thiserror::Error)]
#[error("{}", show::problem(.0))]
pub struct Refused(pub Value);

/// Runs a client's work to its end.
///
/// # Errors
/// Those of the work.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("runtime")?
        .block_on(work)
}

/// Text as a part of a URL's query, or of its path.
pub fn escaped(text: &str) -> String {
    let keeps = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let one = |byte: u8| match keeps(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_network_and_a_reason_fit_into_a_url() {
        assert_eq!(super::escaped("10.0.0.0/8 (ä)"), "10.0.0.0%2F8%20%28%C3%A4%29");
    }
}
