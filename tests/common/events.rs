//! Listens to server-sent events of a MUTT under test, as a browser's EventSource does.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::Value;

use super::wait;

/// An event as it came.
#[derive(Clone, PartialEq, Debug)]
pub struct Heard {
    /// Its name.
    pub event: String,
    /// Its data.
    pub data: Value,
}

#[derive(Debug, Default)]
struct Log {
    status: u16,
    heard: Vec<Heard>,
    /// The connection is closed.
    over: bool,
}

/// A stream that is listened to until it is dropped.
pub struct Events {
    stream: TcpStream,
    log: Arc<Mutex<Log>>,
}

impl Events {
    /// Listens at a path of the API, with this header.
    pub fn listen(address: SocketAddr, path: &str, header: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("a connection to the API");
        let head = format!(
            "GET /api/v1{path} HTTP/1.1\r\nHost: mutt\r\nAccept: text/event-stream\r\n{header}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("a request");
        let log = Arc::new(Mutex::new(Log::default()));
        let (reading, writes) = (stream.try_clone().expect("a second handle"), Arc::clone(&log));
        thread::spawn(move || {
            read(BufReader::new(reading), &writes);
            writes.lock().unwrap_or_else(PoisonError::into_inner).over = true;
        });
        let events = Self { stream, log };
        wait::until_true("an answer", || events.with(|log| log.status != 0 || log.over));
        events
    }

    fn with<T>(&self, ask: impl FnOnce(&Log) -> T) -> T {
        ask(&self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The status of the answer.
    pub fn status(&self) -> u16 {
        self.with(|log| log.status)
    }

    /// Waits for an event of this name whose data fits; answers its data.
    pub fn wait_for(&self, event: &str, fits: impl Fn(&Value) -> bool) -> Value {
        wait::until(&format!("an event `{event}`"), || {
            self.with(|log| {
                let found = log.heard.iter().find(|one| one.event == event && fits(&one.data));
                found.map(|one| one.data.clone()).ok_or_else(|| format!("{:?}", log.heard))
            })
        })
    }

    /// Forgets what came until now.
    pub fn forget(&self) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).heard.clear();
    }

    /// Waits until the other side has ended it.
    pub fn wait_over(&self) {
        wait::until_true("the end of the stream", || self.with(|log| log.over));
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // The reader ends by that; it may be over already.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

/// Reads lines; those of chunks' lengths begin with no name of a field.
fn read(lines: impl BufRead, log: &Mutex<Log>) {
    let mut event = String::new();
    for line in lines.lines().map_while(Result::ok) {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        // The last chunk: the answer ends, and the connection may be asked for more.
        if line == "0" {
            return;
        }
        if let Some(status) = line.strip_prefix("HTTP/1.1 ") {
            log.status = status.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0);
        } else if let Some(name) = line.strip_prefix("event: ") {
            name.clone_into(&mut event);
        } else if let Some(data) = line.strip_prefix("data: ") {
            let data = serde_json::from_str(data).expect("data is JSON");
            log.heard.push(Heard { event: std::mem::take(&mut event), data });
        }
    }
}
