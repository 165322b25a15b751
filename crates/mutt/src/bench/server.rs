//! A webhook that only looks at when alerts arrive: it finds the time of sending in their text.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use mutt_journal::{Clock, SystemClock};

/// The time now, in microseconds since the epoch.
pub fn now_us() -> i64 {
    SystemClock.now().as_micros()
}

/// A running webhook.
pub struct Webhook {
    /// Where it is.
    pub url: String,
    delays: Arc<Mutex<Vec<Duration>>>,
}

impl Webhook {
    /// Starts it on a free port.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/events", listener.local_addr()?);
        let delays: Arc<Mutex<Vec<Duration>>> = Arc::default();
        let all = Arc::clone(&delays);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let all = Arc::clone(&all);
                thread::spawn(move || serve(stream, &all));
            }
        });
        Ok(Self { url, delays })
    }

    /// How late each alert so far came.
    pub fn delays(&self) -> Vec<Duration> {
        self.delays.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Answers each request with 200 until the connection ends.
fn serve(stream: TcpStream, delays: &Mutex<Vec<Duration>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let header = line.trim().to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if header.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        note(&String::from_utf8_lossy(&body), delays);
        writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()?;
    }
}

/// Each alert's description is its message: `probe N sent T us`.
fn note(body: &str, delays: &Mutex<Vec<Duration>>) {
    let now = now_us();
    let Ok(body) = serde_json::from_str::<serde_json::Value>(body) else { return };
    let events = body["events"].as_array().into_iter().flatten();
    let sent = events.filter_map(|event| {
        let text = event["description"].as_str()?.split("sent ").nth(1)?;
        text.split(' ').next()?.parse::<i64>().ok()
    });
    let late =
        sent.map(|sent| Duration::from_micros(now.saturating_sub(sent).max(0).unsigned_abs()));
    delays.lock().unwrap_or_else(PoisonError::into_inner).extend(late);
}
