//! What every answer carries, what no request may, and a log line for whom was refused: the outermost
//! layer.
//!
//! What a browser may do with an answer is nothing, but for the pages, which say so themselves. There
//! is no CORS, so no other site's script reads an answer.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::addresses::Peer;
use crate::auth::is_key;
use crate::openapi::BASE;
use crate::problem::{Problem, Refused};

const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];
/// Two years.
const HSTS: &str = "max-age=63072000; includeSubDomains";
/// Names of secrets that some programs put into URLs.
const SECRETS: [&str; 6] =
    ["api_key", "apikey", "x-api-key", "access_token", "password", "session"];

/// Answers with all headers; `secure`: over TLS.
pub async fn guard(secure: bool, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let from = request.extensions().get::<Peer>().map(|peer| peer.0.to_string());
    let mut response = match holds_secret(request.uri().query().unwrap_or_default()) {
        true => Problem::unreadable(
            "a secret stands in the URL, where logs and proxies see it: send it as a header, and \
             take this one out of use",
        )
        .into_response(),
        false => next.run(request).await,
    };
    if let Some(Refused(why)) = response.extensions().get::<Refused>() {
        let from = from.unwrap_or_default();
        tracing::warn!(%method, path, from, why, "api: refused");
    }
    let headers = response.headers_mut();
    if path.starts_with(BASE) {
        saved_if_opened(headers);
    }
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    response
}

/// An answer that a browser opens by itself is saved to a file and not shown; but for the page that leads on
/// after a sign-in.
fn saved_if_opened(headers: &mut HeaderMap) {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let how = match kind.unwrap_or_default().split(';').next() {
        Some("text/html") => return,
        Some("text/csv") => "attachment; filename=\"api.csv\"",
        Some("text/plain") => "attachment; filename=\"api.txt\"",
        Some("application/yaml") => "attachment; filename=\"api.yaml\"",
        Some("application/toml") => "attachment; filename=\"api.toml\"",
        _ => "attachment; filename=\"api.json\"",
    };
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(how));
}

fn holds_secret(query: &str) -> bool {
    query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        is_key(value) || SECRETS.contains(&name.to_ascii_lowercase().as_str())
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn secrets_in_a_url_are_known_by_name_and_by_looks() {
        assert!(holds_secret("limit=1&API_KEY=x"));
        let key = crate::auth::new_key();
        assert!(holds_secret(&format!("q={}", key.expose_secret())));
        for fine in ["", "key=signature", "text=password", "limit=10&after=mutt_x"] {
            assert!(!holds_secret(fine), "{fine}");
        }
    }
}
