//! HTTP, spoken as bytes.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use mutt_event::{Input, Kind, MessageId};
use mutt_input::{ApiKeys, Http, HttpConfig, Refusal};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::journal::{APPENDED, Journal, Mode, Running, loopback, raws, run, until, within};

const A: &str = r#"{"message":"a",  "hostname":"r1"}"#;

fn start(journal: &Journal, config: HttpConfig) -> (SocketAddr, Running) {
    let api_keys = ApiKeys::new(["sesame"]);
    let http = Http::bind(HttpConfig { bind: loopback(), api_keys, ..config }, None).unwrap();
    (http.address(), run(journal, Input::Http, |intake, stop| http.serve(intake, stop)))
}

struct Answer {
    status: u16,
    head: String,
    body: Value,
}

/// Posts with the key and these headers.
async fn post(address: SocketAddr, headers: &str, body: &[u8]) -> Answer {
    let headers = format!("X-API-KEY: sesame\r\n{headers}");
    request(address, "POST /api/v2/ingest", &headers, body).await
}

async fn request(address: SocketAddr, what: &str, headers: &str, body: &[u8]) -> Answer {
    let mut stream = begin(address, what, headers, body).await;
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer {
        status,
        head: head.to_lowercase(),
        body: serde_json::from_str(body).unwrap_or_default(),
    }
}

/// Sends a request and leaves the answer to the caller.
async fn begin(address: SocketAddr, what: &str, headers: &str, body: &[u8]) -> TcpStream {
    let len = body.len();
    let head = format!(
        "{what} HTTP/1.1\r\nHost: mutt\r\nConnection: close\r\nContent-Length: {len}\r\n{headers}\r\n"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    stream
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const GZIP: &str = "Content-Encoding: gzip\r\n";
const TEXT: &str = "Content-Type: text/plain\r\n";

#[tokio::test]
async fn a_batch_is_stored_exactly_and_answered_with_ids() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, HttpConfig::default());
    let answer = post(address, "", format!("[{A},\n {A}]").as_bytes()).await;
    assert_eq!(
        (answer.status, answer.body["accepted"].as_u64()),
        (202, Some(2)),
        "{}",
        answer.head
    );
    let stored = journal.now();
    assert_eq!(raws(&stored), [A.as_bytes(), A.as_bytes()]);
    assert!(stored.iter().all(|m| (m.input, m.kind, m.session) == (Input::Http, Kind::Json, 0)));
    let partition = mutt_event::partition_of(&stored[1].host, crate::journal::PARTITIONS);
    let id = MessageId { appended: APPENDED, partition, position: 2 };
    assert_eq!(answer.body["ids"][1], id.to_string());
    let answer = post(address, GZIP, &gzip(A.as_bytes())).await;
    assert_eq!((answer.status, journal.now().len()), (202, 3));
    let answer = post(address, TEXT, b"<13>b\n<13>\xff\n").await;
    assert_eq!((answer.status, answer.body["accepted"].as_u64()), (202, Some(2)));
    let stored = journal.now();
    assert_eq!(raws(&stored)[3..], [&b"<13>b"[..], b"<13>\xff"]);
    assert_eq!(stored[3].kind, Kind::Syslog);
    running.stop().await;
}

#[tokio::test]
async fn a_large_batch_is_one_append() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, HttpConfig::default());
    let body = [A; 5_000].join("\n");
    let answer = post(address, GZIP, &gzip(body.as_bytes())).await;
    assert_eq!((answer.status, answer.body["accepted"].as_u64()), (202, Some(5_000)));
    let answer = post(address, "", body.as_bytes()).await;
    assert_eq!((answer.status, answer.body.get("ids")), (202, None));
    assert_eq!(journal.now().len(), 10_000);
    running.stop().await;
}

#[tokio::test]
async fn nothing_is_stored_of_a_bad_batch() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, HttpConfig::default());
    let answer = post(address, "", format!("{A}\n{{\"message\":[]}}\n{A}").as_bytes()).await;
    assert_eq!(answer.status, 400);
    assert_eq!((&answer.body["index"], &answer.body["line"]), (&1.into(), &2.into()));
    assert!(answer.body["error"].as_str().unwrap().contains("expected a string"));
    assert_eq!(post(address, GZIP, b"no gzip").await.status, 400);
    assert_eq!(post(address, "", b"").await.status, 400);
    running.stop().await;
    assert!(journal.now().is_empty());
    assert_eq!(journal.meter(Input::Http).refused(Refusal::BadBody), 3);
}

#[tokio::test]
async fn who_may_not_and_what_is_not_taken() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, HttpConfig::default());
    let ingest = "POST /api/v2/ingest";
    assert_eq!(request(address, ingest, "", A.as_bytes()).await.status, 401);
    let wrong = request(address, ingest, "X-API-KEY: open\r\n", A.as_bytes()).await;
    assert_eq!(wrong.status, 401);
    assert!(!wrong.body.to_string().contains("sesame"));
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(post(address, form, A.as_bytes()).await.status, 415);
    assert_eq!(post(address, "Content-Encoding: br\r\n", A.as_bytes()).await.status, 415);
    assert_eq!(request(address, "GET /api/v2/ingest", "", b"").await.status, 405);
    assert_eq!(request(address, "POST /api/v1/ingest", "", b"").await.status, 404);
    assert_eq!(request(address, "GET /healthz", "", b"").await.status, 200);
    running.stop().await;
    assert!(journal.now().is_empty());
    let meter = journal.meter(Input::Http);
    assert_eq!(meter.refused(Refusal::Unauthorized), 2);
    assert_eq!(meter.refused(Refusal::ContentType), 2);
}

