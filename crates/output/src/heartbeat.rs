//! A sign of life for another system, which pages when it stays away.
//!
//! From: the binary's timer. To: a URL that watches for it.

use std::time::Duration;

use secrecy::SecretString;

use crate::{Answer, Http, Method, Request, classify};

/// Where the sign of life goes and how.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    /// The whole URL; often a secret in itself, so it is never shown in an error.
    pub url: String,
    /// GET, or POST with `body`.
    pub method: Method,
    /// More headers.
    pub headers: Vec<(String, SecretString)>,
    /// From the first packet to the answer's end. Default 10 s.
    pub timeout: Duration,
}

impl Heartbeat {
    /// A GET of `url` within 10 s.
    pub fn new(url: impl Into<String>) -> Self {
        let timeout = Duration::from_secs(10);
        Self { url: url.into(), method: Method::Get, headers: Vec::new(), timeout }
    }

    /// The request; `body` goes out with POST only.
    pub fn render(&self, body: &[u8]) -> Request {
        let body = if self.method == Method::Post { body.to_vec() } else { Vec::new() };
        Request {
            method: self.method,
            url: self.url.clone(),
            headers: self.headers.clone(),
            body,
            timeout: self.timeout,
        }
    }

    /// Sends one. It is not tried again: the next one follows anyway.
    pub async fn beat<H: Http>(&self, http: &H, body: &[u8]) -> Answer {
        classify(&http.send(self.render(body)).await)
    }
}
