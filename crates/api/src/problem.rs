//! What went wrong, for programs and people: `application/problem+json` (RFC 9457) that names the
//! item, the place in it and what to do.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use mutt_pipeline::book::BookFault;
use mutt_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// A request that was not done. Nothing of it is true.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// What sort of problem it is: `urn:mutt:problem:NAME`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong and what to do, in a sentence.
    pub detail: String,
    /// Every fault, where there can be several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
    /// In how many seconds it may be tried again, for the header.
    #[serde(skip)]
    retry_after: Option<u64>,
}

/// Why a request was refused to whoever asked, beside its answer: `guard` logs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused(pub String);

/// A fault, or a warning, at a place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Fault {
    /// `rule`, `host`, `team`, `setting`, `key`, `user`, `silence` or `maintenance`; or `request`.
    pub kind: String,
    /// The item's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The place in it, such as `when.any[1].message.regex`; empty: the whole.
    pub path: String,
    /// The line in what was sent, from 1, where its format tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What is wrong and what to do, in a sentence.
    pub message: String,
}

impl Problem {
    fn new(status: StatusCode, name: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:mutt:problem:{name}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// 400: the request cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unreadable", detail)
    }

    /// 401: nobody is known by this.
    pub fn unauthorized() -> Self {
        let detail = "a key is needed, as `X-API-KEY` or as `Authorization: Bearer` (`mutt key \
                      create` makes one), or a session: POST /session";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    /// 401: the name or the password is wrong; which of them is not told.
    pub fn not_signed_in() -> Self {
        let detail = "the name or the password is wrong, or they may not sign in";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    /// Says when it may be tried again.
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// 403: known, but not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// 405: not with this method.
    pub fn method() -> Self {
        let detail = "this path knows other methods: see /api/v1/openapi.json";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail)
    }

    /// 409: it is there already, or in use.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// 412: somebody changed it meanwhile.
    pub fn outdated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "outdated", detail)
    }

    /// 413: too much at once.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
    }

    /// 415: the body says to be what is not read here.
    pub fn media(said: &str, expected: &str) -> Self {
        let detail = format!("Content-Type is {said}: send {expected}");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", detail)
    }

    /// 422: understood, but with faults.
    pub fn faults(faults: Vec<BookFault>) -> Self {
        let errors: Vec<Fault> = faults.into_iter().map(Fault::from).collect();
        Self::invalid(errors)
    }

    /// 422, with its faults.
    pub fn invalid(errors: Vec<Fault>) -> Self {
        let detail = match errors.as_slice() {
            [one] => one.message.clone(),
            many => format!("{} faults; nothing was changed", many.len()),
        };
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail);
        Self { errors, ..problem }
    }

    /// 428: an If-Match is needed.
    pub fn precondition() -> Self {
        let detail = "say which state you change: send its ETag as `If-Match`, or `If-Match: *` \
                      for any";
        Self::new(StatusCode::PRECONDITION_REQUIRED, "precondition-required", detail)
    }

    /// 429: too many at once.
    pub fn too_many(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many", detail)
    }

    /// 500: our fault.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// 503: later perhaps.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
    }
}

impl Fault {
    /// A fault of the request itself.
    pub fn of_request(path: &str, message: impl Into<String>) -> Self {
        Self {
            kind: "request".to_owned(),
            name: None,
            path: path.to_owned(),
            line: None,
            message: message.into(),
        }
    }
}

impl From<BookFault> for Fault {
    fn from(fault: BookFault) -> Self {
        let BookFault { kind, name, path, line, message } = fault;
        Self { kind: kind.name().to_owned(), name, path, line, message }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoRevision(number) => {
                Self::not_found(format!("there is no revision {number}"))
            }
            StoreError::Unfit(text) => Self::invalid(vec![Fault::of_request("", text)]),
            StoreError::Outdated { .. } => Self::unavailable(error.to_string()),
            // What else it says names servers, accounts and files: that is for the log.
            error => {
                tracing::warn!(%error, "api: the database");
                match error {
                    StoreError::Unavailable(_) => {
                        Self::unavailable("the database does not answer: try again")
                    }
                    StoreError::Full(_) => Self::unavailable("the database has no room left"),
                    _ => Self::internal("the database has a fault: MUTT's log says which"),
                }
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after;
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Texts and numbers always serialise.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        let headers = response.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers
                    .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                let seconds = header::HeaderValue::from(retry_after.unwrap_or(5));
                headers.insert(header::RETRY_AFTER, seconds);
            }
            _ => {}
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            response.extensions_mut().insert(Refused(self.detail));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_says_is_not_told() {
        for error in [
            StoreError::Unavailable("postgres://mutt@10.0.0.3/mutt: refused".to_owned()),
            StoreError::Full("/var/lib/mutt: no space left".to_owned()),
            StoreError::Damaged("/var/lib/mutt/mutt.db".to_owned()),
        ] {
            let problem = Problem::from(error);
            assert!(problem.status >= 500 && !problem.detail.contains('/'), "{problem:?}");
        }
    }
}
