//! A stand-in for Moogsoft: both products on one port, strict about the contract, with answers
//! that the caller chooses.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{contract, locked};

/// The key that the cloud's door wants in `apiKey`, until [`Moogsoft::wants`] another.
pub const API_KEY: &str = "stand-in-key";

/// Which product a request was for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Product {
    /// On-prem.
    Webhook,
    /// Cloud.
    Cloud,
}

/// How the stand-in answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reply {
    /// As the product does: checks the contract, takes the events.
    Well,
    /// With this status; takes nothing.
    Status(u16),
    /// With this status and Retry-After; takes nothing.
    RetryAfter(u16, u32),
    /// Status 200 and `{"success":false}`; takes nothing.
    NoSuccess,
    /// Not at all.
    Hang,
    /// Takes the events, and then never answers: the sender cannot know.
    TakeAndHang,
}

/// One event that was taken.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    /// Which product took it.
    pub product: Product,
    /// What makes it one alert.
    pub signature: String,
    /// 0 clear, 1 unknown, 2 warning, 3 minor, 4 major, 5 critical.
    pub severity: u8,
    /// The device.
    pub source: String,
    /// The summary.
    pub description: String,
    /// The notice's id.
    pub notice_id: String,
    /// `open`, `worse` or `clear`.
    pub kind: String,
    /// The id of the message that opened the alert.
    pub correlation_id: String,
    /// All of it.
    pub event: Value,
}

/// One request, taken or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Which product it was for.
    pub product: Product,
    /// The notices in it, if its body could be read.
    pub notice_ids: Vec<String>,
    /// How it was answered; 0: not at all.
    pub status: u16,
}

#[derive(Debug)]
struct Records {
    key: String,
    always: Reply,
    script: VecDeque<Reply>,
    told: Vec<Told>,
    asked: Vec<Asked>,
    faults: Vec<String>,
}

#[derive(Debug)]
struct Shared {
    records: Mutex<Records>,
    stop: watch::Sender<bool>,
}

/// A stand-in Moogsoft on a free port of 127.0.0.1. Dropping it stops it.
#[derive(Debug)]
pub struct Moogsoft {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: Mutex<Option<JoinHandle<()>>>,
}

impl Moogsoft {
    /// Starts one that answers well.
    ///
    /// # Errors
    /// No port.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let records = Records {
            key: API_KEY.to_owned(),
            always: Reply::Well,
            script: VecDeque::new(),
            told: Vec::new(),
            asked: Vec::new(),
            faults: Vec::new(),
        };
        let shared =
            Arc::new(Shared { records: Mutex::new(records), stop: watch::Sender::new(false) });
        let address = listener.local_addr()?;
        let server = Mutex::new(Some(serve(listener, Arc::clone(&shared))));
        Ok(Self { address, shared, server })
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the on-prem product listens.
    pub fn webhook_url(&self) -> String {
        format!("http://{}/events/webhook_webhook1", self.address)
    }

    /// Where the cloud product listens; it wants [`API_KEY`].
    pub fn cloud_url(&self) -> String {
        format!("http://{}/v1/integrations/events", self.address)
    }

    /// From now on the cloud's door wants this key, and answers 401 to all others.
    pub fn wants(&self, key: &str) {
        key.clone_into(&mut locked(&self.shared.records).key);
    }

    /// How it answers from now on.
    pub fn answer(&self, reply: Reply) {
        locked(&self.shared.records).always = reply;
    }

    /// How it answers the next requests, one by one; then as before.
    pub fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        locked(&self.shared.records).script.extend(replies);
    }

    /// The events that it took, in order.
    pub fn told(&self) -> Vec<Told> {
        locked(&self.shared.records).told.clone()
    }

    /// How many events it took.
    pub fn told_count(&self) -> usize {
        locked(&self.shared.records).told.len()
    }

    /// All requests, in order.
    pub fn asked(&self) -> Vec<Asked> {
        locked(&self.shared.records).asked.clone()
    }

    /// What broke the contract.
    pub fn faults(&self) -> Vec<String> {
        locked(&self.shared.records).faults.clone()
    }

    /// The signatures whose last event is no clear, with their last severity.
    pub fn open(&self) -> HashMap<String, u8> {
        let mut open = HashMap::new();
        for told in &locked(&self.shared.records).told {
            if told.severity == 0 {
                open.remove(&told.signature);
            } else {
                open.insert(told.signature.clone(), told.severity);
            }
        }
        open
    }

    /// Stops listening; what it took is kept. Requests that hang are answered with 503.
    pub async fn stop(&self) {
        self.shared.stop.send_replace(true);
        let server = locked(&self.server).take();
        if let Some(server) = server {
            // Only a panic in a handler could fail it, and that is no matter here.
            let _ = server.await;
        }
    }

    /// Listens again on the same port.
    ///
    /// # Errors
    /// Somebody else has the port.
    pub async fn start_again(&self) -> io::Result<()> {
        self.stop().await;
        let listener = TcpListener::bind(self.address).await?;
        self.shared.stop.send_replace(false);
        *locked(&self.server) = Some(serve(listener, Arc::clone(&self.shared)));
        Ok(())
    }
}

