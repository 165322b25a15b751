//! One request: admitted by its head, read within limits, stored as one append, answered.
//!
//! From: http, a request and its peer. To: the journal, and an answer that tells the sender what
//! was stored, or what was wrong and where.

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use mutt_event::Flags;
use mutt_journal::{AppendError, Receipt, WhenFull};
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::body::{self, Content, Fault, Limits};
use super::{HttpConfig, INPUT, keys};
use crate::intake::{Arrival, Door, Round, SubmitError};
use crate::stats::Refusal;

/// Answers name the ids of at most so many messages.
const IDS_MAX: usize = 1_000;
/// Bodies from this size on, and compressed ones, are read on a thread of their own.
const LARGE_BYTES: usize = 64 * 1024;

/// Who sends over a connection.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub SocketAddr);

/// What all requests share.
pub(super) struct Site {
    door: Door,
    config: HttpConfig,
    requests: Semaphore,
    storing: TaskTracker,
}

/// The answer to a batch that is stored.
#[derive(Serialize)]
struct Accepted {
    accepted: usize,
    /// The correlation id of each message, for a batch of at most 1,000.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ids: Vec<String>,
}

/// Why a request was refused, and how it is told.
struct Problem {
    status: StatusCode,
    reason: Refusal,
    fault: Fault,
}

impl Problem {
    fn new(status: StatusCode, reason: Refusal, error: impl Into<String>) -> Self {
        Self { status, reason, fault: Fault::whole(error) }
    }
}

pub(super) async fn ingest(
    State(site): State<Arc<Site>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
) -> Response {
    match site.ingest(peer, request).await {
        Ok(accepted) => json(StatusCode::ACCEPTED, &accepted),
        Err(Refused { problem, counted }) => {
            if !counted {
                // How many messages it held is not known: a request counts as one.
                site.door.refuse(problem.reason, 1);
            }
            tracing::debug!(input = INPUT.name(), %peer, status = problem.status.as_u16(),
                error = problem.fault.error, "request refused");
            let mut response = json(problem.status, &problem.fault);
            if problem.status == StatusCode::SERVICE_UNAVAILABLE {
                let after = HeaderValue::from(site.config.retry_after_s);
                response.headers_mut().insert(RETRY_AFTER, after);
            }
            response
        }
    }
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    // Numbers and strings always serialise.
    let text = serde_json::to_vec(body).unwrap_or_default();
    (status, [(CONTENT_TYPE, "application/json")], text).into_response()
}

/// A refused request; whether its messages are counted already.
struct Refused {
    problem: Problem,
    counted: bool,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self { problem, counted: false }
    }
}

impl Site {
    pub fn new(door: Door, config: HttpConfig) -> Self {
        let requests = Semaphore::new(config.requests_max.max(1));
        Self { door, config, requests, storing: TaskTracker::new() }
    }

    /// Waits for batches whose senders left before the answer.
    pub async fn all_stored(&self) {
        self.storing.close();
        self.storing.wait().await;
    }

    async fn ingest(
        self: &Arc<Self>,
        peer: SocketAddr,
        request: Request,
    ) -> Result<Accepted, Refused> {
        let (head, sent) = request.into_parts();
        let (content, gzip) = self.admit(&head.headers)?;
        let room = Duration::from_millis(self.config.room_timeout_ms);
        let Ok(Ok(_place)) = timeout(room, self.requests.acquire()).await else {
            let (status, reason) = (StatusCode::SERVICE_UNAVAILABLE, Refusal::BackPressure);
            return Err(Problem::new(status, reason, "too many requests at a time").into());
        };
        let body = self.read(sent).await?;
        let idempotency_key =
            head.headers.get("idempotency-key").map(|key| key.as_bytes().to_vec());
        let (site, large) = (Arc::clone(self), gzip || body.len() >= LARGE_BYTES);
        let prepare = move || site.prepare(peer, content, gzip, &body, idempotency_key);
        let round = if large {
            let prepared = tokio::task::spawn_blocking(prepare).await;
            prepared.unwrap_or_else(|_| Err(self.stopping()))?
        } else {
            prepare()?
        };
        self.store(round).await
    }