#[tokio::test]
async fn what_is_too_large_is_refused_also_after_inflation() {
    let journal = Journal::new(Mode::Store);
    let config =
        HttpConfig { body_bytes_max: 1_000, batch_messages_max: 3, ..HttpConfig::default() };
    let (address, running) = start(&journal, config);
    let spaces = vec![b' '; 1_001];
    assert_eq!(post(address, "", &spaces).await.status, 413);
    assert_eq!(post(address, GZIP, &gzip(&vec![b' '; 1 << 20])).await.status, 413);
    assert_eq!(post(address, TEXT, b"a\nb\nc\nd").await.status, 413);
    assert_eq!(post(address, TEXT, b"a\nb\nc").await.status, 202);
    running.stop().await;
    assert_eq!(journal.meter(Input::Http).refused(Refusal::TooLarge), 3);
}

#[tokio::test]
async fn a_full_journal_answers_503_and_when_to_come_again() {
    let journal = Journal::new(Mode::Full);
    let (address, running) = start(&journal, HttpConfig::default());
    let answer = post(address, "", A.as_bytes()).await;
    assert_eq!(answer.status, 503);
    assert!(answer.head.contains("retry-after: 5"), "{}", answer.head);
    assert!(answer.body["error"].as_str().unwrap().contains("journal full"));
    assert_eq!(journal.meter(Input::Http).refused(Refusal::JournalFull), 1);
    journal.set(Mode::Store);
    assert_eq!(post(address, "", A.as_bytes()).await.status, 202);
    running.stop().await;
}

#[tokio::test]
async fn no_room_before_the_journal_answers_503_too() {
    let journal = Journal::with_queue(Mode::Hold, 100);
    let config = HttpConfig { room_timeout_ms: 20, ..HttpConfig::default() };
    let (address, running) = start(&journal, config);
    let meter = journal.meter(Input::Http);
    let key = "X-API-KEY: sesame\r\n";
    let mut first = begin(address, "POST /api/v2/ingest", key, &[b' ', b' '].repeat(50)).await;
    let mut rest = String::new();
    within(first.read_to_string(&mut rest)).await.unwrap(); // spaces are a 400, and take no room
    let first = begin(address, "POST /api/v2/ingest", key, [A; 5].join("\n").as_bytes()).await;
    until("the first waits for the disk", || meter.received.get() == 6).await;
    let answer = post(address, "", A.as_bytes()).await;
    assert_eq!((answer.status, meter.refused(Refusal::BackPressure)), (503, 1));
    assert!(answer.head.contains("retry-after"));
    drop(first); // it leaves before its answer: stored and counted all the same
    journal.set(Mode::Store);
    journal.stored(5).await;
    running.stop().await;
}

/// 2xx goes out only after the whole batch is on disk.
#[tokio::test]
async fn the_answer_waits_for_the_disk() {
    let journal = Journal::new(Mode::Hold);
    let (address, running) = start(&journal, HttpConfig::default());
    let key = "X-API-KEY: sesame\r\n";
    let mut stream = begin(address, "POST /api/v2/ingest", key, A.as_bytes()).await;
    let meter = journal.meter(Input::Http);
    until("it is read", || meter.received.get() == 1).await;
    let early = tokio::time::timeout(Duration::from_millis(50), stream.read_u8()).await;
    assert!(early.is_err(), "an answer came too early");
    running.shut_down(); // a request in hand is answered first
    journal.set(Mode::Store);
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    running.ended().await.unwrap();
}

#[tokio::test]
async fn a_repeat_has_the_same_dedup() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, HttpConfig::default());
    let batch = format!("{A}\n{A}");
    let key = "Idempotency-Key: 6f1c\r\n";
    for headers in [key, key, ""] {
        assert_eq!(post(address, headers, batch.as_bytes()).await.status, 202);
    }
    let known = br#"{"message":"a","correlation_id":"c1"}"#;
    for _ in 0..2 {
        assert_eq!(post(address, "", known).await.status, 202);
    }
    let dedup: Vec<_> = journal.now().iter().map(|message| message.dedup).collect();
    assert_eq!((dedup[0], dedup[1]), (dedup[2], dedup[3]));
    assert!(dedup[0].is_some() && dedup[0] != dedup[1]);
    assert_eq!((dedup[4], dedup[5]), (None, None));
    assert!(dedup[6].is_some() && dedup[6] == dedup[7] && dedup[6] != dedup[0]);
    running.stop().await;
}

#[tokio::test]
async fn slow_senders_are_cut_off() {
    let journal = Journal::new(Mode::Store);
    let config = HttpConfig { head_timeout_ms: 20, body_timeout_ms: 20, ..HttpConfig::default() };
    let (address, running) = start(&journal, config);
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"POST /api").await.unwrap();
    let mut rest = Vec::new();
    let _ = within(idle.read_to_end(&mut rest)).await; // an answer or none: closed
    let key = "X-API-KEY: sesame\r\n";
    let mut slow = TcpStream::connect(address).await.unwrap();
    let head =
        format!("POST /api/v2/ingest HTTP/1.1\r\nHost: m\r\nContent-Length: 9\r\n{key}\r\n{{");
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    within(slow.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    drop(slow);
    running.stop().await;
    assert_eq!(journal.meter(Input::Http).refused(Refusal::TooSlow), 1);
}