impl Drop for Moogsoft {
    fn drop(&mut self) {
        self.shared.stop.send_replace(true);
    }
}

fn serve(listener: TcpListener, shared: Arc<Shared>) -> JoinHandle<()> {
    let mut stop = shared.stop.subscribe();
    let app = Router::new()
        .route("/events/{name}", post(webhook))
        .route("/v1/integrations/events", post(cloud))
        .with_state(shared);
    tokio::spawn(async move {
        let stopped = async move {
            let _ = stop.wait_for(|stop| *stop).await;
        };
        let _ = axum::serve(listener, app).with_graceful_shutdown(stopped).await;
    })
}

async fn webhook(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    handle(&shared, Product::Webhook, &headers, &body).await
}

async fn cloud(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    handle(&shared, Product::Cloud, &headers, &body).await
}

async fn handle(shared: &Shared, product: Product, headers: &HeaderMap, body: &[u8]) -> Response {
    let (reply, response) = {
        let mut records = locked(&shared.records);
        let reply = records.script.pop_front().unwrap_or(records.always);
        let response = records.decide(reply, product, headers, body);
        (reply, response)
    };
    if matches!(reply, Reply::Hang | Reply::TakeAndHang) {
        let mut stop = shared.stop.subscribe();
        let _ = stop.wait_for(|stop| *stop).await;
        return response_of(503, None, json!({ "message": "stopped" }));
    }
    response
}

impl Records {
    fn decide(
        &mut self,
        reply: Reply,
        product: Product,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Response {
        let checked = check_headers(product, headers, &self.key)
            .and_then(|()| contract::check(product, body).map_err(|what| (400, what)));
        let events = checked.clone().unwrap_or_default();
        let notice_ids = events.iter().map(|told| told.notice_id.clone()).collect();
        let number = events.len();
        // Another key than it wants is no breach: keys change.
        if let Err((400, what)) = &checked {
            self.faults.push(what.clone());
        }
        if matches!(reply, Reply::Well | Reply::TakeAndHang) {
            self.told.extend(events);
        }
        let (status, after, answer) = match (reply, &checked) {
            (Reply::Well, Ok(_)) => {
                let message = format!("Processed {number} events");
                (200, None, json!({ "success": true, "message": message, "statusCode": 0 }))
            }
            (Reply::Well, Err((status, what))) => (*status, None, json!({ "message": what })),
            (Reply::Status(status), _) => (status, None, json!({ "message": "as told" })),
            (Reply::RetryAfter(status, seconds), _) => {
                (status, Some(seconds), json!({ "message": "later" }))
            }
            (Reply::NoSuccess, _) => (200, None, json!({ "success": false, "message": "no" })),
            (Reply::Hang | Reply::TakeAndHang, _) => (0, None, Value::Null),
        };
        self.asked.push(Asked { product, notice_ids, status });
        response_of(status, after, answer)
    }
}

fn check_headers(product: Product, headers: &HeaderMap, key: &str) -> Result<(), (u16, String)> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if product == Product::Cloud && text("apikey") != Some(key) {
        return Err((401, "apiKey is wrong or missing".to_owned()));
    }
    match text(header::CONTENT_TYPE.as_str()) {
        Some(kind) if kind.starts_with("application/json") => Ok(()),
        other => Err((400, format!("content-type {other:?}"))),
    }
}

fn response_of(status: u16, after: Option<u32>, body: Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    if let Some(after) = after {
        headers.insert(header::RETRY_AFTER, header::HeaderValue::from(after));
    }
    response
}