    /// What the head alone tells: may it come in, and what is it?
    fn admit(&self, headers: &HeaderMap) -> Result<(Content, bool), Problem> {
        let key = headers.get("x-api-key").map(HeaderValue::as_bytes);
        if !self.config.api_keys.admit(key) {
            let error = match key {
                None => "the header X-API-KEY is missing",
                Some(_) => "the API key is not known here",
            };
            return Err(Problem::new(StatusCode::UNAUTHORIZED, Refusal::Unauthorized, error));
        }
        let unsupported = |error: String| {
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Refusal::ContentType, error)
        };
        let text = |name| headers.get(name).map(|v: &HeaderValue| v.to_str().unwrap_or("?"));
        let content_type = text(CONTENT_TYPE);
        let content = Content::of(content_type).ok_or_else(|| {
            let found = content_type.unwrap_or_default();
            unsupported(format!("Content-Type {found}: send application/json or text/plain"))
        })?;
        let gzip = match text(CONTENT_ENCODING).map(str::trim) {
            None | Some("" | "identity") => false,
            Some(encoding) if encoding.eq_ignore_ascii_case("gzip") => true,
            Some(other) => {
                return Err(unsupported(format!("Content-Encoding {other}: send gzip, or none")));
            }
        };
        Ok((content, gzip))
    }

    async fn read(&self, sent: Body) -> Result<Vec<u8>, Problem> {
        let most = self.config.body_bytes_max;
        let patience = Duration::from_millis(self.config.body_timeout_ms);
        match timeout(patience, Limited::new(sent, most).collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes().into()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(self.too_large()),
            Ok(Err(error)) => {
                let error = format!("the body broke off: {error}");
                Err(Problem::new(StatusCode::BAD_REQUEST, Refusal::BadBody, error))
            }
            Err(_) => {
                let error = format!("the body took longer than {} s", patience.as_secs());
                Err(Problem::new(StatusCode::REQUEST_TIMEOUT, Refusal::TooSlow, error))
            }
        }
    }

    fn too_large(&self) -> Problem {
        let most = self.config.body_bytes_max;
        let error = format!("a body of more than {most} bytes; send smaller batches");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, Refusal::TooLarge, error)
    }

    fn stopping(&self) -> Problem {
        let (status, reason) = (StatusCode::SERVICE_UNAVAILABLE, Refusal::JournalClosed);
        Problem::new(status, reason, "MUTT is stopping")
    }

    /// Inflates and reads a body into a round; no part of it is taken if there is a fault.
    fn prepare(
        &self,
        peer: SocketAddr,
        content: Content,
        gzip: bool,
        body: &[u8],
        idempotency_key: Option<Vec<u8>>,
    ) -> Result<Round, Problem> {
        let inflated;
        let body = if gzip {
            inflated = self.inflate(body)?;
            inflated.as_slice()
        } else {
            body
        };
        let limits = Limits {
            message_bytes_max: self.config.message_bytes_max,
            messages_max: self.config.batch_messages_max,
        };
        let items = body::messages(content, body, limits).map_err(|fault| {
            let (status, reason) = match fault.too_large {
                true => (StatusCode::PAYLOAD_TOO_LARGE, Refusal::TooLarge),
                false => (StatusCode::BAD_REQUEST, Refusal::BadBody),
            };
            Problem { status, reason, fault }
        })?;
        let mut round = self.door.round(body.len());
        for (index, item) in items.iter().enumerate() {
            let flags = Flags { truncated: item.truncated, ..Flags::default() };
            let dedup = match (&idempotency_key, &item.correlation_id) {
                (Some(key), _) => Some(keys::repeat_of(b"idempotency-key", key, index, &item.raw)),
                (None, Some(id)) => {
                    Some(keys::repeat_of(b"correlation_id", id.as_bytes(), 0, &item.raw))
                }
                (None, None) => None,
            };
            let (kind, raw) = (item.kind, &*item.raw);
            self.door.push(
                &mut round,
                &Arrival { kind, flags, session: 0, peer: Some(peer), dedup, usm: None, raw },
            );
        }
        Ok(round)
    }

    fn inflate(&self, body: &[u8]) -> Result<Vec<u8>, Problem> {
        let most = self.config.body_bytes_max;
        let mut inflated = Vec::new();
        let mut decoder = flate2::read::MultiGzDecoder::new(body).take(most as u64 + 1);
        decoder.read_to_end(&mut inflated).map_err(|error| {
            let error = format!("the body is not gzip, as Content-Encoding says: {error}");
            Problem::new(StatusCode::BAD_REQUEST, Refusal::BadBody, error)
        })?;
        if inflated.len() > most { Err(self.too_large()) } else { Ok(inflated) }
    }

    /// Stores a round as one append. It goes on, and is counted, if the sender leaves meanwhile.
    async fn store(self: &Arc<Self>, round: Round) -> Result<Accepted, Refused> {
        let partitions: Vec<u16> = round.batch.iter().map(|(partition, _)| partition).collect();
        let (door, most) = (self.door.clone(), Duration::from_millis(self.config.room_timeout_ms));
        let stored = self.storing.spawn(async move {
            match door.submit(round, WhenFull::Refuse, Some(most)).await {
                Ok(waiting) => waiting.stored().await.map_err(SubmitError::Append),
                Err(error) => Err(error),
            }
        });
        let problem = match stored.await {
            Ok(Ok(receipt)) => return Ok(accepted(&receipt, &partitions)),
            Ok(Err(SubmitError::Append(error @ AppendError::Invalid(_)))) => {
                let (status, reason) = (StatusCode::PAYLOAD_TOO_LARGE, Refusal::JournalInvalid);
                Problem::new(status, reason, error.to_string())
            }
            Ok(Err(SubmitError::Append(error))) => {
                let (status, reason) = (StatusCode::SERVICE_UNAVAILABLE, Refusal::JournalFull);
                Problem::new(status, reason, error.to_string())
            }
            Ok(Err(SubmitError::NoRoom)) => {
                let (status, reason) = (StatusCode::SERVICE_UNAVAILABLE, Refusal::BackPressure);
                Problem::new(status, reason, "the journal is busy")
            }
            Err(_) => self.stopping(),
        };
        Err(Refused { problem, counted: true })
    }
}

fn accepted(receipt: &Receipt, partitions: &[u16]) -> Accepted {
    let ids = if partitions.len() <= IDS_MAX {
        receipt.ids(partitions).map(|id| id.to_string()).collect()
    } else {
        Vec::new()
    };
    Accepted { accepted: partitions.len(), ids }
}
