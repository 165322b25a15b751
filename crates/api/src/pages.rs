//! The web interface: one page and what it is made of, on the API's listener.
//!
//! From: `mutt-pages`. To: browsers. All paths that are no file and not the API's are the page: it
//! finds by the path what to show. It holds nothing of this MUTT's; that it asks from the API, as
//! whoever is signed in.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mutt_pages::{File, NONCE};

use crate::problem::Problem;

/// Only what comes from here; styles that scripts make carry the answer's nonce.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-__CSP_NONCE__'; \
                      img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";
const FINAL: &str = "public, max-age=31536000, immutable";
/// Asked for again each time.
const FRESH: &str = "no-cache";

/// Answers what is not the API's.
pub async fn serve(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::not_found("there is nothing here: the API is /api/v1").into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    match mutt_pages::file(path) {
        Some(file) => file_of(&file, request.headers()),
        None if path.rsplit('/').next().is_some_and(|name| name.contains('.')) => {
            Problem::not_found("there is no such file").into_response()
        }
        None => page(),
    }
}

fn page() -> Response {
    let nonce = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
    let page = String::from_utf8_lossy(&mutt_pages::index()).replace(NONCE, &nonce);
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // What URL-safe Base64 writes always fits a header.
    if let Ok(policy) = HeaderValue::from_str(&POLICY.replace(NONCE, &nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn file_of(file: &File, asked: &HeaderMap) -> Response {
    let reads_gzip = asked
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| coding.trim().eq_ignore_ascii_case("gzip"));
    let cached = if file.is_final { FINAL } else { FRESH };
    let headers = [
        (header::CONTENT_TYPE, file.kind),
        (header::CACHE_CONTROL, cached),
        (header::VARY, "accept-encoding"),
    ];
    if reads_gzip {
        let packed = file.packed.clone().into_owned();
        return (headers, [(header::CONTENT_ENCODING, "gzip")], packed).into_response();
    }
    match file.plain() {
        Ok(plain) => (headers, plain).into_response(),
        Err(error) => {
            tracing::error!(%error, "a file of the pages cannot be unpacked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
