//! HTTP: `POST /api/v2/ingest`, answered with 2xx once the whole batch is on disk.
//!
//! From: rsyslog's omhttp, scripts and other programs. To: the journal, one batch a request.
//! Nothing is stored of a batch with a fault in it; while the journal has no room the answer is
//! 503 with Retry-After, and the sender keeps its messages.

mod body;
mod keys;

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use ipnet::IpNet;
use mutt_event::{Flags, Input, MessageId};
use mutt_journal::{AppendError, Receipt, WhenFull};
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::intake::{Arrival, Door, InputError, Intake, Round, SubmitError};
use crate::stats::Refusal;
use crate::stream;
use body::{Content, Fault, Limits};
pub use keys::ApiKeys;

const INPUT: Input = Input::Http;
/// The path that takes messages.
const INGEST: &str = "/api/v2/ingest";
/// Answers name the ids of at most so many messages.
const IDS_MAX: usize = 1_000;
/// Bodies from this size on are read on a thread of their own.
const LARGE_BYTES: usize = 64 * 1024;

/// Settings of the HTTP input.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Where to listen. Default `0.0.0.0:8514`; `[::]` takes IPv4 too.
    pub bind: SocketAddr,
    /// The keys of which X-API-KEY must be one; with none set no key is asked for.
    #[serde(skip)]
    pub api_keys: ApiKeys,
    /// A larger body is refused, also after inflation, in bytes. Default 8,388,608.
    pub body_bytes_max: usize,
    /// A batch of more messages is refused. Default 10,000.
    pub batch_messages_max: usize,
    /// A longer JSON message is refused, a longer line of text is cut, in bytes. Default 65,536.
    pub message_bytes_max: usize,
    /// Connections open at a time; more are refused. Default 1,024.
    pub connections_max: usize,
    /// Bodies that are read and stored at a time; more wait. Default 32.
    pub requests_max: usize,
    /// How long a connection may take to send a request's head, in milliseconds, and be idle
    /// between two. Default 60,000.
    pub head_timeout_ms: u64,
    /// How long a body may take, in milliseconds. Default 30,000.
    pub body_timeout_ms: u64,
    /// How long a batch may wait for room before the journal, in milliseconds. Default 2,000.
    pub room_timeout_ms: u64,
    /// What a 503 tells its sender to wait, in seconds. Default 5.
    pub retry_after_s: u32,
    /// Networks that may connect; none given: all.
    pub allowed_sources: Vec<IpNet>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([0, 0, 0, 0], 8514)),
            api_keys: ApiKeys::default(),
            body_bytes_max: 8 * 1024 * 1024,
            batch_messages_max: 10_000,
            message_bytes_max: 64 * 1024,
            connections_max: 1024,
            requests_max: 32,
            head_timeout_ms: 60_000,
            body_timeout_ms: 30_000,
            room_timeout_ms: 2_000,
            retry_after_s: 5,
            allowed_sources: Vec::new(),
        }
    }
}

/// The HTTP input, listening.
#[derive(Debug)]
pub struct Http {
    listener: TcpListener,
    address: SocketAddr,
    config: HttpConfig,
}

impl Http {
    /// Opens the socket.
    ///
    /// # Errors
    /// [`InputError::Bind`].
    pub fn bind(config: HttpConfig) -> Result<Self, InputError> {
        let listener = stream::listen(INPUT, config.bind)?;
        let address = stream::address_of(INPUT, &listener)?;
        Ok(Self { listener, address, config })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is cancelled; returns when all requests are answered.
    ///
    /// # Errors
    /// [`InputError::Journal`] when the journal takes nothing more.
    pub async fn serve(
        self,
        intake: Arc<Intake>,
        shutdown: CancellationToken,
    ) -> Result<(), InputError> {
        let Self { listener, config, .. } = self;
        if config.api_keys.is_empty() {
            tracing::warn!(input = INPUT.name(), "no API key is set: whoever connects may send");
        }
        let door = Door::new(INPUT, intake, &config.allowed_sources);
        let (connections_max, head) = (config.connections_max, config.head_timeout_ms);
        let site = Arc::new(Site {
            door: door.clone(),
            requests: Semaphore::new(config.requests_max.max(1)),
            config,
            storing: TaskTracker::new(),
        });
        let router = Router::new()
            .route(INGEST, post(ingest))
            .route("/healthz", get(|| async { "ok\n" }))
            .with_state(Arc::clone(&site));
        let serve_one = |socket, peer, stop| {
            let router = router.clone().layer(Extension(Peer(peer)));
            serve_connection(socket, router, Duration::from_millis(head), stop)
        };
        let end = stream::accept(listener, &door, connections_max, &shutdown, serve_one).await;
        // A sender may leave before its answer; what it sent is stored and counted all the same.
        site.storing.close();
        site.storing.wait().await;
        end
    }
}

#[derive(Clone, Copy)]
struct Peer(SocketAddr);

async fn serve_connection(
    socket: TcpStream,
    router: Router,
    head: Duration,
    stop: CancellationToken,
) -> &'static str {
    let _ = socket.set_nodelay(true); // an answer is one small write
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(socket), TowerToHyperService::new(router));
    tokio::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return if ended.is_ok() { "peer" } else { "broken" },
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await; // the request in hand is answered; its timeouts bound this
    "shutdown"
}

/// What all requests share.
struct Site {
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

async fn ingest(
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
        let prepare = {
            let (site, len) = (Arc::clone(self), body.len());
            let prepare = move || site.prepare(peer, content, gzip, &body, idempotency_key);
            (len, prepare)
        };
        let round = match prepare {
            (0..LARGE_BYTES, prepare) => prepare(),
            (_, prepare) => match tokio::task::spawn_blocking(prepare).await {
                Ok(round) => round,
                Err(_) => return Err(self.stopping().into()),
            },
        }?;
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
                &Arrival { kind, flags, session: 0, peer: Some(peer), dedup, raw },
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
    let id = |(position, partition): (u64, &u16)| {
        MessageId { appended: receipt.time, partition: *partition, position }.to_string()
    };
    let ids = if partitions.len() <= IDS_MAX {
        (receipt.first.0..).zip(partitions).map(id).collect()
    } else {
        Vec::new()
    };
    Accepted { accepted: partitions.len(), ids }
}
