//! Parts of a request, read so that every mistake is a [`Problem`]: query, path, body, formats.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use mutt_event::Timestamp;
use mutt_rules::Format;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::problem::Problem;
use crate::site::Site;

/// The query of a request.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Site>> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Site>) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        let cause = |fault: axum::extract::rejection::QueryRejection| {
            Problem::unreadable(format!("query: {}", fault.body_text()))
        };
        Ok(Self(query.map_err(cause)?.0))
    }
}

/// The name at the end of a path, decoded.
pub struct Name(pub String);

impl FromRequestParts<Arc<Site>> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, site).await;
        path.map(|path| Self(path.0)).map_err(|fault| Problem::unreadable(fault.body_text()))
    }
}

/// The whole body, within the limit; and what it is said to be.
pub struct Body(pub Bytes, Option<String>);

impl FromRequest<Arc<Site>> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, Problem> {
        let most = site.limits.body_bytes_max;
        let said = media(request.headers(), &header::CONTENT_TYPE).map(str::to_owned);
        let bytes = Bytes::from_request(request, site).await;
        let bytes = bytes.map_err(|fault: BytesRejection| match fault.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Problem::too_large(format!("the body is over the limit of {most} bytes"))
            }
            _ => Problem::unreadable(fault.body_text()),
        })?;
        Ok(Self(bytes, said))
    }
}

impl Body {
    /// As text.
    pub fn text(&self) -> Result<&str, Problem> {
        std::str::from_utf8(&self.0)
            .map_err(|fault| Problem::unreadable(format!("the body is not UTF-8: {fault}")))
    }

    /// As JSON; what says to be something else is refused.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if let Some(said) = &self.1
            && format_of(said) != Some(Format::Json)
        {
            return Err(Problem::media(said, "application/json"));
        }
        serde_json::from_slice(&self.0)
            .map_err(|fault| Problem::unreadable(format!("the body cannot be read: {fault}")))
    }
}

/// Which of many are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// At most so many, 1 to 1,000; default 100.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// Those behind this cursor: `next` of the page before.
    pub after: Option<String>,
}

impl PageQuery {
    /// How many.
    pub fn limit(&self) -> Result<usize, Problem> {
        match self.limit.unwrap_or(100) {
            limit @ 1..=1_000 => Ok(limit as usize),
            limit => Err(Problem::unreadable(format!("limit is {limit}: it is 1 to 1,000"))),
        }
    }
}

/// A time in RFC 3339, or what is wrong with it.
pub fn rfc_3339(text: &str) -> Result<Timestamp, String> {
    let read: Result<jiff::Timestamp, _> = text.parse();
    let time = read.map_err(|error| {
        format!("is no time in RFC 3339, such as 2026-11-23T12:00:00Z: {error}")
    })?;
    Ok(Timestamp::from_micros(time.as_microsecond()))
}

/// A time of a query.
pub fn time(name: &str, text: &str) -> Result<Timestamp, Problem> {
    rfc_3339(text).map_err(|why| Problem::unreadable(format!("{name} {why}")))
}

/// How a change is made.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EditQuery {
    /// Why it is made: kept with the revision.
    #[param(max_length = 1000)]
    pub why: Option<String>,
    /// Check it and show what would change, and change nothing.
    #[serde(default)]
    pub dry_run: bool,
}

impl EditQuery {
    /// Why, within its limit.
    pub fn why(&self) -> Result<String, Problem> {
        let why = self.why.clone().unwrap_or_default();
        if why.len() > 1_000 {
            return Err(Problem::unreadable("why is longer than 1,000 bytes"));
        }
        Ok(why)
    }
}

/// A media type, without its parameters.
fn media<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(text.split([';', ',']).next().unwrap_or(text).trim())
}

fn format_of(media: &str) -> Option<Format> {
    match media {
        "application/json" | "text/json" => Some(Format::Json),
        "application/yaml" | "application/x-yaml" | "text/yaml" => Some(Format::Yaml),
        "application/toml" | "text/toml" => Some(Format::Toml),
        _ => None,
    }
}

/// The format that the body is written in: JSON unless Content-Type says otherwise.
pub fn content_format(headers: &HeaderMap) -> Result<Format, Problem> {
    match media(headers, &header::CONTENT_TYPE) {
        None => Ok(Format::Json),
        Some(media) => format_of(media).ok_or_else(|| {
            Problem::media(media, "application/json, application/yaml or application/toml")
        }),
    }
}

/// The format that the caller wants: JSON unless Accept names another.
pub fn accepted_format(headers: &HeaderMap) -> Format {
    media(headers, &header::ACCEPT).and_then(format_of).unwrap_or(Format::Json)
}

/// Whether the body is CSV.
pub fn is_csv(headers: &HeaderMap) -> bool {
    media(headers, &header::CONTENT_TYPE) == Some("text/csv")
}

/// Whether the caller wants CSV.
pub fn wants_csv(headers: &HeaderMap) -> bool {
    media(headers, &header::ACCEPT) == Some("text/csv")
}

/// The media type of a format.
pub fn media_type(format: Format) -> &'static str {
    match format {
        Format::Json => "application/json",
        Format::Yaml => "application/yaml",
        Format::Toml => "application/toml",
    }
}
